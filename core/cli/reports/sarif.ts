/** SARIF 2.1.0, which code scanning of GitHub, GitLab and Azure reads. */
import type { Diagnostic } from '../../manifest/diagnostic.ts'
import { codes, type Code } from '../../model/codes.ts'
import type { Findings } from './report.ts'

export function sarifReport({ diagnostics, version }: Findings): string {
  const used = [...new Set(diagnostics.map(({ code }) => code))].sort()
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'meshctl', version, rules: used.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map(diagnostic => resultOf(diagnostic, used)),
      },
    ],
  }
  return JSON.stringify(log, null, 2)
}

function ruleOf(code: Code) {
  const { about, mend } = codes[code]
  return { id: code, shortDescription: { text: about }, help: { text: `Mend: ${mend}.` } }
}

function resultOf(diagnostic: Diagnostic, used: readonly Code[]) {
  const { code, severity, message, mend, line, column, endLine, endColumn } = diagnostic
  return {
    ruleId: code,
    ruleIndex: used.indexOf(code),
    level: severity,
    message: { text: `${message}. Mend: ${mend}.` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(diagnostic.file) },
          region: { startLine: line, startColumn: column, endLine, endColumn },
        },
      },
    ],
  }
}

/** Relative paths stay relative to where meshctl was called. */
function uriOf(file: string): string {
  const path = file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/')
  return path.startsWith('/') ? `file://${path}` : path
}
