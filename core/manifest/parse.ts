/**
 * Text to documents with their places. All faults of the text are found in one run; a document with a fault has no
 * value, the others of the file have. Bounded: what is too large, too deep or grows by aliases is not read.
 */
import {
  LineCounter,
  isAlias,
  isCollection,
  parseAllDocuments,
  type Document,
  type Node,
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
    const faults = [...document.errors, ...document.warnings].map(e => yamlFault(e, text))
    if (depthOf(document.contents) > maxDepth) return tooDeep(source)
    if (faults.length === 0) faults.push(...aliasFaults(document))
    source.faults.push(...faults)
    if (document.contents === null && faults.length === 0) continue
    source.documents.push({ document, value: faults.length > 0 ? undefined : valueOf(document) })
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

function valueOf(document: Document): unknown {
  return document.toJS({ maxAliasCount: maxAliases }) as unknown
}

/** Aliases that multiply (a "billion laughs"), found by trying. */
function aliasFaults(document: Document): TextFault[] {
  try {
    valueOf(document)
    return []
  } catch (error) {
    if (!(error instanceof ReferenceError) && !(error instanceof RangeError)) throw error
    const [start = 0, end = 0] = document.contents?.range ?? []
    return [
      {
        code: 'MESH_MANIFEST_TOO_LARGE',
        message: 'the document has too many aliases',
        mend: 'write the values out in place of the aliases',
        start,
        end,
      },
    ]
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

function depthOf(node: Node | null): number {
  let depth = 0
  let level: unknown[] = [node]
  while (level.length > 0 && depth <= maxDepth + 1) {
    const next: unknown[] = []
    for (const item of level) {
      if (!isCollection(item) || isAlias(item)) continue
      for (const child of item.items as unknown[]) {
        const pair = child as { key?: unknown; value?: unknown }
        if (typeof child === 'object' && child && 'key' in child) next.push(pair.key, pair.value)
        else next.push(child)
      }
    }
    level = next
    if (level.length > 0) depth++
  }
  return depth
}
