/**
 * MCP content as handlers return it: a text, a block, or a list of both. Each block is checked, since clients refuse a
 * whole answer for one that is wrong; bytes become base64.
 */
import { MeshError } from '../../core/model/error.ts'
import { jsonOf, type ContentBlock } from '../proxy/values.ts'

/** What a block of each type has to have, as text. */
const fields: Record<string, readonly string[]> = {
  text: ['text'],
  image: ['data', 'mimeType'],
  audio: ['data', 'mimeType'],
  resource_link: ['uri', 'name'],
  resource: [],
}

/** Throws MESH_OUTPUT_INVALID; `what` names whose content it is. */
export function contentOf(value: unknown, what: string): ContentBlock[] {
  if (value === undefined) return []
  const blocks: unknown[] = Array.isArray(value) ? value : [value]
  return blocks.map(block => blockOf(block, what))
}

/** One block; a string is a text block. Throws MESH_OUTPUT_INVALID. */
export function blockOf(value: unknown, what: string): ContentBlock {
  if (typeof value === 'string') return { type: 'text', text: value }
  if (!isRecord(value)) throw wrong(what, `a ${kindOf(value)} is no content`)
  const { type } = value
  const needed = typeof type === 'string' && Object.hasOwn(fields, type) ? fields[type] : undefined
  if (!needed) throw wrong(what, `content of the type ${JSON.stringify(type)} is none of MCP's`)
  const block: Record<string, unknown> = { ...value }
  if (block['data'] instanceof Uint8Array) block['data'] = base64(block['data'])
  for (const field of needed) {
    if (typeof block[field] !== 'string')
      throw wrong(what, `a block of the type ${String(type)} has no ${field}`)
  }
  if (type === 'resource') block['resource'] = embedded(block['resource'], what)
  jsonOf(block) // says what JSON cannot carry
  return { ...block, type: String(type) }
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

function embedded(value: unknown, what: string): Record<string, unknown> {
  if (!isRecord(value) || typeof value['uri'] !== 'string')
    throw wrong(what, 'an embedded resource has no uri')
  const { blob } = value
  const resource = blob instanceof Uint8Array ? { ...value, blob: base64(blob) } : value
  if (typeof resource['text'] !== 'string' && typeof resource['blob'] !== 'string')
    throw wrong(what, 'an embedded resource has neither text nor blob')
  return resource
}

function wrong(what: string, found: string): MeshError {
  const mend = 'return a text, or blocks such as { type: "image", data, mimeType: "image/png" }'
  return new MeshError('MESH_OUTPUT_INVALID', `${what}: ${found}`, mend)
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'list in a list' : typeof value
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
