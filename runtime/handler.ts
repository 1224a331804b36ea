/**
 * What a handler is given and gives back: the public contract of the runtime. A handler need not import it; it is here
 * for those who want their editor to check them.
 */

/** `(arguments, dependencies, context)`; the value that it returns is what callers get, unchanged. */
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
}

export interface HandlerContext {
  log: HandlerLog
  /**
   * Aborts when the caller goes away, when its deadline passes, or when the tool's timeout does. It is made when it is
   * first read, so a copy of the context by spread has none: hand on the context, or the signal.
   */
  signal: AbortSignal
  /** When the call has to be done, in milliseconds since the epoch: the caller's deadline or the tool's timeout. */
  deadline: number
}

/** Writes to the agent's log. What is logged is the handler's own choice: leave secrets out. */
export interface HandlerLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}
