/** The forms in which `meshctl validate` reports to programs of others; each is one function of what was found. */
import type { Diagnostic } from '../../manifest/diagnostic.ts'
import { githubReport } from './github.ts'
import { junitReport } from './junit.ts'
import { sarifReport } from './sarif.ts'

export interface Findings {
  diagnostics: readonly Diagnostic[]
  /** Every manifest that was looked at, as people are shown it. */
  files: readonly string[]
  /** Version of meshctl. */
  version: string
}

export const reports = { sarif: sarifReport, github: githubReport, junit: junitReport } as const
