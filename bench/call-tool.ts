/** A bench's own call of a tool, over plain HTTP. */

/** The structured value that the tool returned; throws for every other answer. */
export async function callTool<T>(url: string, name: string, args: object = {}): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: { name, arguments: args },
    }),
  })
  const text = await response.text()
  const message = JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as {
    result?: { structuredContent?: T }
  }
  if (!message.result?.structuredContent) throw new Error(`${name}: ${text}`)
  return message.result.structuredContent
}
