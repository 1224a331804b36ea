/** The `_meta` of the calls that are read without the SDK: those of clients that can be asked nothing, in words that agents know. */
import { isRecord } from './content.ts'

export const version = '2026-07-28'
const reserved = 'io.modelcontextprotocol/'
const keys = {
  protocolVersion: `${reserved}protocolVersion`,
  clientInfo: `${reserved}clientInfo`,
  clientCapabilities: `${reserved}clientCapabilities`,
}

/** Whether it is the `_meta` of such a call. */
export function isEnvelope(meta: unknown): boolean {
  if (!isRecord(meta) || meta[keys.protocolVersion] !== version) return false
  for (const key of Object.keys(meta)) {
    const value = meta[key]
    if (key === keys.protocolVersion) continue
    if (key === keys.clientCapabilities) {
      if (!isRecord(value) || Object.keys(value).length > 0) return false
    } else if (key === keys.clientInfo) {
      if (!isRecord(value) || !hasOnly(value, ['name', 'version'])) return false
      if (typeof value['name'] !== 'string' || typeof value['version'] !== 'string') return false
    } else if (!isMember(key, value)) return false
  }
  return keys.clientCapabilities in meta
}

/** Whether it has none but these keys. */
export function hasOnly(value: Record<string, unknown>, known: readonly string[]): boolean {
  for (const key of Object.keys(value)) if (!known.includes(key)) return false
  return true
}

/** Those that MCP has without a prefix. */
const traceKeys = ['traceparent', 'tracestate', 'baggage']

/** What an agent may say in `_meta` beside protocol version, client and its capabilities. */
export function isMember(name: string, value: unknown): boolean {
  if (name.startsWith('mcp-mesh.dev/')) return true
  if (name === 'progressToken') return typeof value === 'string' || Number.isSafeInteger(value)
  return traceKeys.includes(name) && typeof value === 'string'
}
