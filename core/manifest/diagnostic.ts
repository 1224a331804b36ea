/**
 * A fault with its place, and how it is shown: what was found, where, and how to mend it. A secret is shown nowhere:
 * neither the one that is at fault nor one that happens to stand on the line.
 */
import type { Code } from '../model/codes.ts'
import type { Fix } from './fault.ts'
import { maskSecrets } from './mask.ts'

export interface Diagnostic {
  code: Code
  severity: 'error' | 'warning' | 'note'
  message: string
  /** How to mend it: a value to write. */
  mend: string
  /** Relative to the working directory, as people type it. */
  file: string
  /** Counted from 1. */
  line: number
  /** Counted from 1, in UTF-16 code units, as editors count. */
  column: number
  endLine: number
  /** The column after the last one. */
  endColumn: number
  /** How a program may mend it, within the place. */
  fix?: Fix
}

/** The diagnostic as text of three to four lines; `sourceText` is the text of its file, "" where there is none. */
export function renderDiagnostic(diagnostic: Diagnostic, sourceText: string): string {
  const { file, line, column, severity, code, message, mend } = diagnostic
  const head = `${file}:${line}:${column}: ${severity} ${code}: ${message}`
  const source = sourceText.replace(/^\uFEFF/, '').split(/\r?\n/)[line - 1]
  const isShown = source !== undefined && source.trim() !== '' && source.length <= maxLine
  const excerpt = isShown ? excerptOf(diagnostic, source) : []
  return [head, ...excerpt, `  mend: ${mend}`].join('\n')
}

/** A line that is longer was written by a program; looking for its secrets would take too long. */
const maxLine = 10_000
/** Longest part of a source line that is shown, in characters. */
const maxShown = 160

function excerptOf(diagnostic: Diagnostic, source: string): string[] {
  const { line, endLine, code } = diagnostic
  const start = Math.min(diagnostic.column - 1, source.length)
  const trimmed = source.trimEnd().length
  const end = endLine > line ? trimmed : Math.min(diagnostic.endColumn - 1, source.length)
  const safe = maskSecrets(source, code === 'MESH_SECRET_INLINE' ? [start, end] : undefined)
  // A long line is cut to the part around the fault.
  const from = start > maxShown / 2 ? start - maxShown / 4 : 0
  const shown = safe.slice(from, from + maxShown).trimEnd()
  const before = columns(safe.slice(from, start))
  const marked = columns(safe.slice(start, Math.min(end, from + maxShown)))
  const number = String(line)
  return [
    `  ${number} | ${from > 0 ? '…' : ''}${printable(shown)}`,
    `  ${' '.repeat(number.length)} | ${' '.repeat(before + (from > 0 ? 1 : 0))}${'^'.repeat(Math.max(1, marked))}`,
  ]
}

/** A tab as two blanks, and what would move the cursor as a dot, so that the underline stands where it should. */
function printable(text: string): string {
  return text
    .replace(/\t/g, '  ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '·')
}

/** How many columns of a terminal the text takes: East Asian wide characters and emoji take two, marks none. */
function columns(text: string): number {
  let width = 0
  for (const character of printable(text)) {
    if (/^[\p{Mn}\p{Me}\u200b-\u200f\ufe00-\ufe0f]$/u.test(character)) continue
    width += isWide(character) ? 2 : 1
  }
  return width
}

/** Unicode Standard Annex 11, in the ranges that occur in practice. */
function isWide(character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  )
}
