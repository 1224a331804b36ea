/**
 * The values of plain YAML that stand on one line: words, numbers, quoted texts. Part of the reader in plain-yaml.ts: what is
 * not sure to mean the same to every YAML 1.2 parser is refused here, and the library decides.
 */

/** Thrown where the text is more than plain; the reader answers undefined then. */
export const notPlain = new Error('the text is more than plain YAML')

/** Values, and where each ends in the text. */
export interface Read<T> {
  value: T
  end: number
}

const key = /[A-Za-z_$][\w$./-]*/y
const simpleDouble = /"([^"\\\n]*)"/y
const double = /"(?:[^"\\\n]|\\["\\/nrt]|\\u[0-9a-fA-F]{4})*"/y
const single = /'((?:[^'\n]|'')*)'/y
/** Texts that stand for another kind of value; as a key each would be one of a surprising name. */
const words = new Map<string, boolean | null>([
  ...['true', 'True', 'TRUE'].map((word): [string, boolean] => [word, true]),
  ...['false', 'False', 'FALSE'].map((word): [string, boolean] => [word, false]),
  ...['null', 'Null', 'NULL', '~'].map((word): [string, null] => [word, null]),
])
const mayBeNumber = /^[-+.\d]/
const simpleNumber = /^(?:0|-?[1-9]\d{0,14}|-?(?:0|[1-9]\d{0,8})\.\d{1,6})$/
/** Numbers of the core schema (YAML 1.2.2, 10.3.2) that are written otherwise. */
const oddNumber =
  /^(?:[-+]?\d+|0o[0-7]+|0x[\da-fA-F]+|[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

/** A key and its colon, which a blank or the end of the line has to follow; undefined where none stands. */
export function keyAt(text: string, at: number): Read<string> | undefined {
  const quoted = quotedAt(text, at)
  const found = quoted ?? plainKeyAt(text, at)
  if (!found || text[found.end] !== ':') return undefined
  const after = text[found.end + 1]
  if (after !== ' ' && after !== '\n' && after !== undefined) {
    if (quoted) throw notPlain
    return undefined
  }
  // What a merge or a prototype would make of them is for the library to know.
  if (found.value === '__proto__' || found.value === '<<') throw notPlain
  if (!quoted && words.has(found.value)) throw notPlain
  return { value: found.value, end: found.end + 1 }
}

function plainKeyAt(text: string, at: number): Read<string> | undefined {
  key.lastIndex = at
  const [value] = key.exec(text) ?? []
  return value === undefined ? undefined : { value, end: key.lastIndex }
}

/** A text in quotes on one line; undefined where no quote stands. */
export function quotedAt(text: string, at: number): Read<string> | undefined {
  const quote = text[at]
  if (quote === "'") {
    single.lastIndex = at
    const found = single.exec(text)
    if (!found) throw notPlain
    return { value: (found[1] ?? '').replaceAll("''", "'"), end: single.lastIndex }
  }
  if (quote !== '"') return undefined
  simpleDouble.lastIndex = at
  const simple = simpleDouble.exec(text)
  if (simple) return { value: simple[1] ?? '', end: simpleDouble.lastIndex }
  double.lastIndex = at
  const [found] = double.exec(text) ?? []
  if (found === undefined) throw notPlain
  // These escapes mean the same in JSON.
  return { value: JSON.parse(found) as string, end: double.lastIndex }
}

/** What a text without quotes stands for. It has to stand on one line, and end there without blanks or comment. */
export function plainScalar(text: string): string | number | boolean | null {
  const word = words.get(text)
  if (word !== undefined) return word
  if (/^[,[\]{}#&*!|>'"%@`?:]/.test(text) || /^-(?: |$)/.test(text)) throw notPlain
  if (text.includes(': ') || text.endsWith(':') || text.includes(' #') || text === '<<')
    throw notPlain
  if (mayBeNumber.test(text)) {
    if (simpleNumber.test(text)) return Number(text)
    if (oddNumber.test(text)) throw notPlain
  }
  return text
}
