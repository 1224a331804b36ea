/** Calls a tool as any MCP client would: one bare POST, no handshake, and the answer's value. */

export interface ToolResult {
  content: { type: string; text?: string }[]
  structuredContent?: unknown
  isError?: boolean
}

/** Longer than any call of a test takes: one that hangs is an error with a place, not the limit of the whole file. */
const longestCallMs = 120_000

/** The whole result; a protocol error is thrown with its message. */
export async function callRaw(
  endpoint: string,
  name: string,
  args: object = {},
): Promise<ToolResult> {
  const response = await fetch(endpoint, {
    method: 'POST',
    signal: AbortSignal.timeout(longestCallMs),
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name, arguments: args },
    }),
  })
  const text = await response.text()
  const message = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as {
    result?: ToolResult
    error?: { message: string }
  }
  if (!message.result) throw new Error(message.error?.message ?? text)
  return message.result
}

/** The text of the answer; a tool error is thrown with its text. */
export async function callText(endpoint: string, name: string, args: object = {}): Promise<string> {
  const result = await callRaw(endpoint, name, args)
  const text = result.content.map(part => part.text ?? '').join('')
  if (result.isError) throw new Error(text)
  return text
}
