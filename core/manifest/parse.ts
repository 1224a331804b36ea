/**
 * Text to documents with their places. All faults of the text are found in one run; a document with a fault has no
 * value, the others of the file have. Bounded: what is too large, too deep or grows by aliases is not read.
 */
import {
  LineCounter,
  isAlias,
  isCollection,
  isPair,
  parseAllDocuments,
  type Alias,
  type Document,
} from 'yaml'
import type { Code } from '../model/codes.ts'
import { yamlFault } from './yaml-fault.ts'

export const maxBytes = 1024 * 1024
/** Nested deeper than this nothing is read, in a file or by the registry. */
export const maxDepth = 64
const maxAliases = 100

/** A document of a file. */
export interface SourceDocument {
  document: Document
  /** Undefined where the text has a fault. */
  value: unknown
}

/** A fault of the text; offsets are of UTF-16 code units from its start. */
export interface TextFault {
  code: Code
  message: string
  mend: string
  start: number
  end: number
}

export interface Source {
  text: string
  lines: LineCounter
  documents: SourceDocument[]
  faults: TextFault[]
}

/** Reads YAML, or JSON, which is YAML too. */
export function parseSource(raw: string): Source {
  const text = raw.startsWith('\uFEFF') ? raw.slice(1) : raw
  const lines = new LineCounter()
  const source: Source = { text, lines, documents: [], faults: [] }
  if (text.length > maxBytes) return tooLarge(source, `it is longer than ${maxBytes / 1024} KiB`)
  if (nesting(text) > 16 * maxDepth) return tooDeep(source)
  let documents: Document[]
  try {
    const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, merge: true })
    documents = Array.isArray(parsed) ? (parsed as Document[]) : []
  } catch (error) {
    if (error instanceof RangeError) return tooDeep(source)
    throw error
  }
  for (const document of documents) {
    const depth = measure(document)
    if (depth.levels > maxDepth) return tooDeep(source)
    const read = readDocument(document, text, depth.aliases)
    source.faults.push(...read.faults)
    const isEmpty = document.contents === null && read.faults.length === 0
    if (!isEmpty) source.documents.push({ document, value: read.value })
  }
  if (source.documents.length === 0 && source.faults.length === 0) {
    source.faults.push({
      code: 'MESH_MANIFEST_EMPTY',
      message: 'the file holds no document',
      mend: 'write a manifest, starting with apiVersion: mcp-mesh.dev/v1',
      start: 0,
      end: 0,
    })
  }
  return source
}

/** After the first fault of its syntax a parser guesses, so only that one is told; keys that stand twice all are. */
function readDocument(
  document: Document,
  text: string,
  aliases: readonly Alias[],
): { value: unknown; faults: TextFault[] } {
  const errors = [...document.errors, ...document.warnings]
  const first = errors.findIndex(error => error.code !== 'DUPLICATE_KEY')
  const faults = errors.filter((error, i) => error.code === 'DUPLICATE_KEY' || i === first)
  const found = faults.map(error => yamlFault(error, text))
  if (found.length === 0)
    found.push(...aliases.filter(alias => !alias.resolve(document)).map(aliasFault))
  if (found.length > 0) return { value: undefined, faults: found }
  try {
    return { value: document.toJS({ maxAliasCount: maxAliases }) as unknown, faults: [] }
  } catch (error) {
    // Aliases that multiply (a "billion laughs").
    if (!(error instanceof ReferenceError) && !(error instanceof RangeError)) throw error
    const [start = 0, end = 0] = aliases[0]?.range ?? document.contents?.range ?? []
    const message = 'the aliases of the document stand for too many values'
    const mend = 'write the values out in place of the aliases'
    return {
      value: undefined,
      faults: [{ code: 'MESH_MANIFEST_TOO_LARGE', message, mend, start, end }],
    }
  }
}

function aliasFault(alias: Alias): TextFault {
  const [start = 0, end = 0] = alias.range ?? []
  return {
    code: 'MESH_YAML_INVALID',
    message: `*${alias.source} is an alias, and no anchor &${alias.source} stands before it`,
    mend: `write &${alias.source} before the value that is meant, or "*${alias.source}" if it is a text`,
    start,
    end,
  }
}

function tooLarge(source: Source, because: string): Source {
  const fault: TextFault = {
    code: 'MESH_MANIFEST_TOO_LARGE',
    message: `the manifest is not read: ${because}`,
    mend: 'split it into several files',
    start: 0,
    end: 0,
  }
  return { ...source, documents: [], faults: [fault] }
}

function tooDeep(source: Source): Source {
  return tooLarge(source, `it is nested deeper than ${maxDepth} levels`)
}

/** Brackets open at once, more or less: a cheap bound, taken before a parser recurses into them. */
function nesting(text: string): number {
  let [open, most] = [0, 0]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x5b || code === 0x7b) most = Math.max(most, ++open)
    else if ((code === 0x5d || code === 0x7d) && open > 0) open--
  }
  return most
}

/** How deep the document is nested, and the aliases in it. */
function measure(document: Document): { levels: number; aliases: Alias[] } {
  const aliases: Alias[] = []
  let levels = 0
  let level: unknown[] = [document.contents]
  while (level.length > 0 && levels <= maxDepth) {
    const next: unknown[] = []
    for (const node of level) {
      if (isAlias(node)) aliases.push(node)
      if (!isCollection(node)) continue
      for (const item of node.items as unknown[]) {
        if (isPair(item)) next.push(item.key, item.value)
        else next.push(item)
      }
    }
    level = next
    if (level.length > 0) levels++
  }
  return { levels, aliases }
}
