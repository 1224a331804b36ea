/**
 * Where the browser comes back to after a login: a server on 127.0.0.1 that takes one answer for each page that was
 * shown, told apart by its `state`. Nothing of what comes in is shown or logged.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MeshError, messageOf } from '../../model/error.ts'

export interface Callback {
  readonly port: number
  /** The answer that carries that state. Rejects with MESH_LOGIN_FAILED when `waitMs` have passed. */
  wait(state: string, waitMs: number): Promise<URLSearchParams>
  readonly close: () => void
}

/** Listens on `port` where it is free, else on any. Throws MESH_LOGIN_FAILED. */
export async function openCallback(port: number | undefined): Promise<Callback> {
  const waiting = new Map<string, (answer: URLSearchParams) => void>()
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const answered = waiting.get(searchParams.get('state') ?? '')
    const isOurs = request.method === 'GET' && pathname === '/callback' && answered !== undefined
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'",
      connection: 'close',
    }
    response.writeHead(isOurs ? 200 : 404, headers).end(isOurs ? thanks : nothing)
    if (isOurs) answered(searchParams)
  })
  server.unref()
  const bound = (await listen(server, port ?? 0)) ?? (await listen(server, 0))
  if (bound === undefined) {
    const found = 'no port of 127.0.0.1 can be opened for the answer to the login'
    throw new MeshError('MESH_LOGIN_FAILED', found, 'see what this machine allows')
  }
  return {
    port: bound,
    wait(state, waitMs) {
      return new Promise((resolve, reject) => {
        const late = () => {
          waiting.delete(state)
          const found = `nobody logged in within ${waitMs / 60_000} minutes`
          reject(new MeshError('MESH_LOGIN_FAILED', found, 'log in with meshctl login <url>'))
        }
        const timer = setTimeout(late, waitMs)
        waiting.set(state, answer => {
          clearTimeout(timer)
          waiting.delete(state)
          resolve(answer)
        })
      })
    },
    close: () => void server.close(),
  }
}

const page = (title: string, text: string) =>
  `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1><p>${text}</p></html>`
const thanks = page('meshctl has its answer', 'This window may be closed.')
const nothing = page('Nothing is expected here', 'meshctl waits for no login of that kind.')

/** The port, or undefined where it is taken. */
function listen(server: Server, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined)
      else reject(new MeshError('MESH_LOGIN_FAILED', messageOf(error)))
    }
    server.once('error', failed)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', failed)
      resolve((server.address() as AddressInfo).port)
    })
  })
}
