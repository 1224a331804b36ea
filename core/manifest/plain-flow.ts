/** Collections in brackets, `{ a: 1, b: [x, y] }`, over any number of lines. Part of the reader in plain-yaml.ts. */
import { keyAt, notPlain, plainScalar, quotedAt, type Read } from './plain-scalars.ts'

const plain = /[^\n,[\]{}]+/y
/** Together with that of plain-yaml.ts less than is read at all (maxDepth in parse.ts). */
const MAX_DEPTH = 30

/** The collection that opens at `at`; each further line of it stands deeper than `indent` blanks. */
export function flowAt(text: string, at: number, indent: number): Read<unknown> {
  const reader = new FlowReader(text, at, indent)
  return { value: reader.collection(0), end: reader.at }
}

class FlowReader {
  readonly #text: string
  readonly #indent: number
  at: number

  constructor(text: string, at: number, indent: number) {
    this.#text = text
    this.at = at
    this.#indent = indent
  }

  collection(depth: number): unknown {
    if (depth > MAX_DEPTH) throw notPlain
    return this.#text[this.at] === '{' ? this.#map(depth) : this.#list(depth)
  }

  #map(depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {}
    this.#items('}', () => {
      const key = keyAt(this.#text, this.at)
      if (!key || Object.hasOwn(map, key.value)) throw notPlain
      this.at = key.end
      while (this.#text[this.at] === ' ') this.at++
      map[key.value] = this.#value(depth)
    })
    return map
  }

  #list(depth: number): unknown[] {
    const list: unknown[] = []
    this.#items(']', () => list.push(this.#value(depth)))
    return list
  }

  #items(closing: string, read: () => void): void {
    this.at++
    this.#skip()
    // A comma may stand behind the last one too.
    while (this.#text[this.at] !== closing) {
      read()
      this.#skip()
      if (this.#text[this.at] === closing) break
      if (this.#text[this.at++] !== ',') throw notPlain
      this.#skip()
    }
    this.at++
  }

  #value(depth: number): unknown {
    const first = this.#text[this.at]
    if (first === '{' || first === '[') return this.collection(depth + 1)
    const quoted = quotedAt(this.#text, this.at)
    if (quoted) {
      this.at = quoted.end
      return quoted.value
    }
    plain.lastIndex = this.at
    const [found] = plain.exec(this.#text) ?? []
    if (found === undefined) throw notPlain
    this.at = plain.lastIndex
    return plainScalar(found.trimEnd())
  }

  /** Blanks and line ends; where a new line begins too far left, the library tells. */
  #skip(): void {
    for (;;) {
      while (this.#text[this.at] === ' ') this.at++
      if (this.#text[this.at] === '#') throw notPlain
      if (this.#text[this.at] !== '\n') return
      let from = this.at + 1
      while (this.#text[from] === ' ') from++
      const isBlank = this.#text[from] === '\n'
      const column = from - this.at - 1
      if (!isBlank && column <= this.#indent) throw notPlain
      // A marker of documents would end the collection.
      if (column === 0 && /[-.]/.test(this.#text[from] ?? '')) throw notPlain
      this.at = from
    }
  }
}
