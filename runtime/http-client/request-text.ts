/** The bytes of a request, as a text of which each character is one: it goes out in one piece, with a body of bytes behind it. */
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
  /** And those of it that are known to be sound: lines, each with its end. */
  readonly lines?: string | undefined
  /** Bytes are sent as they are, and are not to be changed before the end of the request. */
  readonly body?: string | Uint8Array | undefined
}

/** Writes the requests to one host. Those of one caller bring the same headers: their lines are made and checked once. */
export class RequestWriter {
  readonly #host: string
  readonly #known = new WeakMap<readonly string[], Lines>()

  constructor(host: string) {
    this.#host = host
  }

  /** Without a body that is bytes. Throws TypeError for a header or a path that would not be read as one. */
  write(request: OutgoingRequest): string {
    const { method = 'POST', path, headers, more, lines = '', body = '' } = request
    let known = this.#known.get(headers)
    if (known?.path !== path) this.#known.set(headers, (known = this.#linesOf(path, headers)))
    const text = typeof body === 'string' ? bytesIn(body) : ''
    const { length: bytes } = typeof body === 'string' ? text : body
    const length = method === 'POST' ? `content-length: ${bytes}\r\n` : ''
    const own = more && more.length > 0 ? linesOf(more) : ''
    return `${method} ${known.lines}${own}${lines}${length}\r\n${text}`
  }

  #linesOf(path: string, headers: readonly string[]): Lines {
    if (!sound.test(path)) throw new TypeError(`the path ${JSON.stringify(path)} cannot be sent`)
    return { path, lines: `${path} HTTP/1.1\r\nhost: ${this.#host}\r\n${linesOf(headers)}` }
  }
}

/** Of a request, from its path to its headers. */
interface Lines {
  path: string
  lines: string
}

/** In UTF-8, each byte a character. */
const bytesIn = (text: string): string =>
  Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1')

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
