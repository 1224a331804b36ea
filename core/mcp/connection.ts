/**
 * One connection of the mesh to a server that is none of its own, by the SDK's client: the era negotiated, the tools read,
 * and told when they change. What goes over it is not looked at: results are taken as they come. Agents that wrap a server
 * and `meshctl call --url` use the same one.
 */
import {
  StreamableHTTPClientTransport,
  type ElicitRequestFormParams,
  type ElicitResult,
  type Progress,
  type Transport,
} from '@modelcontextprotocol/client'
import { messageOf } from '../model/error.ts'
import { declaredHeaders, paramHeaders, type ParamHeader } from '../model/param-headers.ts'
import { asItCame, listTools, SortingClient } from './list-tools.ts'
import { followed, keepListening } from './keep-listening.ts'
import { listOffers, type FoundOffers } from './list-offers.ts'
import { answerQuestions, type Questions } from './questions.ts'
import type { FoundTool, Sorted } from './sound-tools.ts'
import { watchResources } from './watch-resources.ts'

/** In milliseconds. `uvx` and `npx` may have to fetch a server before it says its first word. */
const usual = { handshake: 60_000, probe: 15_000, list: 15_000 }
/** A call is bounded by its signal; the SDK would bound it by a minute. */
const noTimeout = 2 ** 31 - 1

/** What is asked of a server besides its tools. */
export type OfferMethod = 'resources/read' | 'prompts/get' | 'completion/complete'

export type Era = 'modern' | 'legacy'

/** What goes into a tools/call. */
export interface CallParams {
  name: string
  arguments?: Readonly<Record<string, unknown>>
  _meta?: Readonly<Record<string, unknown>>
}

