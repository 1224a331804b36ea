/**
 * Label selectors as kubectl writes them: `a`, `!a`, `a=b`, `a==b`, `a!=b`, `a in (x,y)`, `a notin (x,y)`, joined by commas. As there,
 * `a!=b` and `notin` hold where the label is absent too.
 */
import { MeshError } from '../model/error.ts'

export type Labels = Readonly<Record<string, string>>
export type Matches = (labels: Labels) => boolean

interface Token {
  text: string
  /** From 1. */
  at: number
}

const MAX_LENGTH = 4096

/** The empty text takes everything. Throws MESH_SELECTOR_INVALID, which names the position. */
export function parseSelector(text: string): Matches {
  if (text.length > MAX_LENGTH) throw fault(text.slice(0, 40), 1, `is longer than ${MAX_LENGTH}`)
  const tokens = tokensOf(text)
  const terms: Matches[] = []
  if (tokens.length === 1) return () => true // only its end
  let next = 0
  const peek = () => tokens[next]?.text ?? ''
  const take = (what: string, isIt: (token: string) => boolean): string => {
    const { text: found, at } = tokens[next] ?? { text: '', at: text.length + 1 }
    if (!isIt(found)) {
      throw fault(text, at, `${what} is expected, not ${found === '' ? 'its end' : `"${found}"`}`)
    }
    next++
    return found
  }
  const takeWord = (what: string) => take(what, isWord)
  const takeValues = (): Set<string> => {
    take('"("', token => token === '(')
    const values = new Set<string>()
    do values.add(peek() === ',' || peek() === ')' ? '' : takeWord('a value'))
    while (peek() === ',' && next++ >= 0)
    take('"," or ")"', token => token === ')')
    return values
  }
  for (;;) {
    if (peek() === '!') {
      next++
      const key = takeWord('a key')
      terms.push(labels => labels[key] === undefined)
    } else terms.push(readTerm(takeWord('a key'), { peek, take, takeValues }))
    if (peek() === '') break
    take('"," or an operator (=, !=, in, notin)', token => token === ',')
  }
  return labels => terms.every(term => term(labels))
}

interface Reader {
  peek(this: void): string
  take(this: void, what: string, isIt: (token: string) => boolean): string
  takeValues(this: void): Set<string>
}

function readTerm(key: string, { peek, take, takeValues }: Reader): Matches {
  const operator = peek()
  if (operator === 'in' || operator === 'notin') {
    take('an operator', () => true)
    const values = takeValues()
    const isIn = (labels: Labels) => values.has(labels[key] ?? '') && labels[key] !== undefined
    return operator === 'in' ? isIn : labels => !isIn(labels)
  }
  if (!/^(=|==|!=)$/.test(operator)) return labels => labels[key] !== undefined
  take('an operator', () => true)
  // Nothing after the operator is the empty value.
  const value = peek() === ',' || peek() === '' ? '' : take('a value', isWord)
  return operator === '!=' ? labels => labels[key] !== value : labels => labels[key] === value
}

const isWord = (token: string) => /^[A-Za-z0-9]/.test(token)

/** The last one is empty and stands behind the text. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  const pattern = /\s*(?:([A-Za-z0-9][A-Za-z0-9._/-]*)|(==|=|!=|!|\(|\)|,))/y
  let end = 0
  while (text.slice(end).trim() !== '') {
    pattern.lastIndex = end
    const found = pattern.exec(text)
    const token = found?.[1] ?? found?.[2]
    if (token === undefined) {
      const at = end + (/\S/.exec(text.slice(end))?.index ?? 0)
      throw fault(text, at + 1, `"${text[at] ?? ''}" has no place in a selector`)
    }
    end = pattern.lastIndex
    tokens.push({ text: token, at: end - token.length + 1 })
  }
  return [...tokens, { text: '', at: text.length + 1 }]
}

function fault(text: string, at: number, what: string): MeshError {
  const found = `the label selector "${text}" cannot be read at ${at}: ${what}`
  return new MeshError('MESH_SELECTOR_INVALID', found)
}
