/** The bytes of a request, as a text of which each character is one: it goes out in one piece. */

export interface OutgoingRequest {
  /** Default POST. */
  readonly method?: 'POST' | 'GET' | undefined
  /** With the query. */
  readonly path: string
  /** Names and values in turn. */
  readonly headers: readonly string[]
  readonly body?: string | undefined
}

/** Throws TypeError for a header or a path that would not be read as one. */
export function requestText(request: OutgoingRequest, host: string): string {
  const { method = 'POST', path, headers, body = '' } = request
  let lines = ''
  for (let i = 0; i < headers.length; i += 2) lines += `${headers[i]}: ${headers[i + 1]}\r\n`
  if (headers.length > 0) check(headers)
  if (!sound.test(path)) throw new TypeError(`the path ${JSON.stringify(path)} cannot be sent`)
  const isAscii = Buffer.byteLength(body) === body.length
  const bytes = isAscii ? body : Buffer.from(body).toString('latin1')
  const length = method === 'POST' ? `content-length: ${bytes.length}\r\n` : ''
  return `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n${lines}${length}\r\n${bytes}`
}

const sound = /^[\x21-\x7e]+$/
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const value = /^[\t\x20-\x7e\x80-\xff]*$/

function check(headers: readonly string[]): void {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? ''
    if (token.test(name) && value.test(headers[i + 1] ?? '')) continue
    throw new TypeError(
      `the header ${JSON.stringify(name)} cannot be sent: its name or value is none of HTTP`,
    )
  }
}
