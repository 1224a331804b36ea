/**
 * Keeps a wrapped server there: starts or reaches it, reads what it offers, starts or reaches it again when it goes, and says
 * meanwhile that it is away, so that consumers move over. There is never more than one process group of it: the next is
 * started when nothing is left of the one before.
 */
import { backoffMs } from '../../core/reconcile/backoff.ts'
import type { WrappedServer } from '../../core/model/agent.ts'
import type { MeshError } from '../../core/model/error.ts'
import { messageOf } from '../../core/model/error.ts'
import { sleep } from '../../core/model/sleep.ts'
import type { Subscriptions } from '../mcp/subscriptions.ts'
import type { ToolResult } from '../proxy/values.ts'
import type { Environment } from '../secrets.ts'
import type { Log } from '../telemetry/log.ts'
import { createWaiters } from '../proxy/waiters.ts'
import { isSessionLost } from './call-fault.ts'
import { askServer, callServer, type ServerCall, type ServerRequest } from './call-server.ts'
import type { Connection, Era } from '../../core/mcp/connection.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { programMissing, reasonOf } from './start-fault.ts'
import { EndedEarly, openLink, type Link } from './link.ts'
import { authOf } from './server-auth.ts'
import { subscribeAt } from './subscribe-at.ts'
import { resolveServer } from './secrets-of-server.ts'
import type { FoundOffers } from '../../core/mcp/list-offers.ts'
import type { FoundTool } from '../../core/mcp/sound-tools.ts'

export interface WrappedOptions {
  server: WrappedServer
  /** In which a command is started. */
  folder: string
  env: Environment
  /** Named to the server as clientInfo. */
  self: { name: string; version: string }
  log: Log
  /** What it offers has changed, or it came or went. */
  onChange: () => void
  /** A resource that is watched has changed, or may have. */
  onResourceUpdated: (uri: string) => void
  /** Below 1, at least 0; default Math.random. */
  random?: () => number
}

export interface Wrapped {
  /** As they were last read; a server that is away keeps them. */
  readonly tools: readonly FoundTool[]
  /** Resources, templates and prompts, likewise. */
  readonly offers: FoundOffers
  /** By name, why a tool of the server is not served. */
  readonly leftOut: ReadonlyMap<string, string>
  /** Why it takes no calls; undefined while it does. */
  readonly away: string | undefined
  /** Rejects with a MeshError or, where the answer is a JSON-RPC error, an RpcError. */
  call(call: ServerCall): Promise<ToolResult>
  /** For a resource, a prompt or a completion; rejects likewise. */
  ask(request: ServerRequest): Promise<Record<string, unknown>>
  /** Resources of the server that clients listen to. */
  readonly subscriptions: Subscriptions
  /** Resolves when nothing of the server is left. */
  close(): Promise<void>
}

const noOffers: FoundOffers = {
  ...{ resources: [], templates: [], prompts: [], hasCompletions: false, canSubscribe: false },
  leftOut: new Map(),
}

const restart = { initialMs: 200, maxMs: 30_000 }
/** One that was there for so long starts its backoff afresh. */
const steadyMs = 30_000
/** Pause between two signs of life that a URL is asked for. */
const pingMs = 10_000
/** The start of an agent waits this long for its server; then it goes on, unhealthy until the server is there. */
const firstMs = 10_000
/** A call whose session was lost waits this long for another one. */
const againMs = 10_000

