/**
 * MCP by the SDK, which speaks both eras of the protocol: everything but the one shape of request that agents send each
 * other, and what belongs to sessions of the older era. It is a module of its own because loading the SDK costs as much as
 * the rest of an agent's start.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { messageOf } from '../../core/model/error.ts'
import { StoreLost } from '../sessions/store.ts'
import type { CallStream } from './call-stream.ts'
import type { Outlet } from './event-stream.ts'
import { readBody } from '../http/read-body.ts'
import { admit, idsOf, isLegacy, refuseLost, serveSession } from './legacy-requests.ts'
import { LegacySessions } from './legacy-sessions.ts'
import { isPrimed } from './resume-stream.ts'
import { capabilitiesOf } from './sdk-offers.ts'
import { beginListening } from './serve-listening.ts'
import type { ListenStream } from './listen-stream.ts'
import { createServer, type ClientOfRequest } from './sdk-server.ts'
import { refuseHeaders } from './param-headers.ts'
import { maxBodyBytes, replay, type Listed, type McpOptions } from './serve.ts'
import type { Tools } from './tools.ts'
import type { ListName } from './watch-lists.ts'

/** Node's request as the SDK's type describes it; it differs only in how it writes an absent property. */
type NodeRequest = Parameters<ReturnType<typeof toNodeHandler>>[0]

export interface SdkServing {
  /** `body` where it has been read. */
  handle(request: IncomingMessage, response: ServerResponse, body?: Buffer): Promise<void>
  listsChanged(names: readonly ListName[]): void
  /** Tells those who are subscribed to the resource. */
  resourceUpdated(uri: string): void
  close(): Promise<void>
}

/** What a request carries along through the SDK. */
interface Carried {
  /** For its back-pressure: the SDK takes whatever it is given and keeps it until it is read. */
  response: Outlet
  client: ClientOfRequest | undefined
  /** Ends what was begun for the request. */
  end: () => Promise<void>
}

export function serveBySdk(options: McpOptions): SdkServing {
  const { served, log, owned, sealer, instance } = options
  const onerror = (error: Error) => log.debug('MCP request refused', { error: messageOf(error) })
  const limits = { maxRequestBodySize: maxBodyBytes, onerror }
  let sessions: LegacySessions | undefined
  let opening: Promise<LegacySessions> | undefined
  const open = () =>
    (opening ??= options.clients().then(store => {
      return (sessions = new LegacySessions(store, instance, {
        ...{ updated: resourceUpdated, lists, subscriptions: options.subscriptions },
      }))
    }))
  // What is carried as its caller's authentication passes through the SDK untouched, in both eras, and no handler of ours
  // reads it. AsyncLocalStorage would do as well, but on Node 20 one use of it taxes every promise of the process from then on.
  const carried = new WeakMap<object, Carried>()
  const handler = createMcpHandler(({ era, authInfo }) => {
    const known = authInfo && carried.get(authInfo)
    const { response, client } = known ?? {}
    const server = createServer(served(), { ...options, onerror, era, response, client })
    if (known) known.end = () => server.close()
    return server
  }, limits)
  const node = toNodeHandler(handler, limits)
  const resourceUpdated = (uri: string) => {
    handler.notify.resourceUpdated(uri)
    sessions?.streams.notify('notifications/resources/updated', uri)
  }
  const legacy = async () => ({ sessions: await open(), owned, sealer, instance, log })
  const lists = () => listsIn(served(), options.isOpen === true).map(changedMethod)

  return {
    async handle(request, response, body) {
      try {
        await serve(request, response, body)
      } catch (error) {
        if (!(error instanceof StoreLost) || response.headersSent) throw error
        refuseLost(response)
      }
    },
    listsChanged(names) {
      for (const name of names) {
        if (name === 'tools') handler.notify.toolsChanged()
        if (name === 'prompts') handler.notify.promptsChanged()
        if (name === 'resources') handler.notify.resourcesChanged()
        sessions?.streams.notify(changedMethod(name))
      }
    },
    resourceUpdated,
    async close() {
      sessions?.streams.close()
      sessions?.calls.close()
      await handler.close()
    },
  }

  async function serve(request: IncomingMessage, response: ServerResponse, body?: Buffer) {
    const known: Carried = { response, client: undefined, end: () => Promise.resolve() }
    let given = request
    let read = body
    let answering: ServerResponse | CallStream | ListenStream = response
    if (request.method !== 'POST') {
      if (request.method === 'GET' || request.method === 'DELETE')
        return serveSession(request, response, await legacy())
    } else if (body || isLookedInto(request, served().tools)) {
      const bytes = (read = body ?? (await readBody(request, maxBodyBytes)))
      given = replay(request, bytes)
      const message = bytes.length > maxBodyBytes ? undefined : parse(bytes)
      if (message !== undefined && isLegacy(request, message)) {
        const means = await legacy()
        const admitted = await admit(request, response, message, means)
        if (admitted === 'answered') return
        if (admitted) {
          const { running, calls } = means.sessions
          const cancel = () => void known.end().catch(onerror)
          const ids = idsOf(message)
          // Whoever may come back for the answer is not gone with its connection.
          if (ids.length > 0 && isPrimed(request)) answering = calls.open(admitted.id, response)
          answering.on('close', running.enter(admitted.id, ids, cancel))
          known.response = answering
          known.client = { session: admitted, sessions: means.sessions }
        }
      } else if (refuseHeaders(request, response, { message, tools: served().tools })) return
    }
    if (request.headers['mcp-method'] === 'subscriptions/listen') {
      await open() // from here on it hears of what changes at other instances
      read ??= await bytesOf(request)
      given = replay(request, read)
      const tasks = served().tools.hasTasks ? options.tasks : undefined
      const begun = await beginListening(parse(read), response, {
        ...{ tasks, subscriptions: options.subscriptions },
      })
      if (begun === 'answered') return
      if (begun) {
        given = replay(request, begun.body)
        answering = begun.stream
      }
    }
    const auth = { token: '', clientId: '', scopes: [] }
    carried.set(auth, known)
    return node(Object.assign(given, { auth }) as NodeRequest, answering)
  }
}

const changedMethod = (name: ListName) => `notifications/${name}/list_changed`

/** Those that a client may be told of. */
function listsIn({ tools, offers }: Listed, isOpen: boolean): ListName[] {
  const { resources, prompts } = capabilitiesOf(offers, isOpen)
  const has = { tools: isOpen || tools.byName.size > 0, resources, prompts }
  return (Object.keys(has) as ListName[]).filter(name => has[name])
}

/** Whether the body has to be read before the SDK reads it. */
function isLookedInto({ headers }: IncomingMessage, { byName }: Tools): boolean {
  if (headers['mcp-protocol-version'] !== '2026-07-28') return true
  const tool = byName.get(String(headers['mcp-name']))
  return tool !== undefined && 'checkHeaders' in tool && tool.checkHeaders !== undefined
}

/** Also of a request that is replayed, which can be read in this way alone. */
async function bytesOf(request: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) if ((bytes += chunk.length) <= maxBodyBytes) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Undefined for what is no JSON: the SDK words that. */
function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}
