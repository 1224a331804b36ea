/**
 * One life of a wrapped server: a process from its start to its end, or a connection to a URL until it is lost. How it is
 * started anew is not its business (wrapped-server.ts).
 */
import type { OAuthClientProvider } from '@modelcontextprotocol/client'
import { connect, type Connection, type ConnectionOptions } from '../../core/mcp/connection.ts'
import { httpTransport } from '../../core/mcp/http-transport.ts'
import type { Questions } from '../../core/mcp/questions.ts'
import type { Log } from '../telemetry/log.ts'
import type { Resolved } from './secrets-of-server.ts'
import { QuestionStreams } from './question-streams.ts'
import { RunningCalls } from './running-calls.ts'
import { StdioTransport } from './stdio-transport.ts'
import { declaredFor, undeclared } from './to-client.ts'

export interface Link {
  readonly connection: Connection
  readonly running: RunningCalls
  /** How the server's process ended; undefined while it runs, and for a URL. */
  readonly ending: string | undefined
  /** Resolves with the reason when the server or the connection has gone. Never rejects. */
  readonly over: Promise<string>
  /** Says that it is of no more use. */
  lose(reason: string): void
  close(): Promise<void>
}

export interface LinkOptions extends Omit<
  ConnectionOptions,
  'transport' | 'onEnd' | 'log' | 'questions' | 'elicit'
> {
  log: Log
  server: Resolved['server']
  /** Of a URL. */
  auth: OAuthClientProvider | undefined
  folder: string
}

/** What a process is given to end by itself, after the end of its stdin and after SIGTERM. */
const patience = { eofMs: 500, termMs: 2_000 }

/** A program that ended before it answered; servers of before 2026 may end at a word that they do not know. */
export class EndedEarly extends Error {}

/** Rejects with the system's error, an EndedEarly, or the SDK's errors; nothing is left then. */
export async function openLink({ server, auth, folder, ...options }: LinkOptions): Promise<Link> {
  const { log, mask } = options
  const streams = new QuestionStreams()
  const isUnclear = server.kind === 'command' && server.asks.length > 0
  const running = new RunningCalls({ log, isUnclear })
  const transport =
    server.kind === 'command'
      ? new StdioTransport({ ...server, cwd: folder, ...patience, log, mask })
      : httpTransport({ ...server, auth, watch: (request, body) => streams.watch(request, body) })
  const endingOf = () => (transport instanceof StdioTransport ? transport.ending : undefined)
  let lose: (reason: string) => void = () => undefined
  const over = new Promise<string>(resolve => (lose = resolve))
  const onEnd = () => lose(`it ended with ${endingOf() ?? 'its connection'}`)
  try {
    const questions: Questions = {
      declared: declaredFor(server.asks),
      answer: (question, token) =>
        undeclared(question, server.asks) ?? running.answer(question, token),
      streamOf: question => streams.of(question),
    }
    const connection = await connect({ ...options, transport, onEnd, questions })
    return {
      ...{ connection, running },
      over,
      lose,
      get ending() {
        return endingOf()
      },
      close: () => connection.close(),
    }
  } catch (error) {
    const ending = endingOf()
    throw ending === undefined
      ? error
      : new EndedEarly(`it ended with ${ending} before it answered`)
  }
}
