/** JSON from a command line, its fault named with line and column. */
import { MeshError, messageOf } from '../../model/error.ts'

/** `what` begins the sentence that says what is wrong. Throws MESH_USAGE_INVALID. */
export function parseJson(text: string, what = 'the arguments are'): unknown {
  const fault = faultOf(text)
  if (fault === undefined) return JSON.parse(text)
  const position = /at position (\d+)/.exec(fault)?.[1]
  const at = position === undefined ? placeOf(fault, text) : Number(position)
  const before = text.slice(0, at).split('\n')
  const found = fault
    .replace(/ in JSON at position \d+.*$/s, '')
    .replace(/^(Unexpected token '.*?'), .*$/s, '$1')
    .replace('Unexpected end of JSON input', 'it ends too early')
  throw new MeshError(
    'MESH_USAGE_INVALID',
    `${what} no JSON: ${found}, at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`,
    `write a JSON object in single quotes: '{"name":"Ada"}'`,
  )
}

function faultOf(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

/**
 * For an unexpected token Node 20 gives no position. It is where the shortest prefix ends that has the same kind of fault;
 * every longer one has it too, so halving finds it.
 */
function placeOf(fault: string, text: string): number {
  if (!fault.startsWith('Unexpected token')) return text.length
  let [sound, faulty] = [0, text.length]
  while (faulty - sound > 1) {
    const middle = (sound + faulty) >> 1
    if (faultOf(text.slice(0, middle))?.startsWith('Unexpected token')) faulty = middle
    else sound = middle
  }
  return sound
}