export interface Connection {
  readonly era: Era
  /** All tools that can be served, and the others. Rejects when the server does not answer as MCP has it. */
  tools(signal: AbortSignal): Promise<Sorted>
  /** Calls a tool with the headers that its schema asks for, as the tools were last read. Rejects with the SDK's errors. */
  call(params: CallParams, limits: CallLimits): Promise<Record<string, unknown>>
  /** Resources, templates and prompts. Rejects as `tools` does. */
  offers(signal: AbortSignal): Promise<FoundOffers>
  /** Any other request; its result as it came. Rejects with the SDK's errors. */
  request(
    method: OfferMethod,
    params: Readonly<Record<string, unknown>>,
    limits: CallLimits,
  ): Promise<Record<string, unknown>>
  /** Hears of changes of exactly these resources from then on. Rejects with the SDK's errors. */
  watch(uris: ReadonlySet<string>): Promise<void>
  /** Asks the server for a sign of life. */
  ping(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export interface CallLimits {
  signal: AbortSignal
  onProgress?: ((progress: Progress) => void) | undefined
  /** By it `Questions.answer` is told of which call a question is. */
  token?: object | undefined
}

export interface ConnectionOptions {
  transport: Transport
  /** How it spoke the last time; a server that is known to be old is not probed again. */
  era: Era | undefined
  /** Named to the server as clientInfo. */
  self: { name: string; version: string }
  /** Told of any list of the server. Absent, changes are not asked for. */
  onListsChanged?: () => void
  /** Told of the resources that are watched. */
  onResourceUpdated?: (uri: string) => void
  onEnd: () => void
  log: { debug(message: string, fields?: Readonly<Record<string, unknown>>): void }
  mask: (text: string) => string
  /** Answers what the server asks a person; absent, it is told that nobody can be asked. */
  elicit?: (asked: ElicitRequestFormParams) => Promise<ElicitResult>
  /** Answers all that the server asks, in place of `elicit`. Rounds of the modern era are given back as they come. */
  questions?: Questions
  /** Of the first words: longer where a person logs in meanwhile. Milliseconds; default 15 s to 60 s. */
  patienceMs?: number
}

/** Rejects when the server cannot be reached or speaks no MCP; nothing of the connection is left then. */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const { transport, era, self, onListsChanged, onEnd, log, mask, elicit, questions, patienceMs } =
    options
  const lists: Sorted[] = []
  const client = new SortingClient(lists, self, {
    versionNegotiation: { mode: 'auto', probe: { timeoutMs: patienceMs ?? usual.probe } },
    ...(onListsChanged && { listChanged: followed(onListsChanged) }),
    ...(elicit && { capabilities: { elicitation: { form: { applyDefaults: true } } } }),
    ...(questions && { capabilities: questions.declared }),
  })
  client.onclose = onEnd
  client.onerror = error => log.debug('wrapped server', { error: mask(messageOf(error)) })
  const asked = answerQuestions(client, questions)
  if (elicit) {
    client.setRequestHandler('elicitation/create', ({ params }) => {
      if (params.mode === 'url') throw new Error('only forms can be answered here')
      return elicit(params)
    })
  }
  try {
    const prior = era === 'legacy' ? { prior: { kind: 'legacy' as const } } : {}
    await client.connect(transport, { timeout: patienceMs ?? usual.handshake, ...prior })
  } catch (error) {
    await transport.close()
    throw error
  }
  const resources = watchResources(client, {
    isModern: client.getProtocolEra() === 'modern',
    timeoutMs: usual.list,
    onUpdated: uri => options.onResourceUpdated?.(uri),
  })
  const closing = new AbortController()
  if (onListsChanged) void keepListening(client, closing.signal, onListsChanged)
  const isModern = client.getProtocolEra() === 'modern'
  // Other transports have no headers that could be missing.
  const hasHeaders = isModern && transport instanceof StreamableHTTPClientTransport
  let headersOf = new Map<string, ParamHeader[]>()

  async function tools(signal: AbortSignal): Promise<Sorted> {
    const timeoutMs = patienceMs ?? usual.list
    const sorted = await listTools(client, lists, { signal, timeoutMs })
    if (!hasHeaders) return sorted
    const declared = new Map(sorted.tools.map(tool => [tool, declaredHeaders(tool.inputSchema)]))
    headersOf = new Map([...declared].map(([{ name }, { headers }]) => [name, headers]))
    const leftOut = new Map(sorted.leftOut)
    for (const [{ name }, { fault }] of declared) {
      if (fault !== undefined) leftOut.set(name, `of its inputSchema, ${fault}`)
    }
    const isSound = (tool: FoundTool) => declared.get(tool)?.fault === undefined
    return { tools: sorted.tools.filter(isSound), leftOut }
  }

  function request(
    { method, params }: { method: string; params: Readonly<Record<string, unknown>> },
    { signal, onProgress, token }: CallLimits,
    lines: readonly string[] = [],
  ) {
    const headers = Object.fromEntries(pairs(lines))
    const limits = {
      ...{ signal, timeout: noTimeout, headers, allowInputRequired: questions !== undefined },
      ...(onProgress && { onprogress: onProgress }),
    }
    const sent = client.request({ method, params: { ...params } }, asItCame, limits)
    return token ? asked.during(token, headers, sent) : sent
  }

  function send(params: CallParams, limits: CallLimits) {
    const lines = paramHeaders(headersOf.get(params.name) ?? [], params.arguments)
    return request({ method: 'tools/call', params: { ...params } }, limits, lines)
  }

  return {
    era: isModern ? 'modern' : 'legacy',
    tools,
    async call(params, limits) {
      try {
        return await send(params, limits)
      } catch (error) {
        // Refused before it ran: the schema has changed since it was read.
        if (!hasHeaders || !isHeaderMismatch(error)) throw error
        await tools(limits.signal)
        return send(params, limits)
      }
    },
    offers: signal => listOffers(client, { signal, timeoutMs: patienceMs ?? usual.list }),
    request: (method, params, limits) => request({ method, params }, limits),
    watch: uris => resources.watch(uris),
    async ping(signal) {
      const limits = { signal, timeout: usual.list }
      if (isModern) await client.discover(limits)
      else await client.ping(limits)
    },
    async close() {
      closing.abort()
      resources.close()
      client.onclose = () => undefined
      await client.close()
    },
  }
}

const isHeaderMismatch = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === -32020

function pairs(list: readonly string[]): [string, string][] {
  return list.flatMap((name, i) =>
    i % 2 === 0 ? [[name, list[i + 1] ?? ''] as [string, string]] : [],
  )
}
