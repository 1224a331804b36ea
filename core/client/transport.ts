/**
 * One request to whichever of several registries answers. Every request of the API may be repeated, so one whose kept
 * connection turns out to be dead is sent once more on a new one. No error holds the token or a URL's credentials.
 */
import { Agent, request } from 'undici'
import { codes, type Code } from '../model/codes.ts'
import { MeshError, messageOf } from '../model/error.ts'
import type { Problem } from '../model/registry-api.ts'

export interface TransportOptions {
  urls: readonly string[]
  token: string | undefined
  timeoutMs: number
}

export interface Sending {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  path: string
  headers?: Record<string, string>
  body?: unknown
  signal?: AbortSignal | undefined
  /** In place of the transport's own bound. */
  timeoutMs?: number
}

export interface Transport {
  /** The base URL in use, without credentials. */
  readonly url: string
  /** The parsed body of a 2xx answer, undefined for an empty one. */
  send<T = void>(sending: Sending): Promise<T>
  close(): Promise<void>
}

/** Answers above this are refused: no list of this mesh comes near. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024

/** Opens nothing yet; connections are made as they are needed and kept alive. */
export function createTransport({ urls, token, timeoutMs }: TransportOptions): Transport {
  const bases = urls.map(readBaseUrl)
  const [first] = bases
  if (!first) throw new MeshError('MESH_USAGE_INVALID', 'no registry URL was given')
  const dispatcher = new Agent({
    keepAliveTimeout: 30_000,
    connections: 16,
    maxResponseSize: MAX_ANSWER_BYTES,
  })
  let current = first

  async function sendTo<T>(base: string, sending: Sending): Promise<T> {
    const bound = boundBy(sending.timeoutMs ?? timeoutMs, sending.signal)
    try {
      const { statusCode, body } = await request(`${base}${sending.path}`, {
        dispatcher,
        method: sending.method,
        headers: {
          accept: 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(sending.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...sending.headers,
        },
        body: sending.body === undefined ? null : JSON.stringify(sending.body),
        signal: bound.signal,
      })
      return readAnswer<T>(base, statusCode, await body.text())
    } finally {
      bound.release()
    }
  }

  return {
    get url() {
      return current
    },
    async send<T>(sending: Sending): Promise<T> {
      const at = bases.indexOf(current)
      const failures: string[] = []
      let cause: unknown
      for (const base of [...bases.slice(at), ...bases.slice(0, at)]) {
        try {
          const answer = await retryOnce(() => sendTo<T>(base, sending))
          current = base
          return answer
        } catch (error) {
          sending.signal?.throwIfAborted()
          if (error instanceof MeshError) throw error
          cause = error
          failures.push(`${base} (${reasonOf(error)})`)
        }
      }
      throw new MeshError(
        'MESH_REGISTRY_UNREACHABLE',
        `no registry answers at ${failures.join(', ')}`,
        undefined,
        { cause },
      )
    },
    close: () => dispatcher.destroy(),
  }
}

/** The URL without a slash at its end and without credentials. Throws MESH_USAGE_INVALID. */
export function readBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new MeshError(
      'MESH_USAGE_INVALID',
      `"${url ? withoutCredentials(url) : text}" is no registry URL`,
      'write one such as http://127.0.0.1:8000',
    )
  }
  return withoutCredentials(url).replace(/\/+$/, '')
}

function withoutCredentials(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`
}

/** A kept connection may close in the moment in which it is used; that says nothing about the registry. */
async function retryOnce<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    const code = codeOf(error)
    if (code !== 'UND_ERR_SOCKET' && code !== 'ECONNRESET' && code !== 'EPIPE') throw error
    return attempt()
  }
}

function readAnswer<T>(base: string, status: number, text: string): T {
  const value = parse(text)
  if (status >= 200 && status < 300 && (value !== undefined || text === '')) return value as T
  if (!isProblem(value)) {
    throw new MeshError(
      'MESH_REGISTRY_UNREACHABLE',
      `${base} answers (status ${status}), but it is no registry of this mesh`,
      'set MESH_REGISTRY_URL to the address of a registry',
    )
  }
  throw new MeshError(
    value.code in codes ? (value.code as Code) : 'MESH_INTERNAL_FAILED',
    value.detail,
    value.mend,
    value.faults ? { details: { faults: value.faults } } : {},
  )
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined // not JSON: the caller says so
  }
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null) return false
  const { code, detail, mend } = value as Partial<Problem>
  return typeof code === 'string' && typeof detail === 'string' && typeof mend === 'string'
}

/** Like AbortSignal.any with a timeout, but it leaves nothing behind on a signal that lives long. */
function boundBy(ms: number, signal: AbortSignal | undefined) {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${ms} ms`)), ms)
  const abort = () => controller.abort(signal?.reason)
  if (signal?.aborted) abort()
  else signal?.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    },
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0])
  return messageOf(error)
}
