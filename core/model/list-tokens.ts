/**
 * What a model pays for a list of tools that its client reads: an estimate, a token for four bytes of their JSON. What it really is
 * depends on the model and on how its client words the list. Icons do not count: clients show them to people.
 */
const bytesPerToken = 4

/** A list of more tokens is long: a tenth of a window of 200,000, before the model knows its task. */
export const longListTokens = 20_000

/** `tools` as tools/list has them. */
export function listTokens(tools: readonly unknown[]): { bytes: number; tokens: number } {
  if (tools.length === 0) return { bytes: 0, tokens: 0 }
  const words = (key: string, value: unknown) => (key === 'icons' ? undefined : value)
  const bytes = Buffer.byteLength(JSON.stringify(tools, words))
  return { bytes, tokens: Math.ceil(bytes / bytesPerToken) }
}
