/**
 * Sends an export request of OTLP over HTTP and says how it went: over connections that are kept, and again where the receiver
 * is away for a while or asks for it, within one time for all attempts.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import {
  OTLPExporterError,
  type ExportResponse,
  type IExporterTransport,
} from '@opentelemetry/otlp-exporter-base'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { AnswerHead } from '../../http-client/answer-head.ts'
import { Pool, type TlsMaterial } from '../../http-client/pool.ts'

export interface TransportOptions {
  /** A user and password in it are sent as they are for HTTP. */
  url: string
  /** Not sent: what says where the body ends. */
  headers: Readonly<Record<string, string>>
  compression: 'gzip' | 'none'
  tls?: TlsMaterial | undefined
}

/** What of an answer is read. */
const maxAnswerBytes = 4 * 1024 * 1024
/** By the specification; all else is final. */
const retryable = new Set([429, 502, 503, 504])
const networkErrors = new Set([
  ...['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED'],
  ...['EAI_AGAIN', 'ENOTFOUND', 'ENETUNREACH', 'EHOSTUNREACH'],
])
/** Between attempts: the first pause, by how much the next is longer, the longest, and by what share each varies. */
const [firstPauseMs, growth, longestPauseMs, jitter] = [1_000, 1.5, 5_000, 0.2]
const mostAttempts = 6

export class OtlpTransport implements IExporterTransport {
  readonly #pool: Pool
  readonly #path: string
  readonly #headers: readonly string[]
  readonly #isZipped: boolean

  constructor({ url, headers, compression, tls }: TransportOptions) {
    const { origin, pathname, search, username, password } = new URL(url)
    this.#pool = new Pool(origin, { connections: 4, tls })
    this.#path = pathname + search
    this.#isZipped = compression === 'gzip'
    const user = `${decoded(username)}:${decoded(password)}`
    const all = {
      ...(user !== ':' && { authorization: `Basic ${Buffer.from(user).toString('base64')}` }),
      ...Object.fromEntries(Object.entries(headers).map(([name, v]) => [name.toLowerCase(), v])),
      ...(this.#isZipped && { 'content-encoding': 'gzip' }),
    }
    this.#headers = Object.entries(all).flat()
  }

  /** Never rejects. */
  async send(data: Uint8Array, timeoutMs: number): Promise<ExportResponse> {
    const ends = performance.now() + timeoutMs
    const body = this.#isZipped ? await zip(data) : data
    for (let attempt = 1, pauseMs = firstPauseMs; ; attempt++) {
      const response = await this.#attempt(body, ends - performance.now())
      if (response.status !== 'retryable' || attempt === mostAttempts) return response
      const waitMs = response.retryInMillis ?? pauseMs * (1 + jitter * (2 * Math.random() - 1))
      if (performance.now() + waitMs > ends) return response
      await pause(waitMs, undefined, { ref: false })
      pauseMs = Math.min(pauseMs * growth, longestPauseMs)
    }
  }

  shutdown(): void {
    this.#pool.destroy()
  }

  #attempt(body: Uint8Array, timeoutMs: number): Promise<ExportResponse> {
    return new Promise(resolve => {
      let head: AnswerHead | undefined
      const chunks: Buffer[] = []
      let bytes = 0
      const end = (response: ExportResponse) => {
        clearTimeout(timer)
        resolve(response)
      }
      const exchanged = {
        head: (found: AnswerHead) => void (head = found),
        body(chunk: Buffer) {
          bytes += chunk.length
          if (bytes > maxAnswerBytes) throw new OTLPExporterError('the answer is too large')
          chunks.push(Buffer.from(chunk))
        },
        ended: () => end(responseOf(head, Buffer.concat(chunks))),
        failed: (error: Error) => end(failureOf(error)),
      }
      const timer = setTimeout(() => sent?.abort(late()), Math.max(timeoutMs, 0))
      const request = { path: this.#path, headers: this.#headers, body }
      const sent = this.#send(request, exchanged)
    })
  }

  #send(...[request, exchanged]: Parameters<Pool['send']>): ReturnType<Pool['send']> | undefined {
    try {
      return this.#pool.send(request, exchanged)
    } catch (error) {
      exchanged.failed(error as Error) // a header that cannot be sent
      return undefined
    }
  }
}

const zip = promisify(gzip)

/** As it stands where it is no encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function responseOf(head: AnswerHead | undefined, data: Buffer): ExportResponse {
  const status = head?.status ?? 0
  if (status >= 200 && status <= 299) return { status: 'success', data }
  const error = new OTLPExporterError(`HTTP ${status}`, status)
  if (!retryable.has(status)) return { status: 'failure', error }
  const retryInMillis = pauseIn(head?.retryAfter)
  return { status: 'retryable', error, ...(retryInMillis !== undefined && { retryInMillis }) }
}

function failureOf(error: Error): ExportResponse {
  const { code = '' } = error as NodeJS.ErrnoException
  return { status: networkErrors.has(code) ? 'retryable' : 'failure', error }
}

/** Seconds or a date, in milliseconds from now; undefined for neither. */
function pauseIn(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined
  const ms = /^\d{1,9}$/.test(retryAfter)
    ? Number(retryAfter) * 1_000
    : Date.parse(retryAfter) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0)
}

const late = () => Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })
