/**
 * HTTP/1.1 over bare sockets: a load that costs so little that the server under test is what is measured. Requests are
 * made once and sent as they are; of an answer only the status and where it ends are read.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** The bytes of a request; `body` is JSON. */
export function requestText(method: string, url: string, body?: string): string {
  const { host, pathname } = new URL(url)
  const head = `${method} ${pathname} HTTP/1.1\r\nHost: ${host}\r\n`
  if (body === undefined) return `${head}\r\n`
  const length = Buffer.byteLength(body)
  return `${head}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`
}

/** Sends requests one after the other over one connection. */
export class Connection {
  readonly #socket: Socket
  #buffered = ''
  #onAnswer: ((status: number) => void) | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#read(chunk.toString('latin1')))
  }

  static async open(url: string): Promise<Connection> {
    const { port, hostname } = new URL(url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    return new Connection(socket)
  }

  /** Calls back with the status when the answer is whole. */
  send(request: string, onAnswer: (status: number) => void): void {
    this.#onAnswer = onAnswer
    this.#socket.write(request)
  }

  /** Throws where the status is not one of success. */
  async call(request: string): Promise<void> {
    const status = await new Promise<number>(resolve => this.send(request, resolve))
    if (status >= 300) throw new Error(`${request.split('\r\n', 1)[0]} was answered ${status}`)
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(text: string): void {
    this.#buffered += text
    const end = this.#buffered.indexOf('\r\n\r\n')
    if (end < 0) return
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#buffered.slice(0, end))
    if (this.#buffered.length < end + 4 + Number(length?.[1] ?? 0)) return
    const status = Number(this.#buffered.slice(9, 12))
    this.#buffered = ''
    this.#onAnswer?.(status)
  }
}

/** Answers a second: every connection sends its next request when the last is answered, for `ms`. */
export async function driveFor(
  connections: readonly Connection[],
  next: () => string,
  ms: number,
): Promise<number> {
  let answered = 0
  const began = performance.now()
  const drive = (connection: Connection) =>
    new Promise<void>((resolve, reject) => {
      const onAnswer = (status: number) => {
        if (status >= 300) return reject(new Error(`answered ${status}`))
        answered++
        if (performance.now() - began > ms) return resolve()
        connection.send(next(), onAnswer)
      }
      connection.send(next(), onAnswer)
    })
  await Promise.all(connections.map(drive))
  return (answered / (performance.now() - began)) * 1_000
}
