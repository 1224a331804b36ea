/** `meshctl validate --fix`: writes what is safe to mend into the files. A file is replaced as a whole or not at all. */
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Diagnostic } from '../../manifest/diagnostic.ts'

/** How many places were mended, by file. A place whose text is not what the fault speaks of is left as it is. */
export async function fixFiles(diagnostics: readonly Diagnostic[]): Promise<Map<string, number>> {
  const byFile = new Map<string, Diagnostic[]>()
  for (const diagnostic of diagnostics) {
    if (!diagnostic.fix) continue
    byFile.set(diagnostic.file, [...(byFile.get(diagnostic.file) ?? []), diagnostic])
  }
  const mended = new Map<string, number>()
  for (const [name, faults] of byFile) {
    const file = resolve(name)
    const before = await readFile(file, 'utf8')
    const { text, count } = fixText(before, faults)
    if (count === 0) continue
    await replace(file, text)
    mended.set(name, count)
  }
  return mended
}

/** The text with every fix applied, the last place first, so that the places before it still hold. */
export function fixText(
  before: string,
  diagnostics: readonly Diagnostic[],
): { text: string; count: number } {
  const mark = before.startsWith('\uFEFF') ? '\uFEFF' : ''
  let text = before.slice(mark.length)
  const starts = [0]
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1)
  const offset = (line: number, column: number) => (starts[line - 1] ?? text.length) + column - 1
  let count = 0
  let limit = Infinity
  const lastFirst = [...diagnostics].sort((a, b) => b.line - a.line || b.column - a.column)
  for (const { fix, line, column, endLine, endColumn } of lastFirst) {
    const [start, end] = [offset(line, column), offset(endLine, endColumn)]
    if (!fix || end > limit) continue
    const old = text.slice(start, end)
    const now = fix.from.reduce((part, from) => part.replaceAll(from, fix.to), old)
    if (now === old) continue
    text = text.slice(0, start) + now + text.slice(end)
    limit = start
    count++
  }
  return { text: mark + text, count }
}

async function replace(file: string, text: string): Promise<void> {
  const { mode } = await stat(file)
  const beside = `${file}.mending`
  await writeFile(beside, text, { mode })
  await rename(beside, file)
}
