/** Commands of GitHub Actions: each finding stands beside its line in a pull request. */
import type { Findings } from './report.ts'

const words = { error: 'error', warning: 'warning', note: 'notice' } as const

export function githubReport({ diagnostics }: Findings): string {
  return diagnostics
    .map(({ code, severity, message, mend, file, line, column, endLine, endColumn }) => {
      // A column of the last line says nothing where there are several.
      const end = endLine === line ? `,endColumn=${endColumn}` : ''
      const place = `file=${property(file)},line=${line},endLine=${endLine},col=${column}${end}`
      return `::${words[severity]} ${place},title=${code}::${data(`${message}\nmend: ${mend}`)}`
    })
    .join('\n')
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
