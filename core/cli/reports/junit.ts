/** JUnit's XML, as test reporters of CI systems read it: a suite for each file, a case for each finding, one that passes where there is none. */
import type { Diagnostic } from '../../manifest/diagnostic.ts'
import type { Findings } from './report.ts'

export function junitReport({ diagnostics, files }: Findings): string {
  const byFile = new Map<string, Diagnostic[]>(files.map(file => [file, []]))
  for (const diagnostic of diagnostics) {
    const found = byFile.get(diagnostic.file)
    if (found) found.push(diagnostic)
    else byFile.set(diagnostic.file, [diagnostic])
  }
  const suites = [...byFile].map(([file, found]) => suite(file, found))
  const tests = [...byFile.values()].reduce((sum, found) => sum + Math.max(1, found.length), 0)
  const failures = errorsOf(diagnostics)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="meshctl validate" tests="${tests}" failures="${failures}">`,
    ...suites,
    '</testsuites>',
  ].join('\n')
}

function suite(file: string, found: readonly Diagnostic[]): string {
  const name = escaped(file)
  const counts = `tests="${Math.max(1, found.length)}" failures="${errorsOf(found)}"`
  const cases =
    found.length === 0 ? [`    <testcase classname="${name}" name="is sound"/>`] : found.map(caseOf)
  return [`  <testsuite name="${name}" ${counts}>`, ...cases, '  </testsuite>'].join('\n')
}

function caseOf({ code, severity, message, mend, file, line, column }: Diagnostic): string {
  const head = `    <testcase classname="${escaped(file)}" name="${escaped(`${code} at ${line}:${column}`)}">`
  const text = escaped(`${file}:${line}:${column}: ${severity} ${code}: ${message}\nmend: ${mend}`)
  const body =
    severity === 'error'
      ? `<failure type="${code}" message="${escaped(message)}">${text}</failure>`
      : `<system-out>${text}</system-out>`
  return `${head}${body}</testcase>`
}

const errorsOf = (diagnostics: readonly Diagnostic[]) =>
  diagnostics.filter(({ severity }) => severity === 'error').length

/** XML 1.0 has no place for most control characters, nor for half a pair of surrogates, not even escaped. */
function escaped(text: string): string {
  return text
    .replace(/[\ud800-\udfff]/gu, '\ufffd')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
}
