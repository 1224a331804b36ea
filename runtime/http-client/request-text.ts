/** The bytes of a request, as a text of which each character is one: it goes out in one piece. */
import { isHttpToken } from '../../core/model/http-token.ts'

export interface OutgoingRequest {
  /** Default POST. */
  readonly method?: 'POST' | 'GET' | undefined
  /** With the query. */
  readonly path: string
  /** Names and values in turn, of this request and of others: the same array, which is not to be changed. */
  readonly headers: readonly string[]
  /** Those of this request alone. */
  readonly more?: readonly string[] | undefined
  readonly body?: string | undefined
}

/** Writes the requests to one host. Those of one caller mostly bring the same headers: their lines are made and checked once. */
export class RequestWriter {
  readonly #host: string
  #lastHeaders: readonly string[] | undefined
  #lastPath = ''
  #lastLines = ''

  constructor(host: string) {
    this.#host = host
  }

  /** Throws TypeError for a header or a path that would not be read as one. */
  write({ method = 'POST', path, headers, more, body = '' }: OutgoingRequest): string {
    if (headers !== this.#lastHeaders || path !== this.#lastPath) this.#learn(path, headers)
    const isAscii = Buffer.byteLength(body) === body.length
    const bytes = isAscii ? body : Buffer.from(body).toString('latin1')
    const length = method === 'POST' ? `content-length: ${bytes.length}\r\n` : ''
    const own = more && more.length > 0 ? linesOf(more) : ''
    return `${method} ${this.#lastLines}${own}${length}\r\n${bytes}`
  }

  #learn(path: string, headers: readonly string[]): void {
    if (!sound.test(path)) throw new TypeError(`the path ${JSON.stringify(path)} cannot be sent`)
    const lines = `${path} HTTP/1.1\r\nhost: ${this.#host}\r\n${linesOf(headers)}`
    this.#lastHeaders = headers
    this.#lastPath = path
    this.#lastLines = lines
  }
}

function linesOf(headers: readonly string[]): string {
  let lines = ''
  for (let i = 0; i < headers.length; i += 2) {
    const [name, value] = [headers[i] ?? '', headers[i + 1] ?? '']
    if (!isHttpToken(name) || !fieldValue.test(value))
      throw new TypeError(
        `the header ${JSON.stringify(name)} cannot be sent: its name or value is none of HTTP`,
      )
    lines += `${name}: ${value}\r\n`
  }
  return lines
}

const sound = /^[\x21-\x7e]+$/
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/
