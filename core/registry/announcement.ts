/** An announcement as it came over the wire, checked by hand: it is the body that comes most often. Unknown keys may come from newer agents. */
import { MeshError } from '../model/error.ts'
import type { Announcement } from '../model/registry-api.ts'
import type { Manifest } from '../model/manifest.ts'

/** `schema` is what /openapi.json says of the field. */
type Rule = [test: (value: unknown) => boolean, what: string, schema: object]

const text = (pattern: RegExp, maxLength: number, what: string): Rule => [
  value => typeof value === 'string' && value.length <= maxLength && pattern.test(value),
  what,
  { type: 'string', pattern: pattern.source, maxLength },
]
const dnsLabel = text(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 63, 'a DNS label')
const count: Rule = [
  value => Number.isSafeInteger(value) && Number(value) >= 0,
  'a whole number from 0 on',
  { type: 'integer', minimum: 0 },
]

const rules: Record<Exclude<keyof Announcement, 'manifest' | 'drift' | 'unhealthy'>, Rule> = {
  id: text(/^[A-Za-z0-9]([A-Za-z0-9._-]*)$/, 128, 'letters, digits, dots and dashes, at most 128'),
  namespace: dnsLabel,
  agent: dnsLabel,
  digest: text(/^sha256:[0-9a-f]{64}$/, 71, '"sha256:" and 64 hex digits'),
  endpoint: [
    isEndpoint,
    'an http or https URL without credentials',
    { type: 'string', format: 'uri', maxLength: 2048 },
  ],
  pid: count,
  host: text(/^[^\0-\x1f]*$/, 253, 'a host name'),
  rejoin: [value => typeof value === 'boolean', 'true or false', { type: 'boolean' }],
  observedGeneration: count,
}

const fields = Object.entries(rules).map(([field, [test, what]]) => [field, test, what] as const)

/** The same rules as JSON Schema. */
export const announcementSchema = {
  type: 'object',
  required: Object.keys(rules),
  properties: {
    ...Object.fromEntries(Object.entries(rules).map(([field, [, , schema]]) => [field, schema])),
    manifest: { $ref: '#/components/schemas/Manifest' },
    drift: {
      type: 'object',
      required: ['generation', 'reason'],
      properties: { generation: count[2], reason: { type: 'string', maxLength: 4096 } },
    },
    unhealthy: {
      type: 'object',
      required: ['reason'],
      properties: { reason: { type: 'string', maxLength: 4096 } },
    },
  },
}

/** Throws MESH_BODY_INVALID, naming every field that is wrong. */
export function checkAnnouncement(body: unknown): Announcement {
  if (!isRecord(body)) throw invalid(['the body is no object'])
  const faults: string[] = []
  for (const [field, test, what] of fields) {
    const value = body[field]
    if (value === undefined) faults.push(`${field} is missing`)
    else if (!test(value)) faults.push(`${field} ${quote(value)} is not ${what}`)
  }
  const { manifest, drift, unhealthy } = body
  if (manifest !== undefined && !isRecord(manifest)) faults.push('manifest is no object')
  if (drift !== undefined && !isDrift(drift)) faults.push('drift is not { generation, reason }')
  if (unhealthy !== undefined && !isUnhealthy(unhealthy)) {
    faults.push('unhealthy is not { reason }')
  }
  if (faults.length > 0) throw invalid(faults)
  const { id, namespace, agent, digest, endpoint } = body as unknown as Announcement
  const { pid, host, rejoin, observedGeneration } = body as unknown as Announcement
  return {
    ...{ id, namespace, agent, digest, endpoint, pid, host, rejoin, observedGeneration },
    ...(manifest === undefined ? {} : { manifest: manifest as unknown as Manifest }),
    ...(isDrift(drift) ? { drift: { generation: drift.generation, reason: drift.reason } } : {}),
    ...(isUnhealthy(unhealthy) ? { unhealthy: { reason: unhealthy.reason } } : {}),
  }
}

function isEndpoint(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > 2048) return false
  try {
    const { protocol, username, password } = new URL(value)
    return /^https?:$/.test(protocol) && username === '' && password === ''
  } catch {
    return false
  }
}

function isDrift(value: unknown): value is { generation: number; reason: string } {
  if (!isRecord(value)) return false
  const { generation, reason } = value
  return count[0](generation) && typeof reason === 'string' && reason.length <= 4096
}

function isUnhealthy(value: unknown): value is { reason: string } {
  return isRecord(value) && typeof value.reason === 'string' && value.reason.length <= 4096
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function quote(value: unknown): string {
  const json = JSON.stringify(value)
  return json.length > 100 ? `${json.slice(0, 100)}…` : json
}

function invalid(faults: string[]): MeshError {
  return new MeshError('MESH_BODY_INVALID', `the announcement is not one: ${faults.join('; ')}`)
}
