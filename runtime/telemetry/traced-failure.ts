/**
 * How a failed call is named in spans, metrics and the log: by stable codes. What an error or a result says in words may
 * hold arguments, values or secrets, so none of it is taken.
 */
import { codes, type Code } from '../../core/model/codes.ts'
import { MeshError } from '../../core/model/error.ts'
import { codeKey, type ToolResult } from '../proxy/values.ts'
import type { TracedFailure } from './tracing.ts'

/** What OpenTelemetry calls a result with `isError`. */
export const toolError = 'tool_error'

/** Undefined for a result that is none of a failure. */
export function failureOfResult(result: ToolResult): TracedFailure | undefined {
  if (result.isError !== true) return undefined
  const code = knownCode(result._meta?.[codeKey])
  return { type: toolError, about: code && codes[code].about, code }
}

export function failureOfError(error: unknown): TracedFailure {
  if (!(error instanceof MeshError)) return { type: '_OTHER', about: undefined }
  const { code, details } = error
  const rpc = typeof details?.['rpc'] === 'number' ? details['rpc'] : undefined
  return { type: rpc === undefined ? code : String(rpc), about: codes[code].about, rpc, code }
}

/** One of ours: any other one a provider may have made up, and no label grows by it. */
const knownCode = (code: unknown): Code | undefined =>
  typeof code === 'string' && Object.hasOwn(codes, code) ? (code as Code) : undefined
