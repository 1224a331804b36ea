/**
 * Takes what this agent sends as a secret out of what a provider says of a failure. A server that answers «unknown token
 * abc» would else have the token told to callers, in errors and in the log.
 */
import { MeshError } from '../../core/model/error.ts'
import type { ToolResult } from './values.ts'

export interface HideSecrets {
  inText(text: string): string
  inError(error: MeshError): MeshError
  /** Only a failed result is looked through: a value is the provider's to give. */
  inResult(result: ToolResult): ToolResult
}

const mark = '[secret]'

/** Undefined where nothing secret is sent, so that nothing need be looked for. */
export function hideSecrets(secrets: readonly string[]): HideSecrets | undefined {
  const known = secrets.filter(secret => secret !== '').sort((a, b) => b.length - a.length)
  if (known.length === 0) return undefined
  const inText = (text: string) =>
    known.reduce((hidden, secret) => hidden.replaceAll(secret, mark), text)
  return {
    inText,
    inError(error) {
      const message = inText(error.message)
      if (message === error.message) return error
      const { code, mend, details } = error
      return new MeshError(code, message, mend, { ...(details && { details }) }) // the cause has it too
    },
    inResult(result) {
      if (result.isError !== true) return result
      const content = result.content.map(block =>
        typeof block['text'] === 'string' ? { ...block, text: inText(block['text']) } : block,
      )
      return { ...result, content }
    },
  }
}
