/**
 * A running registry: store, control plane and HTTP server, started in this order and stopped in reverse. Stopping ends
 * the watch streams first: agents take that for what it is, a registry that left, and go on with what they know.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { hostname, networkInterfaces } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import { portHolder } from '../client/port-holder.ts'
import { MeshError } from '../model/error.ts'
import { createApp } from './app.ts'
import { refuseBroken } from './broken-request.ts'
import { openMesh, type Mesh, type MeshTimes } from './control/mesh.ts'
import { isLoopback } from './guard.ts'
import type { StoreLocation } from './store/configuration.ts'
import { openStore } from './store/knex-store.ts'

export interface RegistryTimes extends MeshTimes {
  /** Pause between the comments that keep watch streams open. */
  keepAliveMs: number
  /** A request has to be there whole within this. */
  requestMs: number
}

export interface RegistryOptions {
  host: string
  /** 0 takes any free one. */
  port: number
  store: StoreLocation
  /** What callers have to present; without it nothing but loopback is bound. */
  token: string | undefined
  /** Names beside the bound address and loopback under which the registry is reached. */
  advertise: readonly string[]
  log: Logger
  times?: Partial<RegistryTimes>
}

export interface RunningRegistry {
  /** Base URL, by loopback where every address is bound. */
  readonly url: string
  readonly mesh: Mesh
  /** Ends streams and connections; what was being answered gets a moment. */
  close(): Promise<void>
}

/** The lease is renewed each third of its time; the grace covers a reconnect, not a restart. ADR 0007. */
export const defaultTimes: RegistryTimes = {
  ttlMs: 15_000,
  graceMs: 5_000,
  watchWithinMs: 2_000,
  settleMs: 3_000,
  keepAliveMs: 10_000,
  requestMs: 10_000,
}

/** What is being answered when the registry stops has this long to end. */
const CLOSE_WITHIN_MS = 3_000

/** Throws MESH_BIND_UNSAFE, MESH_PORT_TAKEN, MESH_STORE_UNAVAILABLE. */
export async function startRegistry(options: RegistryOptions): Promise<RunningRegistry> {
  const { host, port, token, log, advertise } = options
  const times = { ...defaultTimes, ...options.times }
  refuseUnsafe(host, token)
  const store = await openStore(options.store)
  let isStopping = false
  let mesh: Mesh | undefined
  try {
    mesh = await openMesh({ store, log, times, now: () => performance.now() })
    const app = createApp({
      ...{ mesh, token, names: namesOf(host, advertise), keepAliveMs: times.keepAliveMs },
      isStopping: () => isStopping,
    })
    const handle = app.callback()
    const server = createServer(
      { connectionsCheckingInterval: 1_000, keepAliveTimeout: 60_000 },
      (request, response) => {
        if (isStopping && request.url?.startsWith('/v1/')) refuseLate(request, response)
        else void handle(request, response)
      },
    )
    server.on('clientError', (error, socket) => refuseBroken(error, socket, log))
    server.requestTimeout = times.requestMs
    server.headersTimeout = times.requestMs
    await listen(server, host, port)
    const url = urlOf(host, (server.address() as AddressInfo).port)
    log.info({ registry: url, store: options.store.kind }, 'registry serves')
    const running = mesh
    return {
      url,
      mesh,
      async close() {
        if (isStopping) return
        isStopping = true
        await stop(server, running)
        await store.close()
        log.info({ registry: url }, 'registry stopped')
      },
    }
  } catch (error) {
    await mesh?.close()
    await store.close()
    throw error
  }
}

/** As a closed port does: the client goes to another registry. What was asked before on the same connection is answered first. */
function refuseLate({ socket }: IncomingMessage, response: ServerResponse): void {
  if (response.socket) socket.destroy()
  else response.once('socket', () => socket.destroySoon())
}

async function stop(server: Server, mesh: Mesh): Promise<void> {
  const closed = new Promise(resolve => server.close(resolve))
  for (const id of [...mesh.watchers.ids()]) mesh.watchers.end(id)
  mesh.agentWatchers.close()
  mesh.audit.close()
  server.closeIdleConnections()
  const answered = setInterval(() => server.closeIdleConnections(), 20) // clients keep theirs open
  const late = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS)
  await closed
  clearInterval(answered)
  clearTimeout(late)
  await mesh.close()
}

function refuseUnsafe(host: string, token: string | undefined): void {
  if (token !== undefined || isLoopback(host) || isLoopback(`[${host}]`)) return
  throw new MeshError(
    'MESH_BIND_UNSAFE',
    `the registry would bind ${host} without a token that callers must present`,
    'set MESH_TOKEN, or bind 127.0.0.1',
  )
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error => {
      const code = 'code' in error ? error.code : undefined
      if (code !== 'EADDRINUSE') return reject(error)
      portHolder(host, port).then(holder => reject(portTaken(host, port, holder)), reject)
    })
    server.listen(port, host.replace(/^\[|\]$/g, ''), () => resolve())
  })
}

function portTaken(host: string, port: number, holder: string | undefined): MeshError {
  const by = holder === undefined ? '' : ` by ${holder}`
  const mend = `stop it, or write another port: --port ${port + 1}`
  return new MeshError('MESH_PORT_TAKEN', `port ${port} of ${host} is taken${by}`, mend)
}

/** Where every address is bound, the machine's own names and addresses are its names. */
function namesOf(host: string, advertise: readonly string[]): Set<string> {
  const names = [host, ...advertise]
  if (isWildcard(host)) {
    const addresses = Object.values(networkInterfaces()).flatMap(all => all ?? [])
    names.push(hostname(), ...addresses.map(({ address }) => address))
  }
  return new Set(names.map(name => (name.includes(':') ? `[${name}]` : name).toLowerCase()))
}

function urlOf(host: string, port: number): string {
  const name = isWildcard(host) ? '127.0.0.1' : host
  return `http://${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`
}

function isWildcard(host: string): boolean {
  return ['0.0.0.0', '::', '[::]'].includes(host)
}
