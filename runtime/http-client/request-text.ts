/** The bytes of a request, as a text of which each character is one: it goes out in one piece. */

export interface OutgoingRequest {
  /** Default POST. */
  readonly method?: 'POST' | 'GET' | undefined
  /** With the query. */
  readonly path: string
  /** Names and values in turn; not to be changed after it was sent. */
  readonly headers: readonly string[]
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
  write({ method = 'POST', path, headers, body = '' }: OutgoingRequest): string {
    if (headers !== this.#lastHeaders || path !== this.#lastPath) this.#learn(path, headers)
    const isAscii = Buffer.byteLength(body) === body.length
    const bytes = isAscii ? body : Buffer.from(body).toString('latin1')
    const length = method === 'POST' ? `content-length: ${bytes.length}\r\n` : ''
    return `${method} ${this.#lastLines}${length}\r\n${bytes}`
  }

  #learn(path: string, headers: readonly string[]): void {
    if (!sound.test(path)) throw new TypeError(`the path ${JSON.stringify(path)} cannot be sent`)
    let lines = `${path} HTTP/1.1\r\nhost: ${this.#host}\r\n`
    for (let i = 0; i < headers.length; i += 2) {
      const [name, value] = [headers[i] ?? '', headers[i + 1] ?? '']
      if (!token.test(name) || !fieldValue.test(value))
        throw new TypeError(
          `the header ${JSON.stringify(name)} cannot be sent: its name or value is none of HTTP`,
        )
      lines += `${name}: ${value}\r\n`
    }
    this.#lastHeaders = headers
    this.#lastPath = path
    this.#lastLines = lines
  }
}

const sound = /^[\x21-\x7e]+$/
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/