/** Throws MESH_SECRET_MISSING, and MESH_PROCESS_FAILED where the program is not there. */
export async function startWrapped(options: WrappedOptions): Promise<Wrapped> {
  const { log, folder, self, onChange, random = Math.random } = options
  const resolved = resolveServer(options.server, options.env)
  const { server, mask } = resolved
  const auth = authOf(resolved, options.env)
  const end = new AbortController()
  const waiters = createWaiters()
  let era: Era | undefined
  let tools: readonly FoundTool[] = []
  let leftOut: ReadonlyMap<string, string> = new Map()
  let offers = noOffers
  let away: string | undefined = 'it has not answered yet'
  let link: Link | undefined

  function say(reason: string | undefined): void {
    if (away === reason) return
    away = reason
    if (reason === undefined) log.info('wrapped server is there', { tools: tools.length, era })
    else log.warn('wrapped server is away', { reason })
    waiters.wake()
    onChange()
  }

  async function read(connection: Connection): Promise<void> {
    const [sorted, found] = await Promise.all([
      connection.tools(end.signal),
      connection.offers(end.signal),
    ])
    for (const [what, reason] of found.leftOut) {
      if (offers.leftOut.get(what) === reason) continue
      log.warn('something of the wrapped server is not served', { what: mask(what), reason })
    }
    for (const [tool, reason] of sorted.leftOut) {
      if (leftOut.get(tool) === reason) continue
      log.warn('a tool of the wrapped server is not served', { tool, reason: mask(reason) })
    }
    const isSame = JSON.stringify([sorted.tools, found]) === JSON.stringify([tools, offers])
    ;({ tools, leftOut } = sorted)
    offers = found
    if (!isSame && away === undefined) onChange()
  }
  const { subscriptions, listenAgain } = subscribeAt({
    connection: () => (offers.canSubscribe ? link?.connection : undefined),
    ...{ log, mask, onResourceUpdated: options.onResourceUpdated },
  })
  const readAgain = oneAtATime(async () => {
    try {
      if (link) await read(link.connection)
    } catch (error) {
      if (end.signal.aborted) return
      const reason = mask(messageOf(error))
      log.warn('what the wrapped server offers could not be read', { error: reason })
    }
  })

  /** One life of the server; resolves or rejects with why it is over. */
  async function live(): Promise<string> {
    const opened = await openLink({
      ...{ server, auth, folder, era, self, log, mask },
      onListsChanged: readAgain,
      onResourceUpdated: options.onResourceUpdated,
    })
    era = opened.connection.era
    try {
      await read(opened.connection)
      link = opened
      void listenAgain()
      say(undefined)
      const closed = new AbortController()
      const asked =
        server.kind === 'url'
          ? watch(opened, AbortSignal.any([end.signal, closed.signal]))
          : opened.over
      return await Promise.race([opened.over, asked, untilAborted(end.signal)]).finally(() =>
        closed.abort(),
      )
    } finally {
      link = undefined
      await opened.close()
    }
  }

  /** A process tells of its end; what is far away has to be asked. */
  async function watch({ connection }: Link, signal: AbortSignal): Promise<string> {
    for (let failures = 0; ;) {
      // Woken early by a call that found it away.
      await waiters.wait(failures === 0 ? pingMs : backoffMs(failures, restart, random), signal)
      try {
        await connection.ping(signal)
        if (away !== undefined) await read(connection)
        failures = 0
        say(undefined)
      } catch (error) {
        if (signal.aborted) throw error
        if (isSessionLost(error)) return 'its session was lost'
        failures++
        say(mask(reasonOf(error)))
      }
    }
  }

  let missing: MeshError | undefined
  async function keep(): Promise<void> {
    for (let attempt = 1; !end.signal.aborted; attempt++) {
      const beganAt = performance.now()
      const reason = await live().catch((error: unknown) => {
        if (error instanceof EndedEarly) era = 'legacy' // it may have ended at a word that it does not know
        missing = programMissing(error, server)
        return mask(reasonOf(error))
      })
      if (end.signal.aborted) return
      say(reason)
      if (performance.now() - beganAt > steadyMs) attempt = 1
      await sleep(backoffMs(attempt, restart, random), end.signal).catch(() => undefined) // closed: the loop sees it
    }
  }

  const kept = keep()
  const close = async () => {
    end.abort(new Error('the agent stops'))
    await kept
  }
  await waiters.wait(firstMs, end.signal) // there or not, it has said so
  if (missing) {
    await close()
    throw missing
  }
  const state = {
    get link() {
      return away === undefined ? link : undefined
    },
    get away() {
      return away ?? 'it has just gone'
    },
    ...{ mask, isUrl: server.kind === 'url', asks: server.asks, say },
    async another(old: Link, signal: AbortSignal) {
      const until = performance.now() + againMs
      for (;;) {
        const leftMs = until - performance.now()
        if (leftMs <= 0 || (away === undefined && link && link !== old)) return
        await waiters.wait(leftMs, signal)
      }
    },
  }
  return {
    get tools() {
      return tools
    },
    get offers() {
      return offers
    },
    get leftOut() {
      return leftOut
    },
    get away() {
      return away
    },
    call: wanted => callServer(wanted, state),
    ask: wanted => askServer(wanted, state),
    ...{ subscriptions, close },
  }
}

function untilAborted(signal: AbortSignal): Promise<string> {
  return new Promise(resolve =>
    signal.addEventListener('abort', () => resolve('closed'), { once: true }),
  )
}
