/** Runs a command line of meshctl in this process, with an Io of strings. */
import { fileURLToPath } from 'node:url'
import type { Context } from '../../core/cli/command.ts'
import { commands } from '../../core/cli/commands.ts'
import { main } from '../../core/cli/main.ts'

const fake = (name: string) => fileURLToPath(new URL(`fake-bins/${name}.mjs`, import.meta.url))

/** Agents and a registry that only behave towards meshctl as the real ones do. */
export const fakeBins: Context['bins'] = {
  meshctl: fileURLToPath(new URL('../../core/cli/meshctl.ts', import.meta.url)),
  agent: fake('mesh-agent'),
  registry: fake('mesh-registry'),
}

export interface CliRun {
  readonly out: string[]
  readonly err: string[]
  /** What only people are told. */
  readonly said: string[]
  readonly code: Promise<number>
  /** What SIGTERM does. */
  stop(): void
}

export interface CliOptions {
  env?: Record<string, string | undefined>
  input?: string
  cwd?: string
  /** As in a terminal that takes colours; by default as into a pipe. */
  isTerminal?: boolean
}

/** Starts it; `await run.code` for its end. */
export function startCli(args: readonly string[], options: CliOptions = {}): CliRun {
  const [out, err, said]: string[][] = [[], [], []]
  const listeners = new Set<() => void>()
  const code = main(args, commands, {
    io: {
      out: line => void out!.push(...line.split('\n')),
      err: line => void err!.push(...line.split('\n')),
      progress: () => undefined,
      say: line => void said!.push(line),
      hasColor: options.isTerminal === true,
      hasErrorColor: options.isTerminal === true,
      isTerminal: options.isTerminal === true,
      read: async () => options.input ?? '',
      lines: async function* () {
        yield* (options.input ?? '').split('\n')
      },
    },
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    bins: fakeBins,
    onStop(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    parent: undefined,
  })
  return {
    out: out!,
    err: err!,
    said: said!,
    code,
    stop: () => listeners.forEach(listener => listener()),
  }
}

/** Runs it to its end. */
export async function cli(args: readonly string[], options: CliOptions = {}) {
  const run = startCli(args, options)
  const code = await run.code
  return { code, out: run.out.join('\n'), err: run.err.join('\n'), said: run.said.join('\n') }
}
