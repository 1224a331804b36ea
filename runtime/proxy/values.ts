/**
 * The result of a tool as MCP carries it, and how a JavaScript value becomes one and is got back. A value crosses the
 * mesh unchanged: it stands in `structuredContent` (2026-07-28 takes any JSON there), and as text for those who read
 * only that; a string is its own text. `undefined` is a result without content.
 */
import { MeshError, messageOf } from '../../core/model/error.ts'

export interface ToolResult {
  _meta?: Record<string, unknown>
  content: ContentBlock[]
  structuredContent?: unknown
  isError?: boolean
}

export type ContentBlock = { type: string; [key: string]: unknown }

/** Key of a failed result's `_meta` under which an agent says which of the mesh's codes it failed with. */
export const codeKey = 'mcp-mesh.dev/code'

/** Throws MESH_OUTPUT_INVALID for what JSON cannot carry: functions, symbols, bigints, cycles, maps, generators. */
export function encodeValue(value: unknown, hasOutputSchema: boolean): ToolResult {
  if (value === undefined) return { content: [] }
  if (typeof value !== 'string') return new ValueResult(value, jsonOf(value))
  const content = [{ type: 'text', text: value }]
  return hasOutputSchema ? { content, structuredContent: value } : { content }
}

/** The result of a value that is its own JSON twice over: as text, and as itself. It is written with the JSON made once. */
export class ValueResult implements ToolResult {
  readonly content: ContentBlock[]
  readonly structuredContent: unknown
  readonly #json: string

  constructor(value: unknown, json: string) {
    this.content = [{ type: 'text', text: json }]
    this.structuredContent = value
    this.#json = json
  }

  /** One that was made of `json`. */
  static of(json: string): ValueResult {
    return new ValueResult(JSON.parse(json) as unknown, json)
  }

  /** Of the value. A getter: it is no part of the result. */
  get json(): string {
    return this.#json
  }

  /** What `JSON.stringify` makes of it, without the brace at its end. */
  get open(): string {
    return `{"content":[{"type":"text","text":${JSON.stringify(this.#json)}}],"structuredContent":${this.#json}`
  }
}

/**
 * The value that the provider's handler returned; what a foreign server answers comes as near as it can. A failed
 * result throws MESH_TOOL_FAILED with the tool's own words; `edge` names the hop.
 */
export function decodeValue(result: ToolResult, edge: string): unknown {
  if (result.isError === true) {
    const details = { code: result._meta?.[codeKey] }
    throw new MeshError('MESH_TOOL_FAILED', `${edge} failed: ${textOf(result)}`, undefined, {
      details,
    })
  }
  if (result.structuredContent !== undefined) return result.structuredContent
  const [first, ...more] = result.content
  if (first === undefined) return undefined
  return more.length === 0 && first.type === 'text' ? first['text'] : result.content
}

/** A result that says that the tool failed, in words that a model can act on. */
export function failure(error: unknown): ToolResult {
  const text =
    error instanceof MeshError
      ? `${error.code}: ${error.message}\nmend: ${error.mend}`
      : messageOf(error)
  return {
    ...(error instanceof MeshError && { _meta: { [codeKey]: error.code } }),
    content: [{ type: 'text', text }],
    isError: true,
  }
}

/** The text of a result's text blocks. */
export function textOf(result: ToolResult): string {
  return result.content
    .flatMap(block => (block.type === 'text' ? [String(block['text'])] : []))
    .join('\n')
}

/** Throws MESH_OUTPUT_INVALID. */
export function jsonOf(value: unknown): string {
  const mend =
    'return what JSON can carry: strings, numbers, booleans, null, arrays and plain objects'
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw new MeshError('MESH_OUTPUT_INVALID', `the value is not JSON: ${messageOf(cause)}`, mend, {
      cause,
    })
  }
  if (text === undefined) {
    throw new MeshError('MESH_OUTPUT_INVALID', `a ${typeof value} is not JSON`, mend)
  }
  if (text.includes('{}')) JSON.stringify(value, (_, part: unknown) => refuseLost(part, mend))
  return text
}

/** What JSON writes as itself, though it has a tag of its own. */
const keptTags = new Set(['Object', 'Array', 'Number', 'String', 'Boolean'])

/** A Map, a Set, a generator or a promise would arrive as `{}`, with all that it holds lost and nothing said. */
function refuseLost(part: unknown, mend: string): unknown {
  if (typeof part !== 'object' || part === null) return part
  const tag = Object.prototype.toString.call(part).slice(8, -1)
  if (keptTags.has(tag) || Object.keys(part).length > 0) return part
  throw new MeshError('MESH_OUTPUT_INVALID', `a ${tag} is not JSON: it would arrive as {}`, mend)
}
