/**
 * A command is data and one `run` that is handed all that it touches: no command reads `process`, so each is
 * tested with an Io of strings. Help, docs/cli.md and the parser come from the same object.
 */
import type { RegistryClient } from '../client/registry-client.ts'

export interface Command {
  readonly name: string
  readonly summary: string
  /** `meshctl name <value> [optional] <item>...`, without the flags. */
  readonly usage: string
  /** How many arguments it takes, least and most. */
  readonly takes: readonly [number, number]
  /** A paragraph or two for --help, where the summary does not say it all. */
  readonly about?: string
  readonly options: readonly Option[]
  readonly examples: readonly Example[]
  /** Not in the help: for meshctl's own use. */
  readonly hidden?: boolean
  /** What a shell may write in place of the next argument, behind those given; undefined for anything. */
  readonly completes?: (args: readonly string[]) => Source | undefined
  /** Resolves to the exit code. Throws MeshError for what went wrong. */
  run(args: readonly string[], context: Context): Promise<number>
}

/** The commands by name, each loaded when it is asked for. */
export type Catalog = Readonly<Record<string, () => Promise<Command>>>

/** Where completion looks for words: what the registry knows, what runs here, the file system, or a list of them. */
export type Source = NameSource | 'command' | 'path' | readonly string[]

/** Names that are looked up when they are asked for. */
export type NameSource =
  | 'agent'
  | 'agent/name'
  | 'callable'
  | 'capability'
  | 'context'
  | 'explained'
  | 'instance'
  | 'local agent'
  | 'namespace'

export interface Option {
  /** As shown: `-f, --file <path>`; with `...` after the value it may be given several times. */
  readonly flags: string
  readonly about: string
  /** Text shown and used where it is not given. */
  readonly default?: string
  readonly choices?: readonly string[]
  /** What a shell may write as its value, where there are no `choices`. */
  readonly completes?: Source
  /** Not in the help: for meshctl's own use. */
  readonly hidden?: boolean
}

export interface Example {
  readonly command: string
  readonly about: string
}

/** The options of one command line by their long names in camelCase. */
export type Options = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

export interface Io {
  /** A line of output on stdout. */
  readonly out: (line: string) => void
  /** A line on stderr: what went wrong. */
  readonly err: (line: string) => void
  /** A line on stderr for people: written only where stderr is a terminal. */
  readonly say: (line: string) => void
  /**
   * How far long work is, for people: a line on stderr in place of the one before, gone when anything else is written. Nothing
   * where stderr is no terminal that takes colours, or with CI set.
   */
  readonly progress: (text: string) => void
  /** True where stdout is a terminal that takes colours (NO_COLOR is not set). */
  readonly hasColor: boolean
  /** The same of stderr. */
  readonly hasErrorColor: boolean
  /** True where stdout is a terminal: what is drawn there may be drawn again. */
  readonly isTerminal: boolean
  /** All of stdin. */
  readonly read: () => Promise<string>
  /** Stdin line by line, as it comes. */
  readonly lines: () => AsyncIterable<string>
}

/** Files of the programs that meshctl starts. */
export interface Bins {
  readonly meshctl: string
  readonly agent: string
  readonly registry: string
}

export interface Context {
  readonly io: Io
  readonly options: Options
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly bins: Bins
  /** Every command, for completion. */
  readonly commands: Catalog
  /** Base URLs of the registry, the preferred one first. */
  readonly registryUrls: readonly string[]
  /** Opens the client at first use; main closes it. */
  readonly registry: () => Promise<RegistryClient>
  /** Token for the registry: of MESH_TOKEN, else of the context. */
  readonly token: string | undefined
  /** Of -n/--namespace, else of the context, else "default". */
  readonly namespace: string
  /** Calls back at the signals that ask a process to end, and gives back the function that stops listening. */
  readonly onStop: (listener: () => void) => () => void
  /** The channel to the process that started this one in the background. */
  readonly parent: Parent | undefined
}

export interface Parent {
  /** Tells it something; false when it is gone. */
  readonly send: (message: Record<string, unknown>) => boolean
  /** Lets it go: from here on this process lives alone. */
  readonly release: () => void
}
