/**
 * The agent's HTTP server: health for whoever watches the process, MCP at its path with and without a slash at its end.
 * Nothing but loopback is bound without a token.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MeshError, messageOf } from '../../core/model/error.ts'
import type { SessionList } from '../../core/model/session-list.ts'
import type { Gate } from '../gate.ts'
import type { McpServing } from '../mcp/serve.ts'
import type { Log } from '../telemetry/log.ts'
import { createAdmission, isLoopback, type Admission } from './admission.ts'
import { putInFront } from './plain/front.ts'
import { plainRequests } from './plain/plain-requests.ts'
import { portHolder } from '../../core/client/port-holder.ts'
import { replyJson, replyProblem, replyRefusal } from './reply.ts'
import { serveHealth, type Identity, type ServingState } from './routes/health.ts'
import { serveMcpRoute } from './routes/mcp.ts'
import { serveMetrics } from './routes/metrics.ts'

export interface HttpOptions {
  host: string
  /** 0 takes any free one. */
  port: number
  /** Of the MCP endpoint, without a slash at its end. */
  path: string
  advertise: string | undefined
  /** What callers must present. */
  token: string | undefined
  identity: Identity
  state: () => ServingState
  unhealthy: () => { reason: string } | undefined
  /** What `/metrics` answers. */
  metrics: () => string
  /** What `/sessions` answers; undefined where no tool has sessions. */
  sessions?: () => SessionList | undefined
  gate: Gate
  mcp: McpServing
  log: Log
}

export interface HttpServer {
  /** The one that is bound. */
  readonly port: number
  /** Takes no more connections and cuts those that are open. */
  close(): Promise<void>
}

/** Resolves once it listens. Throws MESH_BIND_UNSAFE or MESH_PORT_TAKEN. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const { host, token, log } = options
  if (token === undefined && !isLoopback(host)) {
    throw new MeshError(
      'MESH_BIND_UNSAFE',
      `http.host is "${host}", which others than this machine can reach, and spec.auth is absent`,
      'set spec.auth.bearer: ${env:MESH_TOKEN}, or http.host: 127.0.0.1',
    )
  }
  const admission = createAdmission(options)
  const route = { ...options, instance: options.identity.instance }
  const server = createServer((request, response) => {
    handle(request, response, admission, route).catch((error: unknown) => {
      const problem = notServable(error)
      if (response.headersSent) response.destroy()
      else replyProblem(response, problem)
    })
  })
  const notServable = (error: unknown): MeshError => {
    log.error('request failed', { error: messageOf(error) })
    return new MeshError('MESH_INTERNAL_FAILED', 'the request could not be served')
  }
  server.keepAliveTimeout = 30_000 // callers pool connections; they are told of it and close earlier by themselves
  const { path, gate, mcp } = options
  const front =
    mcp.plain &&
    putInFront(server, plainRequests({ path, admission, gate, mcp: mcp.plain, notServable }))
  await listen(server, options)
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
        front?.close()
      }),
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  admission: Admission,
  options: HttpOptions & { instance: string },
): Promise<void> {
  const url = request.url ?? '/'
  const path = url === options.path ? url : url.replace(/[?#].*$/s, '')
  const isMcp = path === options.path || path === `${options.path}/`
  try {
    admission.checkPlace(request.headers)
    if (isMcp || path === metricsPath || path === sessionsPath)
      admission.checkToken(request.headers)
  } catch (error) {
    if (!(error instanceof MeshError)) throw error
    const headers = error.code === 'MESH_TOKEN_INVALID' ? challenge : {}
    if (isMcp) return replyRefusal(request, response, error, headers)
    return replyProblem(response, error, headers)
  }
  if (isMcp) return serveMcpRoute(request, response, options)
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const vitals = { state: options.state(), unhealthy: options.unhealthy() }
  if (isRead && path === metricsPath) return serveMetrics(response, options.metrics())
  const sessions = path === sessionsPath ? options.sessions?.() : undefined
  if (isRead && sessions) return replyJson(response, 200, sessions)
  if (isRead && serveHealth(path, response, { ...options, ...vitals })) return
  replyProblem(response, ...notServed(path, options.path))
}

const challenge = { 'www-authenticate': 'Bearer realm="mcp-mesh"' }
const metricsPath = '/metrics'
const sessionsPath = '/sessions'
const healthPaths = ['/livez', '/readyz', '/startupz', '/healthz']

function notServed(path: string, mcpPath: string): [MeshError, Record<string, string>] {
  if (path === metricsPath || healthPaths.includes(path)) {
    return [new MeshError('MESH_METHOD_REFUSED', `${path} takes GET`), { allow: 'GET, HEAD' }]
  }
  const found = `this agent serves nothing at ${path}`
  const mend = `MCP is at ${mcpPath}, health at ${healthPaths.join(', ')}, metrics at ${metricsPath}`
  return [new MeshError('MESH_ROUTE_MISSING', found, mend), {}]
}

function listen(server: Server, { host, port, identity }: HttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      bindError(cause, host, port, identity).then(reject, reject)
    })
    server.listen(port, host.replace(/^\[(.*)\]$/, '$1'), resolve)
  })
}

async function bindError(
  cause: NodeJS.ErrnoException,
  host: string,
  port: number,
  { agent }: Identity,
): Promise<MeshError> {
  if (cause.code === 'EADDRINUSE') {
    const holder = await portHolder(host, port)
    const found = `agent "${agent}" cannot listen on ${host}:${port}: the port is taken${holder ? ` by ${holder}` : ''}`
    return new MeshError('MESH_PORT_TAKEN', found, undefined, { cause })
  }
  const found = `agent "${agent}" cannot listen on ${host}:${port}: ${cause.message}`
  return new MeshError('MESH_PROCESS_FAILED', found, 'write a host and port of this machine', {
    cause,
  })
}
