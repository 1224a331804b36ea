/**
 * MCP on standard input and output, carried to an MCP endpoint over HTTP: a message a line in both directions, in either era of
 * the protocol. What it carries stays as it is; only what HTTP wants beside a message is read out of it.
 */
import { Agent, request, type Dispatcher } from 'undici'
import { createEventParser } from '../../client/event-stream.ts'
import { messageOf } from '../../model/error.ts'
import { headerValue } from '../../model/param-headers.ts'
import { createToolHeaders } from './tool-headers.ts'

export interface BridgeOptions {
  /** URL of the endpoint. */
  url: string
  /** Presented to it. */
  token: string | undefined
  /** Messages of the client, a line each. */
  lines: AsyncIterable<string>
  /** A message for the client. */
  out: (line: string) => void
  /** Ends it, as the end of the lines does. */
  signal: AbortSignal
}

interface Message {
  id?: string | number
  method?: string
  params?: Record<string, unknown> & { _meta?: Record<string, unknown> }
}

/** In characters; the endpoint bounds what it passes on likewise. */
const maxEventLength = 64 * 1024 * 1024

/** Resolves when the client or the signal has ended it. What cannot be carried is answered with an error of JSON-RPC. */
export async function bridge(options: BridgeOptions): Promise<void> {
  const { url, lines, out } = options
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connectTimeout: 5_000 })
  const end = new AbortController()
  const abort = () => end.abort()
  options.signal.addEventListener('abort', abort)
  /** Requests under way, by their ids. */
  const running = new Map<string | number, AbortController>()
  /** Of a client before 2026-07-28. */
  let session: string | undefined
  let version: string | undefined
  const sent = new Set<Promise<void>>()
  const repeated = createToolHeaders()

  const headersOf = ({ method, params }: Message): Record<string, string> => {
    const modern = params?._meta?.['io.modelcontextprotocol/protocolVersion']
    const name = params?.['name'] ?? params?.['uri']
    return {
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
      ...(typeof modern === 'string'
        ? {
            ...{ 'mcp-protocol-version': modern, 'mcp-method': method ?? '' },
            ...(typeof name === 'string' && { 'mcp-name': headerValue(name) }),
            ...(method === 'tools/call' && repeated.of({ ...params })),
          }
        : {
            ...(version !== undefined && { 'mcp-protocol-version': version }),
            ...(session !== undefined && { 'mcp-session-id': session }),
          }),
    }
  }

  async function carry(line: string, message: Message): Promise<void> {
    const own = new AbortController()
    const { id, method } = message
    if (id !== undefined && method !== undefined) running.set(id, own)
    try {
      const signal = AbortSignal.any([end.signal, own.signal])
      const headers = headersOf(message)
      const answer = await request(url, { dispatcher, method: 'POST', headers, body: line, signal })
      if (method === 'initialize') session = textOf(answer.headers['mcp-session-id'])
      await read(answer, message)
      if (method === 'notifications/initialized' && session !== undefined) void listen()
    } catch (error) {
      if (end.signal.aborted || own.signal.aborted || id === undefined || !method) return
      out(errorLine(id, `${url} does not answer: ${messageOf(error)}`))
    } finally {
      if (id !== undefined) running.delete(id)
    }
  }

  async function read(
    { headers, body, statusCode }: Dispatcher.ResponseData,
    { id, method }: Message,
  ) {
    const type = textOf(headers['content-type']) ?? ''
    if (type.startsWith('text/event-stream')) return readEvents(body, method)
    const text = await body.text()
    if (method === undefined || id === undefined) return // nothing answers a notification
    const answer = parse(text)
    if (!answer) return out(errorLine(id, `${url} answered HTTP ${statusCode} and no MCP`))
    if (method === 'initialize') version = versionIn(answer)
    repeated.learn(method, answer['result'])
    // An endpoint that refused before it read the request does not know its id.
    out(JSON.stringify('id' in answer && answer['id'] !== null ? answer : { ...answer, id }))
  }

  async function readEvents(body: AsyncIterable<Uint8Array>, of?: string): Promise<void> {
    const take = createEventParser(({ data }) => {
      const message = parse(data)
      if (!message) return
      if ('result' in message) version ??= versionIn(message)
      repeated.learn(of, message['result'])
      out(JSON.stringify(message))
    }, maxEventLength)
    for await (const chunk of body) take(chunk)
  }

  /** What the endpoint has to say by itself. */
  async function listen(): Promise<void> {
    const headers = { ...headersOf({}), accept: 'text/event-stream' }
    const { signal } = end
    const answer = await request(url, { dispatcher, method: 'GET', headers, signal }).catch(
      () => undefined, // an endpoint may have no such stream, and then says nothing by itself
    )
    if (answer?.statusCode === 200)
      await readEvents(answer.body).catch(() => undefined) // ended
    else await answer?.body.dump().catch(() => undefined)
  }

  async function run(): Promise<void> {
    for await (const line of until(lines, end.signal)) {
      if (line.trim() === '') continue
      const message = parse(line) as Message | undefined
      if (!message) {
        out(
          JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32700, message: 'no JSON' } }),
        )
        continue
      }
      const cancelled = message.params?.['requestId'] as string | number | undefined
      const isCancel = message.method === 'notifications/cancelled' && cancelled !== undefined
      // A client before 2026-07-28 says so to the server; after it, a closed stream is the word.
      if (isCancel && session === undefined) {
        running.get(cancelled)?.abort()
        continue
      }
      const carried = carry(line, message)
      sent.add(carried)
      void carried.finally(() => sent.delete(carried))
      // What follows belongs to the session that this opens.
      if (message.method === 'initialize' || message.method === 'notifications/initialized')
        await carried
    }
  }

  try {
    await run()
    end.abort()
    await Promise.all(sent)
    if (session === undefined) return
    const headers = headersOf({})
    const left = await request(url, { dispatcher, method: 'DELETE', headers }).catch(
      () => undefined,
    )
    await left?.body.dump().catch(() => undefined) // it ends by itself too
  } finally {
    end.abort()
    options.signal.removeEventListener('abort', abort)
    await dispatcher.destroy()
  }
}

/** The lines up to the signal. */
async function* until(lines: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<string> {
  const aborted = new Promise<undefined>(resolve =>
    signal.addEventListener('abort', () => resolve(undefined)),
  )
  const iterator = lines[Symbol.asyncIterator]()
  while (!signal.aborted) {
    const next = await Promise.race([iterator.next(), aborted])
    if (!next || next.done === true) return
    yield next.value
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined // the caller says what that means
  }
}

function versionIn({ result }: Record<string, unknown>): string | undefined {
  return textOf((result as Record<string, unknown> | undefined)?.['protocolVersion'])
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined)

function errorLine(id: string | number, message: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32000, message } })
}
