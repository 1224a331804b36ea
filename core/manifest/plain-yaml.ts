/**
 * Reads the YAML that nearly every manifest is written in: mappings and lists by indentation, brackets, texts on one line or
 * in a block. It has no places and tells no faults: for anything else, and for anything doubtful, it answers nothing, and
 * the library reads the text with all that it knows (parse.ts). A test holds both against each other over mutated
 * manifests. It is several times as fast, and most runs never load the library (ADR 0033).
 */
import { flowAt } from './plain-flow.ts'
import { keyAt, notPlain, plainScalar, quotedAt } from './plain-scalars.ts'

/** Characters that mean something special, or may: tabs, carriage returns, controls, separators, byte order marks. */
const odd = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/
const MAX_DEPTH = 30

/** The value of each document; undefined where the text is not plain, which says nothing of whether it is sound. */
export function plainYaml(text: string): unknown[] | undefined {
  if (odd.test(text)) return undefined
  try {
    return new PlainReader(text).documents()
  } catch (error) {
    if (error === notPlain) return undefined
    throw error
  }
}

class PlainReader {
  readonly #text: string
  /** Of the line at hand: its first character behind the indentation, and its end. */
  #from = 0
  #end = -1
  /** Blanks before it; -1 at the end of a document. */
  #indent = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  documents(): unknown[] {
    const documents: unknown[] = []
    this.#advance()
    if (this.#isMarker()) this.#advance()
    for (;;) {
      if (this.#indent < 0) throw notPlain
      documents.push(this.#block())
      if (this.#indent >= 0) throw notPlain
      if (!this.#isMarker()) return documents
      this.#advance()
    }
  }

  /** To the next line that has more than a comment. */
  #advance(): void {
    const text = this.#text
    while (this.#end < text.length) {
      const start = this.#end + 1
      let from = start
      while (text[from] === ' ') from++
      const end = text.indexOf('\n', from)
      this.#end = end < 0 ? text.length : end
      this.#from = from
      if (from >= this.#end || text[from] === '#') continue
      this.#indent = from - start
      if (this.#indent > 0) return
      if (text.startsWith('...', from) || text[from] === '%') throw notPlain
      if (text.startsWith('---', from)) {
        if (text.slice(from + 3, this.#end).trim() !== '') throw notPlain
        this.#indent = -1
      }
      return
    }
    this.#indent = -1
    this.#from = text.length
  }

  #isMarker(): boolean {
    return this.#indent < 0 && this.#from < this.#text.length
  }

  #isItem(): boolean {
    return this.#text[this.#from] === '-' && this.#text[this.#from + 1] === ' '
  }

  /** A mapping or list of the indentation of the line at hand. */
  #block(): unknown {
    if (++this.#depth > MAX_DEPTH) throw notPlain
    const isFlow = this.#text[this.#from] === '{' || this.#text[this.#from] === '['
    const indent = this.#indent
    const value = isFlow
      ? this.#inline(this.#from, indent - 1)
      : this.#isItem()
        ? this.#list(indent)
        : this.#map(indent)
    this.#depth--
    return value
  }

  #map(indent: number): Record<string, unknown> {
    const map: Record<string, unknown> = {}
    while (this.#indent === indent && !this.#isItem()) {
      const key = keyAt(this.#text, this.#from)
      if (!key || Object.hasOwn(map, key.value)) throw notPlain
      map[key.value] = this.#afterKey(key.end, indent)
    }
    if (this.#indent > indent) throw notPlain
    return map
  }

  #afterKey(at: number, indent: number): unknown {
    const from = this.#valueFrom(at)
    if (from !== undefined) return this.#inline(from, indent)
    this.#advance()
    if (this.#indent > indent) return this.#block()
    // A list may stand no deeper than its key.
    if (this.#indent === indent && this.#isItem()) return this.#block()
    return null
  }

  #list(indent: number): unknown[] {
    const list: unknown[] = []
    while (this.#indent === indent && this.#isItem()) {
      const from = this.#valueFrom(this.#from + 1)
      if (from === undefined) throw notPlain
      if (keyAt(this.#text, from)) {
        // The mapping goes on below its first key.
        this.#indent += from - this.#from
        this.#from = from
        list.push(this.#block())
      } else list.push(this.#inline(from, indent))
    }
    if (this.#indent > indent) throw notPlain
    return list
  }

  /** Where a value begins on the line; undefined where none does. */
  #valueFrom(at: number): number | undefined {
    let from = at
    while (this.#text[from] === ' ') from++
    if (from >= this.#end) return undefined
    if (this.#text[from] !== '#') return from
    if (from === at) throw notPlain
    return undefined
  }

  /** A value that begins on the line, and then the next line. */
  #inline(from: number, indent: number): unknown {
    const text = this.#text
    const first = text[from]
    if (first === '|' || first === '>') return this.#blockText(from, indent)
    let value: unknown
    if (first === '{' || first === '[') {
      const read = flowAt(text, from, indent)
      value = read.value
      this.#closeLine(read.end)
    } else {
      const quoted = quotedAt(text, from)
      if (quoted) this.#closeLine(quoted.end)
      value = quoted ? quoted.value : plainScalar(this.#withoutComment(from))
    }
    this.#advance()
    // What stands deeper would go on with the text.
    if (this.#indent > indent && this.#indent >= 0) throw notPlain
    return value
  }

  /** Behind a quoted text or a bracket only a comment may stand. */
  #closeLine(at: number): void {
    const end = this.#text.indexOf('\n', at)
    this.#end = end < 0 ? this.#text.length : end
    if (this.#text[at] !== ':' && this.#valueFrom(at) === undefined) return
    throw notPlain
  }

  #withoutComment(from: number): string {
    const line = this.#text.slice(from, this.#end)
    const comment = line.indexOf(' #')
    return (comment < 0 ? line : line.slice(0, comment)).trimEnd()
  }

  /** `|` or `>`, with or without `-`: a text over the deeper lines below. */
  #blockText(from: number, indent: number): string {
    const header = this.#text.slice(from, this.#end).trimEnd()
    if (!/^[|>]-?$/.test(header)) throw notPlain
    const lines: string[] = []
    let depth = 0
    for (;;) {
      const start = this.#end + 1
      // Whether a text at the very end has a last line end is for the library to know.
      if (start > this.#text.length) throw notPlain
      const end = this.#text.indexOf('\n', start)
      const line = this.#text.slice(start, end < 0 ? this.#text.length : end)
      const blanks = line.length - line.trimStart().length
      if (line !== '' && blanks === line.length) throw notPlain
      if (lines.length === 0) {
        if (blanks <= indent || line === '') throw notPlain
        depth = blanks
      } else if (line === '' ? end < 0 : blanks < depth) {
        if (line.startsWith('#', blanks) && blanks > 0) throw notPlain
        break
      }
      if (end < 0) throw notPlain
      if (header.startsWith('>') && (blanks > depth || line.endsWith(' '))) throw notPlain
      lines.push(line.slice(depth))
      this.#end = end
    }
    while (lines.at(-1) === '') lines.pop()
    this.#advance()
    if (this.#indent > indent) throw notPlain
    const text = header.startsWith('|') ? lines.join('\n') : folded(lines)
    return header.endsWith('-') ? text : `${text}\n`
  }
}

/** Lines become one, and each empty line a line end. */
function folded(lines: readonly string[]): string {
  let text = ''
  let isNew = true
  for (const line of lines) {
    if (line === '') text += '\n'
    else text += isNew ? line : ` ${line}`
    isNew = line === ''
  }
  return text
}
