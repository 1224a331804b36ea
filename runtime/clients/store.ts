/**
 * What is remembered of the sessions of clients before MCP 2026-07-28, and how the instances of an agent tell each other what has
 * come to one of them for another. Nobody owns such a session: what its client can do stands in its id, the rest in the store,
 * so whoever is asked goes on with it.
 */

/** Of one session, as streams need it. */
export interface Remembered {
  hasEnded: boolean
  logLevel: string | undefined
  /** Resources that it is subscribed to. */
  uris: ReadonlySet<string>
  /** The instance with the stream that was opened last; undefined where nobody has said. */
  speaker: string | undefined
}

/** To the other instances. What is told of is read from the store, so one that is told twice does no harm. */
export type Told =
  | { kind: 'changed'; session: string }
  | { kind: 'answered'; session: string; question: string }
  | { kind: 'cancelled'; session: string; request: string | number }
  | { kind: 'updated'; uri: string }

/** Everything rejects with StoreLost where the store is shared and away. Sessions are named by the id that is sealed in theirs. */
export interface ClientStore {
  /** With what ids are sealed; undefined for whatever the agent seals with by itself. */
  key: (() => Promise<Buffer>) | undefined
  /** What a request has to know; the session is kept for another while. */
  look(session: string): Promise<Pick<Remembered, 'hasEnded' | 'logLevel'>>
  read(session: string): Promise<Remembered>
  setLogLevel(session: string, level: string): Promise<void>
  /** False where the session has as many as it may. */
  subscribe(session: string, uri: string): Promise<boolean>
  unsubscribe(session: string, uri: string): Promise<void>
  end(session: string): Promise<void>
  /** This instance has the stream that was opened last. */
  speak(session: string): Promise<void>
  /** This instance has no stream of it any more. */
  hush(session: string): Promise<void>
  isAlive(instance: string): Promise<boolean>
  /** The URL of its MCP endpoint; undefined where it is not known. */
  placeOf(instance: string): Promise<string | undefined>
  /** Puts back what the store has lost. */
  restore(session: string, remembered: Remembered): Promise<void>
  /** A question is out; its answer may come to another instance. */
  asks(session: string, question: string): Promise<void>
  /** An answer that nobody here waits for. False where nobody is known to wait for it. */
  answer(session: string, question: string, message: object): Promise<boolean>
  /** The answer that came to another instance; undefined until then. */
  answerTo(session: string, question: string): Promise<object | undefined>
  /** Nobody waits for its answer any more. */
  settle(session: string, question: string): Promise<void>
  tell(told: Told): Promise<void>
  /** By another instance. */
  onTold(listener: (told: Told) => void): void
  /** Called when something may have been missed, or lost by the store. */
  onBack(listener: () => void): void
  close(): Promise<void>
}

/** For how long a session is remembered that is quiet and has no stream, in milliseconds. */
export const idleMs = 30 * 60_000
/** For how long an id is good, in milliseconds. */
export const clientSessionMs = 24 * 60 * 60_000
/** Subscriptions of one session. */
export const mostUris = 1_000
/** The longest that a client may take over an answer, in milliseconds. */
export const longestAnswerMs = 10 * 60_000
