/** Two plain functions; system-agent/mesh.yaml offers them to other agents and to MCP clients. */
import { arch, platform, uptime } from 'node:os'

/** `Sunday, November 22, 2026`, in the zone asked for. */
export function date({ zone = 'UTC' }: { zone?: string }): string {
  const format = new Intl.DateTimeFormat('en-US', { dateStyle: 'full', timeZone: zone })
  return format.format(new Date())
}

export function info() {
  return {
    platform: platform(),
    arch: arch(),
    node: process.version,
    uptimeSeconds: Math.round(uptime()),
  }
}
