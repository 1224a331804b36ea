/**
 * Which arguments are repeated in headers, learnt from what passes: a client on standard input has no headers, and an endpoint
 * over HTTP refuses a call without them. What a list says of a tool holds; what a search found only adds to it.
 */
import { headersIn, paramHeaders, type ParamHeader } from '../../model/param-headers.ts'

export interface ToolHeaders {
  /** The result of a request. */
  learn(method: string | undefined, result: unknown): void
  /** Of a call with these params. */
  of(params: Readonly<Record<string, unknown>>): Record<string, string>
}

export function createToolHeaders(): ToolHeaders {
  let listed = new Map<string, readonly ParamHeader[]>()
  const found = new Map<string, readonly ParamHeader[]>()
  return {
    learn(method, result) {
      if (method === 'tools/list') listed = new Map([...listed, ...declared(result)])
      if (method !== 'tools/call') return
      for (const [name, headers] of declared(record(result)['structuredContent']))
        if (headers.length > 0 && found.size < most) found.set(name, headers)
    },
    of({ name, arguments: args }) {
      const key = String(name)
      const lines = paramHeaders(listed.get(key) ?? found.get(key) ?? [], record(args))
      const pairs = lines.flatMap((line, i) => (i % 2 === 0 ? [[line, lines[i + 1] ?? '']] : []))
      return Object.fromEntries(pairs) as Record<string, string>
    },
  }
}

/** Whatever a tool answers, no more is kept of it. */
const most = 10_000

function declared(holder: unknown): [string, readonly ParamHeader[]][] {
  const { tools } = record(holder)
  if (!Array.isArray(tools)) return []
  return tools.map(record).flatMap(({ name, inputSchema }) => {
    const isTool = typeof name === 'string' && typeof inputSchema === 'object' && inputSchema
    return isTool ? [[name, headersIn(inputSchema)]] : []
  })
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}
}
