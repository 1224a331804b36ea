/**
 * What a handler is given and gives back: the public contract of the runtime. A handler need not import it; it is here
 * for those who want their editor to check them.
 */

/**
 * `(arguments, dependencies, context)`; the value that it returns is what callers get, unchanged. An async generator
 * streams: what it yields is sent at once, what it returns is the value.
 */
export type Handler<Args = Record<string, unknown>, Dependencies = DependencyFunctions> = (
  args: Args,
  dependencies: Dependencies,
  context: HandlerContext,
) => unknown

/** By the names in the manifest. An optional dependency that nothing fills is undefined. */
export type DependencyFunctions = Record<string, DependencyFunction | undefined>

export interface DependencyFunction {
  /** Calls the provider and gives back its value. Throws an error with a `code`, see docs/errors.md. */
  (args?: Record<string, unknown>): Promise<unknown>
  /** The whole MCP result. */
  raw(args?: Record<string, unknown>): Promise<unknown>
  /**
   * The chunks of a tool that streams, as they come; what the iterator returns is the value. Nothing is sent before the
   * first is asked for. Breaking out aborts the tool. A tool that does not stream has no chunks.
   */
  stream(
    args?: Record<string, unknown>,
    options?: StreamOptions,
  ): AsyncGenerator<unknown, unknown, undefined>
}

export interface StreamOptions {
  /** Told of progress that is no chunk, such as servers outside of the mesh send. */
  onProgress?: (progress: { progress: number; total?: number; message?: string }) => void
}

export interface ProgressOptions {
  /** What `progress` will be at the end. */
  total?: number | undefined
  /** For people. */
  message?: string | undefined
}

export interface HandlerContext extends HandlerQuestions {
  log: HandlerLog
  /**
   * Aborts when the caller goes away, when its deadline passes, or when the tool's timeout does. It is made when it is
   * first read, so a copy of the context by spread has none: hand on the context, or the signal.
   */
  signal: AbortSignal
  /** When the call has to be done, in milliseconds since the epoch: the caller's deadline or the tool's timeout. */
  deadline: number
  /**
   * Tells the caller how far the call is, where it asked to be told. The number grows from call to call: one that does
   * not is left out, and so is one that the caller has no room for.
   */
  progress: (progress: number, options?: ProgressOptions) => void
  /** Tells clients that are subscribed to the resource of this agent that it is another. */
  changed: (uri: string) => void
  /**
   * For a tool with `task: { begin: handler }`: answers the call with the handle of a task, and resolves when the rest of the
   * handler is that task. For a client that does not know tasks, and for every other tool, it does nothing. Throws
   * MESH_TASK_LIMIT and MESH_TASK_UNAVAILABLE.
   */
  detach: () => Promise<void>
  /** Undefined for a tool without `session`, and for a call without a handle where it is not required. */
  session: HandlerSession | undefined
}

/**
 * What a handler may ask of the client of its call. In a task it waits for the answer. In a call of MCP 2026-07-28 each
 * question ends the run, and the handler is run again from its start with the answers so far: what stands before a question
 * runs more than once, and questions have to come in the same way each time. A client that does not declare what a question
 * needs throws MESH_CLIENT_INCAPABLE.
 */
export interface HandlerQuestions {
  /** Whether the client declares what the question needs. */
  can: (kind: 'elicit' | 'elicitUrl' | 'sample' | 'roots') => boolean
  /** Asks a person to fill a form; `schema` is a flat JSON Schema of type object. */
  elicit: (message: string, schema: object, options?: QuestionOptions) => Promise<Elicited>
  /** Asks a person to open an address, for what must not pass through the client. */
  elicitUrl: (message: string, url: string, options?: QuestionOptions) => Promise<Elicited>
  /** Asks the client's model. A text is one message of the user, answered with 1024 tokens at most. */
  sample: (request: string | SampleRequest, options?: QuestionOptions) => Promise<Sampled>
  /** The folders and files that the client works on. */
  roots: (options?: QuestionOptions) => Promise<{ uri: string; name?: string }[]>
}

export interface QuestionOptions {
  /** Tells the question from the others of the call. Default: its kind and number, such as `elicitation-1`. */
  key?: string
}

/** What a person answered. */
export interface Elicited {
  action: 'accept' | 'decline' | 'cancel'
  /** Where a form was accepted: what fits its schema. */
  content?: Record<string, unknown>
}

/** As MCP's sampling/createMessage has it; `maxTokens` is 1024 where it is absent. */
export interface SampleRequest {
  messages: { role: 'user' | 'assistant'; content: unknown }[]
  maxTokens?: number
  systemPrompt?: string
  [more: string]: unknown
}

/** What a model answered. */
export interface Sampled {
  role: 'user' | 'assistant'
  content: { type: string; text?: string } | { type: string; text?: string }[]
  model: string
  stopReason?: string
}

/** State between calls of a tool with `session`. What a call sets is kept when it has succeeded, before its answer leaves. */
export interface HandlerSession {
  /** The handle: what callers pass. */
  readonly id: string
  /** Until when it is kept if nobody calls, in milliseconds since the epoch. */
  readonly expiresAt: number
  /** A value of its own: what is done to it changes nothing. Undefined where there is none. */
  get(key: string): unknown
  /** Any value that JSON carries; all of a session at most 1 MiB. Throws MESH_SESSION_TOO_LARGE, MESH_OUTPUT_INVALID. */
  set(key: string, value: unknown): void
  delete(key: string): void
  /** Forgets the session once this call has succeeded. */
  end(): void
}

/** Writes to the agent's log. What is logged is the handler's own choice: leave secrets out. */
export interface HandlerLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}
