/** A fault and its place make a diagnostic: in the manifest, or in the schema file that the value came from. */
import { relative } from 'node:path'
import type { Part } from './bundle.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { Fault } from './fault.ts'
import type { Source, SourceDocument, TextFault } from './parse.ts'
import { spanOf } from './positions.ts'

export type Placed = Diagnostic

/** Where the document of a fault stands. */
export interface Home {
  name: string
  source: Source
  document: SourceDocument
  parts: readonly Part[]
  cwd: string
  /** Gets the text of each file that a diagnostic speaks of. */
  sources: Map<string, string>
}

/** The fault of a value, at its key or value. */
export function placeFault(fault: Fault, home: Home): Placed {
  const part = home.parts
    .filter(({ path }) => path.every((step, i) => step === fault.path[i]))
    .sort((a, b) => b.path.length - a.path.length)[0]
  const { document, source } = part ?? home
  const path = part ? fault.path.slice(part.path.length) : fault.path
  const name = part ? relative(home.cwd, part.file) : home.name
  if (part) home.sources.set(name, source.text)
  const span = spanOf(document.document, source.text, { ...fault, path })
  return placed({ ...fault, ...span }, name, source)
}

/** The fault of a text at its offsets; without a source, at the start of the file. */
export function placed(
  fault: TextFault & Partial<Pick<Fault, 'severity' | 'fix'>>,
  file: string,
  source: Source | undefined,
): Placed {
  const { code, message, mend, severity = 'error', fix } = fault
  const start = source ? source.lines.linePos(fault.start) : { line: 1, col: 1 }
  const end = source ? source.lines.linePos(fault.end) : start
  return {
    code,
    severity,
    message,
    mend,
    file,
    line: Math.max(1, start.line),
    column: Math.max(1, start.col),
    endLine: Math.max(1, end.line),
    endColumn: Math.max(1, end.col),
    ...(fix ? { fix } : {}),
  }
}

/** By line within a file, each once. */
export function inOrder(diagnostics: readonly Placed[]): Diagnostic[] {
  const seen = new Set<string>()
  return [...diagnostics]
    .sort((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : 0))
    .filter(d => {
      const key = JSON.stringify([d.file, d.line, d.column, d.code, d.message])
      return !seen.has(key) && seen.add(key)
    })
}
