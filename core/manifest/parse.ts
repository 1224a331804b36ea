/**
 * Text to documents with their places. All faults of the text are found in one run; a document with a fault has no
 * value, the others of the file have. Bounded: what is too large, too deep or grows by aliases is not read. Most texts are
 * plain and read without places (plain-yaml.ts); the library reads them again when a place is asked for.
 */
import type { Document } from 'yaml'
import type { Code } from '../model/codes.ts'
import { Lines } from './lines.ts'
import { plainYaml } from './plain-yaml.ts'
import { isBlank, measure, parseNodes, valueOf } from './yaml-nodes.ts'

export const maxBytes = 1024 * 1024
/** Nested deeper than this nothing is read, in a file or by the registry. */
export const maxDepth = 64

/** A document of a file. */
export interface SourceDocument {
  /** Its nodes with their places; may be read when it is asked for, so ask for it where a place is needed. */
  readonly document: Document
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
  lines: Lines
  documents: SourceDocument[]
  faults: TextFault[]
}

/** Reads YAML, or JSON, which is YAML too. */
export function parseSource(raw: string): Source {
  const text = raw.startsWith('\uFEFF') ? raw.slice(1) : raw
  const source: Source = { text, lines: new Lines(text), documents: [], faults: [] }
  if (text.length > maxBytes) return tooLarge(source, `it is longer than ${maxBytes / 1024} KiB`)
  const values = plainYaml(text)
  return values ? { ...source, documents: plainDocuments(text, values) } : parseFully(source)
}

function plainDocuments(text: string, values: readonly unknown[]): SourceDocument[] {
  let nodes: Document[] | undefined
  return values.map((value, i) => ({
    value,
    get document() {
      nodes ??= parseNodes(text).filter(document => !isBlank(document))
      const document = nodes[i]
      if (!document) throw new Error(`a plain text has no document ${i}`) // both readers see the same
      return document
    },
  }))
}

function parseFully(source: Source): Source {
  const { text } = source
  if (nesting(text) > 16 * maxDepth) return tooDeep(source)
  let documents: Document[]
  try {
    documents = parseNodes(text)
  } catch (error) {
    if (error instanceof RangeError) return tooDeep(source)
    throw error
  }
  for (const document of documents) {
    const depth = measure(document, maxDepth)
    if (depth.levels > maxDepth) return tooDeep(source)
    const read = valueOf(document, text, depth.aliases)
    source.faults.push(...read.faults)
    if (!isBlank(document)) source.documents.push({ document, value: read.value })
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
