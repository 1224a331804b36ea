/**
 * Serves MCP on a Node request: the one shape of request that agents send each other by the fast path, everything else
 * by the SDK. Both run tools by the same `invoke`.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { ClientStore } from '../clients/store.ts'
import { nodeExchange, type Exchange } from '../http/exchange.ts'
import { readBody } from '../http/read-body.ts'
import type { Log } from '../telemetry/log.ts'
import { callFast, isCandidate } from './fast-path.ts'
import type { Invoke } from './invoke.ts'
import { KnownCalls } from './known-calls.ts'
import { watchLists } from './watch-lists.ts'
import type { Owned } from './legacy-sessions.ts'
import type { Sealer } from './seal.ts'
import type { SdkServing } from './sdk.ts'
import type { Offers } from './offers.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { TaskRequests, Tasks } from '../tasks/tasks.ts'
import type { Tools } from './tools.ts'

/** What a request body may hold. */
export const maxBodyBytes = 16 * 1024 * 1024

export interface McpServing {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** What is served without node:http; absent where nothing is. */
  readonly plain?: PlainServing
  /** Loads the SDK now, so that the first request that needs it does not wait for that. */
  warm(): Promise<void>
  /** To be called when what is served is another: tells those who listen which lists have changed. */
  listsChanged(): void
  /** Tells those who listen here for the resource that it is another. */
  resourceUpdated(uri: string): void
  close(): Promise<void>
}

/** POSTs that were read without node:http. */
export interface PlainServing {
  /** By headers alone. */
  isFor(headers: IncomingHttpHeaders): boolean
  /** Undefined where it declines, and has done nothing; else resolves when the answer is given. */
  take(body: string, exchange: Exchange): Promise<void> | undefined
}

export interface Listed {
  readonly tools: Tools
  readonly offers: Offers
  /** What clients may keep of the lists; undefined for nothing. */
  cache?: { ttlMs: number; scope: 'private' | 'public' } | undefined
}

export interface McpOptions {
  /** What is served now; read at each request. */
  served: () => Listed
  invoke: Invoke
  /** Undefined for an agent whose tools are no tasks. Without `call`, `invoke` says which call is answered with a handle. */
  tasks?: (TaskRequests & Partial<Pick<Tasks, 'call'>>) | undefined
  /** Resources that are listened to elsewhere while a client does; undefined where none are. */
  subscriptions?: Subscriptions | undefined
  log: Log
  /** Whose sessions and states it seals. */
  owned: Owned
  sealer: () => Promise<Sealer>
  /** This one. */
  instance: string
  /** Where sessions of older clients are remembered; opened for the first of them. */
  clients: () => Promise<ClientStore>
  /** Any kind of offer may come that is not there yet, so that clients are told of all of them. Default false. */
  isOpen?: boolean
  /** False leaves everything to the SDK: for the test that compares the two. Default true. */
  isFast?: boolean
}

export function serveMcp(options: McpOptions): McpServing {
  const { served, invoke, isFast = true } = options
  let loading: Promise<SdkServing> | undefined
  let sdk: SdkServing | undefined
  const changes = watchLists(served)
  const known = new KnownCalls()
  const load = () =>
    (loading ??= import('./sdk.ts').then(({ serveBySdk }) => (sdk = serveBySdk(options))))
  const bySdk = async (request: IncomingMessage, response: ServerResponse, body?: Buffer) =>
    (sdk ?? (await load())).handle(request, response, body)
  const isFor = (headers: IncomingHttpHeaders) => isCandidate(headers, served().tools.byName)
  const take = (text: string, exchange: Exchange) =>
    callFast(text, exchange, { tools: served().tools, invoke, known })
  return {
    async handle(request, response) {
      // With it clients begin: the calls that follow come on a connection that node:http has not taken for good.
      if (request.headers['mcp-method'] === 'server/discover') response.shouldKeepAlive = false
      if (!isFast || request.method !== 'POST' || !isFor(request.headers))
        return bySdk(request, response)
      const body = await readBody(request, maxBodyBytes)
      const answered = take(body.toString('utf8'), nodeExchange(request, response))
      return answered ?? bySdk(request, response, body)
    },
    ...(isFast && { plain: { isFor, take } }),
    async warm() {
      await load()
    },
    listsChanged() {
      const changed = changes()
      if (changed.length > 0) sdk?.listsChanged(changed) // nobody listens before it is loaded
    },
    resourceUpdated: uri => sdk?.resourceUpdated(uri),
    close: async () => (await loading)?.close(),
  }
}

/** The request with its body, which has been read, to be read again. */
export function replay(request: IncomingMessage, body: Buffer): IncomingMessage {
  return Object.create(request, {
    [Symbol.asyncIterator]: {
      value: async function* () {
        yield body
      },
    },
  }) as IncomingMessage
}
