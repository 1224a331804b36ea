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
/** So many characters of a secret say something of it. */
const telling = 6

/** Undefined where nothing secret is sent, so that nothing need be looked for. */
export function hideSecrets(secrets: readonly string[]): HideSecrets | undefined {
  const known = [...new Set(secrets.flatMap(secret => [secret, inJson(secret)]))]
    .filter(secret => secret !== '')
    .sort((a, b) => b.length - a.length)
  if (known.length === 0) return undefined
  const inText = (text: string) =>
    withoutStart(
      known.reduce((hidden, secret) => hidden.replaceAll(secret, mark), text),
      known,
    )
  const inValue = (value: unknown): unknown => {
    if (typeof value === 'string') return inText(value)
    if (Array.isArray(value)) return value.map(inValue)
    return typeof value === 'object' && value !== null ? inFields(value) : value
  }
  const inFields = (fields: object) =>
    Object.fromEntries(Object.entries(fields).map(([key, value]) => [inText(key), inValue(value)]))
  return {
    inText,
    inError(error) {
      const message = inText(error.message)
      if (message === error.message) return error
      const { code, mend, details } = error
      // The cause has it too.
      return new MeshError(code, message, mend, { ...(details && { details: inFields(details) }) })
    },
    inResult: result =>
      result.isError === true ? { ...result, ...inFields({ ...result }) } : result,
  }
}

/** As it stands in an answer that is shown as it came. */
const inJson = (secret: string) => JSON.stringify(secret).slice(1, -1)

/** Of a long answer the start is shown, which may end within a secret. */
function withoutStart(text: string, secrets: readonly string[]): string {
  for (const secret of secrets) {
    for (let length = secret.length - 1; length >= telling; length--) {
      if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}${mark}`
    }
  }
  return text
}
