/**
 * The SDK's transport over a process group: one JSON-RPC message a line. The SDK's own starts a child that shares our
 * process group and ends only the child itself; this one ends the group. A line that is no message is logged and passed
 * over: many servers greet on stdout, and that must not cost them their life.
 */
import { PassThrough } from 'node:stream'
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client'
import type { Log } from '../telemetry/log.ts'
import { readableAnswer, tooLongAnswer } from './broken-answer.ts'
import { splitLines } from './lines.ts'
import { serverLog } from './server-log.ts'
import { startGroup, type GroupOptions, type ProcessGroup } from './process-group.ts'

/** What one message may hold; as much as an agent's answer may. */
const maxMessage = 64 * 1024 * 1024
const maxLogLine = 2_000
/** Bytes that may wait for a server that does not read its stdin. */
const maxUnread = 64 * 1024 * 1024
/** So many lines of noise are warned of; the rest is for debugging. */
const maxWarnings = 5

export interface StdioOptions extends Omit<GroupOptions, 'onUnguarded'> {
  log: Log
  mask: (text: string) => string
}

export class StdioTransport implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: (message: JSONRPCMessage) => void
  /** The SDK takes a transport that has `stderr` and `pid` for a local process, and probes it as one. */
  readonly stderr = new PassThrough()
  /** How the process ended by itself: `exit code 1`. Undefined while it runs, and where `close` ended it. */
  ending: string | undefined
  readonly #options: StdioOptions
  #group: ProcessGroup | undefined
  #noise = 0
  #isClosing = false

  constructor(options: StdioOptions) {
    this.#options = options
  }

  get pid(): number | null {
    return this.#group?.pid ?? null
  }

  async start(): Promise<void> {
    const { log, mask } = this.#options
    const group = await startGroup({
      ...this.#options,
      onUnguarded: error =>
        log.warn('the server is not ended where this process is killed', { error: error.message }),
    })
    this.#group = group
    const say = serverLog(log, mask)
    const errors = splitLines(maxLogLine, say, start => say(`${start}…`))
    group.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    group.stderr.on('end', () => errors.end())
    const messages = splitLines(
      maxMessage,
      line => this.#take(line),
      (start, end) => this.#tooLong(start, end),
    )
    group.stdout.on('data', (chunk: Buffer) => messages.push(chunk))
    for (const stream of [group.stdin, group.stdout, group.stderr]) {
      stream.on('error', error => this.onerror?.(error)) // a broken pipe: the end of the process says the rest
    }
    void group.ended.then(how => {
      if (!this.#isClosing) this.ending = how
      this.onclose?.()
    })
  }

  #take(line: string): void {
    const message = parse(line)
    if (message) return this.onmessage?.(readableAnswer(message))
    const { log, mask } = this.#options
    const level = ++this.#noise > maxWarnings ? 'debug' : 'warn'
    log[level]('the server wrote on stdout what is no MCP message; it is passed over', {
      line: mask(line.slice(0, maxLogLine)),
    })
  }

  #tooLong(start: string, end: string): void {
    const answer = tooLongAnswer(start, end, maxMessage)
    if (answer) this.onmessage?.(answer)
    const characters = maxMessage
    this.#options.log.warn('a message of the server is too long; it is passed over', { characters })
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#group?.stdin
    if (!stdin?.writable) throw new Error('the server does not run')
    if (stdin.writableLength > maxUnread) throw new Error('the server does not read its stdin')
    stdin.write(`${JSON.stringify(message)}\n`)
  }

  async close(): Promise<void> {
    this.#isClosing = true
    await this.#group?.stop()
  }
}

function parse(line: string): Record<string, unknown> | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined // the caller says so
  }
  const isMessage = typeof value === 'object' && value !== null && 'jsonrpc' in value
  return isMessage ? (value as Record<string, unknown>) : undefined
}
