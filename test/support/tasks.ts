/** A client of MCP tasks, written by hand: what is on the wire is what is looked at. */

export interface Task {
  resultType?: string
  taskId: string
  status: 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled'
  statusMessage?: string
  createdAt: string
  lastUpdatedAt: string
  ttlMs: number
  pollIntervalMs: number
  inputRequests?: Record<string, { method: string; params: Record<string, unknown> }>
  result?: { content: { text: string }[]; isError?: boolean; structuredContent?: unknown }
  error?: { code: number; message: string; data?: { code?: string } }
  content?: { text: string }[]
  isError?: boolean
  _meta?: Record<string, unknown>
}

export interface Asked {
  result?: Task
  error?: { code: number; message: string; data?: Record<string, unknown> }
}

interface Options {
  /** Whether the client says that it knows tasks; default true. */
  isDeclared?: boolean
  /** More of its capabilities. */
  capabilities?: Record<string, unknown>
  token?: string | undefined
}

/** One request of protocol 2026-07-28. */
export async function ask(
  endpoint: string,
  method: string,
  params: { name?: string; taskId?: string; [more: string]: unknown },
  { isDeclared = true, capabilities = {}, token }: Options = {},
): Promise<Asked> {
  const extensions = isDeclared ? { 'io.modelcontextprotocol/tasks': {} } : {}
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': method },
      'mcp-name': params.name ?? params.taskId ?? '',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method },
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1.0.0' },
          'io.modelcontextprotocol/clientCapabilities': { ...capabilities, extensions },
        },
      },
    }),
  })
  const text = await response.text()
  return JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text) as Asked
}

/** Begins a task; throws where the answer is none. */
export async function begin(
  endpoint: string,
  name: string,
  args: object = {},
  options: Options = {},
): Promise<Task> {
  const { result, error } = await ask(endpoint, 'tools/call', { name, arguments: args }, options)
  if (result?.resultType !== 'task') throw new Error(JSON.stringify(result ?? error))
  return result
}

/** As tasks/get shows it; throws where it answers with an error. */
export async function get(endpoint: string, taskId: string, options: Options = {}): Promise<Task> {
  const { result, error } = await ask(endpoint, 'tasks/get', { taskId }, options)
  if (!result) throw new Error(JSON.stringify(error))
  return result
}

/** The task once it has that status, or has ended. */
export async function until(
  endpoint: string,
  taskId: string,
  is: (task: Task) => boolean = hasEnded,
  { ms = 20_000, ...options }: Options & { ms?: number } = {},
): Promise<Task> {
  const end = Date.now() + ms
  for (;;) {
    const task = await get(endpoint, taskId, options)
    if (is(task)) return task
    if (Date.now() > end || hasEnded(task)) throw new Error(JSON.stringify(task))
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

export const hasEnded = ({ status }: Task) => !['working', 'input_required'].includes(status)
