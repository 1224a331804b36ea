/**
 * An answer that is passed on, with as much read of it as the layers of a call have to know: whether it is one, whether the
 * tool failed, and which of the mesh's codes it failed with. A sound one is not parsed for that: a key cannot stand within a
 * text without its quotes escaped, so what is not found as bytes is not there.
 */
import type { HideSecrets } from '../proxy/hide-secrets.ts'
import { isTold, readAnswer } from '../proxy/mcp-answer.ts'
import { codeKey, type ToolResult } from '../proxy/values.ts'
import type { ExchangeAnswer } from '../proxy/exchange.ts'

/** A result whose text stands in `bytes`: a whole JSON-RPC answer under the id of the request. */
export interface Relayed extends ToolResult {
  readonly status: number
  readonly bytes: Buffer
  /** That which answered. */
  readonly instance: string
}

/** From here on not even the answer of a failed tool is parsed. */
const largeBytes = 1024 * 1024
/** Up to here it is searched as a text. */
const textBytes = 64 * 1024
const failed = '"isError":true'
const coded = `"${codeKey}"`
/** Within so much of its beginning an answer says what it is. */
const headBytes = 512

/** Throws what `readAnswer` throws; an error of JSON-RPC that is the provider's word to the caller is an answer. */
export function readRelayed(
  answer: ExchangeAnswer,
  { where, instance }: { where: string; instance: string },
  hide: HideSecrets | undefined,
): Relayed {
  const { status } = answer
  const bytes = hide ? hidden(answer.bytes, hide) : answer.bytes
  // As a text of which each character is a byte: to search that is a fraction of what it costs to search bytes.
  const searched = bytes.length > textBytes ? bytes : bytes.toString('latin1')
  if (isResult(searched, bytes)) {
    const isFailed = searched.includes(failed)
    if (!isFailed && !searched.includes(coded)) return { content: [], status, bytes, instance }
    if (bytes.length > largeBytes)
      return { content: [], isError: isFailed, status, bytes, instance }
  }
  const text = bytes.toString('utf8')
  const refusal = refusalIn(text)
  if (refusal)
    return { content: [], isError: true, _meta: { [codeKey]: refusal }, status, bytes, instance }
  const { isError, _meta } = readAnswer({ status, type: answer.type, text }, where)
  return {
    content: [],
    ...(isError && { isError }),
    ...(_meta && { _meta }),
    status,
    bytes,
    instance,
  }
}

export function isRelayed(result: ToolResult): result is Relayed {
  return 'bytes' in result && Buffer.isBuffer(result.bytes)
}

/** By its ends alone: an object that says at its beginning that it is a result, and that is whole. */
function isResult(searched: Buffer | string, bytes: Buffer): boolean {
  if (bytes[0] !== openBrace || bytes[bytes.length - 1] !== closeBrace) return false
  const at = searched.indexOf('"result":{')
  return at >= 0 && at < headBytes
}

const [openBrace, closeBrace] = [0x7b, 0x7d]

/** The code under which an error of JSON-RPC counts that speaks to the caller; undefined for all else. */
function refusalIn(text: string): 'MESH_CALL_REFUSED' | undefined {
  if (!text.includes('"error"')) return undefined
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown; data?: { code?: unknown } } }
    if (typeof error?.code !== 'number') return undefined
    return isTold(error.data?.code) ? undefined : 'MESH_CALL_REFUSED'
  } catch {
    return undefined // readAnswer says what is wrong with it
  }
}

/** What the gateway presents as a secret is not told on. */
function hidden(bytes: Buffer, hide: HideSecrets): Buffer {
  const text = bytes.toString('utf8')
  const clean = hide.inText(text)
  return clean === text ? bytes : Buffer.from(clean)
}
