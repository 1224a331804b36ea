/**
 * MCP by the SDK, which speaks both eras of the protocol: everything but the one shape of request that agents send each
 * other, and what belongs to sessions of the older era. It is a module of its own because loading the SDK costs as much as
 * the rest of an agent's start.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { messageOf } from '../../core/model/error.ts'
import { Answers } from './answers.ts'
import { readBody } from './fast-path.ts'
import { admit, isLegacy, serveSession } from './legacy-requests.ts'
import { LegacySessions, type LegacySession } from './legacy-sessions.ts'
import { createServer } from './sdk-server.ts'
import { refuseHeaders } from './param-headers.ts'
import { maxBodyBytes, replay, type McpOptions } from './serve.ts'
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
  response: ServerResponse
  session: LegacySession | undefined
}

export function serveBySdk(options: McpOptions): SdkServing {
  const { served, log, owned, sealer } = options
  const onerror = (error: Error) => log.debug('MCP request refused', { error: messageOf(error) })
  const limits = { maxRequestBodySize: maxBodyBytes, onerror }
  const sessions = new LegacySessions()
  const answers = new Answers()
  // What is carried as its caller's authentication passes through the SDK untouched, in both eras, and no handler of ours
  // reads it. AsyncLocalStorage would do as well, but on Node 20 one use of it taxes every promise of the process from then on.
  const carried = new WeakMap<object, Carried>()
  const handler = createMcpHandler(({ era, authInfo }) => {
    const { response, session } = (authInfo && carried.get(authInfo)) ?? {}
    return createServer(served(), {
      ...options,
      onerror,
      era,
      response,
      session,
      sessions,
      answers,
    })
  }, limits)
  const node = toNodeHandler(handler, limits)
  const legacy = { sessions, answers, owned, sealer }

  return {
    async handle(request, response, body) {
      let session: LegacySession | undefined
      let given = request
      if (request.method !== 'POST') {
        if (request.method === 'GET' || request.method === 'DELETE')
          return serveSession(request, response, legacy)
      } else if (body || isLookedInto(request, served().tools)) {
        const bytes = body ?? (await readBody(request, maxBodyBytes))
        given = replay(request, bytes)
        const message = bytes.length > maxBodyBytes ? undefined : parse(bytes)
        if (message !== undefined && isLegacy(request, message)) {
          const admitted = await admit(request, response, message, legacy)
          if (admitted === 'answered') return
          session = admitted
        } else if (refuseHeaders(request, response, { message, tools: served().tools })) return
      }
      const auth = { token: '', clientId: '', scopes: [] }
      carried.set(auth, { response, session })
      return node(Object.assign(given, { auth }) as NodeRequest, response)
    },
    listsChanged(names) {
      for (const name of names) {
        if (name === 'tools') handler.notify.toolsChanged()
        if (name === 'prompts') handler.notify.promptsChanged()
        if (name === 'resources') handler.notify.resourcesChanged()
        sessions.notify(`notifications/${name}/list_changed`)
      }
    },
    resourceUpdated(uri) {
      handler.notify.resourceUpdated(uri)
      sessions.notify('notifications/resources/updated', uri)
    },
    async close() {
      sessions.close()
      await handler.close()
    },
  }
}

/** Whether the body has to be read before the SDK reads it. */
function isLookedInto({ headers }: IncomingMessage, { byName }: Tools): boolean {
  if (headers['mcp-protocol-version'] !== '2026-07-28') return true
  const tool = byName.get(String(headers['mcp-name']))
  return tool !== undefined && 'checkHeaders' in tool && tool.checkHeaders !== undefined
}

/** Undefined for what is no JSON: the SDK words that. */
function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}
