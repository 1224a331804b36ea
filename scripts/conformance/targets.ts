/**
 * What the suite is run against. Each target starts what it needs from the built bins, in a MESH_HOME and on a registry of
 * its own, and stops all of it.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AgentResource } from '../../core/model/registry-api.ts'
import { freePort } from '../../test/support/mesh.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const meshctl = join(root, 'dist/core/cli/meshctl.js')

export interface Target {
  /** What the suite is told to check, as its command line has it. */
  of: readonly string[]
  /** Extensions that are not offered: no revision requires them. */
  without?: readonly string[]
  close: () => Promise<void>
}

/** By the names that `--target` takes. */
export const targets: Record<string, () => Promise<Target>> = {
  agent: () => serverOf('everything', 'examples/everything'),
  gateway: () => gatewayOf('examples/everything'),
  client: clientOfOurs,
}

/** The endpoint of a gateway that shows what is started. */
async function gatewayOf(...paths: string[]): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'mesh-conformance-gateway-'))
  const file = join(folder, 'mesh.yaml')
  const manifest = { kind: 'Gateway', metadata: { name: 'front' }, spec: { version: '1.0.0' } }
  await writeFile(file, JSON.stringify({ apiVersion: 'mcp-mesh.dev/v1', ...manifest }))
  const target = await serverOf('front', ...paths, file)
  return {
    ...target,
    async close() {
      await target.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Our Node, not the one that the suite brings for itself. All scenarios of a set start at once, and wait for each other. */
async function clientOfOurs(): Promise<Target> {
  const slots = await mkdtemp(join(tmpdir(), 'mesh-conformance-slots-'))
  const command = [
    ...[process.execPath, '--import', join(root, 'scripts/typescript.mjs')],
    ...[join(root, 'scripts/conformance/client.ts'), slots],
  ]
  return {
    of: ['client', '--command', command.join(' '), '--timeout', '900000'],
    without: [
      ...['auth/dpop', 'auth/dpop-nonce', 'auth/wif-jwt-bearer'],
      'auth/enterprise-managed-authorization',
    ],
    close: () => rm(slots, { recursive: true, force: true }),
  }
}

/** The MCP endpoint of an agent out of what is started. Throws where it does not come up. */
async function serverOf(agent: string, ...paths: string[]): Promise<Target> {
  const mesh = await startMesh(paths)
  try {
    const { status } = JSON.parse(
      await mesh.ctl('get', 'agent', agent, '-o', 'json'),
    ) as AgentResource
    const [instance] = status.instances
    if (!instance) throw new Error(`${agent} has no instance`)
    return { of: ['server', '--url', instance.endpoint], close: mesh.close }
  } catch (error) {
    await mesh.close()
    throw error
  }
}

interface StartedMesh {
  /** Its standard output; rejects where the exit code is another than 0. */
  ctl(...args: string[]): Promise<string>
  close: () => Promise<void>
}

async function startMesh(paths: readonly string[]): Promise<StartedMesh> {
  const home = await mkdtemp(join(tmpdir(), 'mesh-conformance-home-'))
  const registry = `http://127.0.0.1:${await freePort()}`
  const env: NodeJS.ProcessEnv = { ...process.env, MESH_HOME: home, MESH_REGISTRY_URL: registry }
  for (const name of ['MESH_TOKEN', 'DATABASE_URL', 'REDIS_URL']) delete env[name]
  const ctl = (...args: string[]) =>
    new Promise<string>((resolve, reject) => {
      execFile(
        process.execPath,
        [meshctl, ...args],
        { cwd: root, env },
        (error, stdout, stderr) => {
          if (error) reject(new Error(`meshctl ${args.join(' ')} failed: ${stderr}${stdout}`))
          else resolve(stdout)
        },
      )
    })
  const close = async () => {
    await ctl('stop')
    await rm(home, { recursive: true, force: true })
  }
  try {
    await ctl('start', ...paths, '--detach')
  } catch (error) {
    await close().catch(() => undefined) // what failed first is what matters
    throw error
  }
  return { ctl, close }
}
