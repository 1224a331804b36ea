/**
 * Headers that a manifest adds to calls: names that are free, and values that are no secrets. No value is repeated in a
 * message: it may be the secret that does not belong there.
 */
import { faultOf, type Fault, type Path } from './fault.ts'
import { isReference } from './reference.ts'
import { record } from './record.ts'

/** What the mesh, MCP or HTTP itself writes, and where the manifest has a place for it. */
const reserved: readonly [RegExp, string][] = [
  [/^authorization$/, 'write auth: { bearer: "${env:TOKEN}" } beside headers'],
  [/^(host|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect)$/, ''],
  [/^(content-(length|type|encoding)|accept|accept-encoding|origin|proxy-.*)$/, ''],
  [/^(mcp-.*|mesh-.*|last-event-id)$/, ''],
  [/^(traceparent|tracestate|baggage)$/, ''],
]

/** Whether a header of that name is written by others than who calls. */
export const isReservedHeader = (name: string) =>
  reserved.some(([pattern]) => pattern.test(name.toLowerCase()))

/** Words of a name by which its value is taken for a secret. */
const secretName =
  /token|secret|passw|passphrase|credential|cookie|authoriz|(^|[-_.])(\w*api|auth|access|private)?key($|[-_.])/i

/** Faults of `headers`, with names in any case. */
export function checkHeaders(headers: unknown, path: Path): Fault[] {
  const first = new Map<string, string>()
  return Object.entries(record(headers)).flatMap(([name, value]) => {
    const at = [...path, name]
    const key = name.toLowerCase()
    const before = first.get(key)
    first.set(key, before ?? name)
    const taken = reserved.find(([pattern]) => pattern.test(key))
    if (taken) {
      const message = `the header "${name}" is not for a manifest to set`
      const mend = taken[1] || 'remove it: the mesh writes it by itself where it is needed'
      return [faultOf('MESH_HEADER_RESERVED', at, message, { at: 'key', mend })]
    }
    if (before !== undefined) {
      const message = `"${before}" and "${name}" are one header, whatever the case of its letters`
      return [
        faultOf('MESH_FIELD_INVALID', at, message, { at: 'key', mend: 'keep one of the two' }),
      ]
    }
    return typeof value === 'string' ? valueFault(name, value, at) : []
  })
}

function valueFault(name: string, value: string, path: Path): Fault[] {
  const isSecret = secretName.test(name) || /^(bearer|basic|token|apikey)\s/i.test(value)
  if (isSecret && !/^([A-Za-z]+ )?\$\{(env:[A-Za-z_]\w*|file:\/[^}]+)\}$/.test(value)) {
    const variable = name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')
    const message = `the header "${name}" is taken for a secret, and its value is not a reference alone, which only the runtime resolves`
    const mend = `write "\${env:${variable}}", or "\${file:/run/secrets/…}" for a file; a reference to a secret has no default`
    return [faultOf('MESH_SECRET_INLINE', path, message, { mend })]
  }
  const broken = [...value.matchAll(/\$\{[^}]*\}?/g)].some(([text]) => !isReference(text))
  if (!broken) return []
  const message = `the header "${name}" has a reference that the mesh does not read`
  const mend = 'write ${env:NAME}, ${env:NAME:-default} or ${file:/path}'
  return [faultOf('MESH_FIELD_INVALID', path, message, { mend })]
}
