/** Reads the options of a command line as what they stand for. */
import { resolve } from 'node:path'
import { parseDuration } from '../../model/duration.ts'
import { MeshError } from '../../model/error.ts'
import type { Context, Option, Options } from '../command.ts'

/** The text of an option, undefined where it was not given. */
export function textOf(options: Options, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/** All values of an option that may be given several times. */
export function listOf(options: Options, name: string): readonly string[] {
  const value = options[name]
  return typeof value === 'object' ? value : typeof value === 'string' ? [value] : []
}

/** A duration such as `30s`, in milliseconds. Throws MESH_USAGE_INVALID. */
export function durationOf(options: Options, name: string, defaultMs: number): number {
  const text = textOf(options, name)
  if (text === undefined) return defaultMs
  try {
    return parseDuration(text)
  } catch (cause) {
    throw new MeshError(
      'MESH_USAGE_INVALID',
      `--${name} "${text}" is no duration`,
      'write a number and a unit: 500ms, 30s, 2m',
      { cause },
    )
  }
}

/** A whole number from 0. Throws MESH_USAGE_INVALID. */
export function countOf(options: Options, name: string): number | undefined {
  const text = textOf(options, name)
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new MeshError(
    'MESH_USAGE_INVALID',
    `--${name} "${text}" is no whole number`,
    `write --${name} 100`,
  )
}

/** Options that every command takes. */
export const globalOptions: readonly Option[] = [
  {
    flags: '--registry-url <url>',
    about:
      'registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)',
  },
  {
    flags: '-n, --namespace <name>',
    about: 'namespace to work in (default: of the context, else default)',
    completes: 'namespace',
  },
  {
    flags: '--context <name>',
    about: 'where to work, by a name of meshctl config (default: the current one)',
    completes: 'context',
  },
]

/** `-o` of a command that prints rows. */
export const outputOption: Option = {
  flags: '-o, --output <form>',
  about: 'how to print',
  choices: ['table', 'wide', 'json', 'yaml', 'name'],
}

/** Which lock file `--locked` speaks of. */
export const lockFileOption: Option = {
  flags: '--lock-file <file>',
  about: 'the lock file',
  default: 'mesh.lock',
}

/** The lock file as an absolute path, and as it was written. */
export function lockOption({ options, cwd }: Pick<Context, 'options' | 'cwd'>): {
  file: string
  name: string
} {
  const name = textOf(options, 'lockFile') ?? 'mesh.lock'
  return { file: resolve(cwd, name), name }
}

/** `-l` of a command that takes several agents. */
export const selectorOption: Option = {
  flags: '-l, --selector <selector>',
  about: 'agents with these labels: team=docs, tier!=test, zone in (a, b), canary, !canary',
}

/** Which agents are meant: those of the namespace or of all, with the labels of `-l`. */
export function scopeOf({ options, namespace }: Pick<Context, 'options' | 'namespace'>): {
  namespace?: string
  selector?: string
} {
  const selector = textOf(options, 'selector')
  return {
    ...(options.allNamespaces ? {} : { namespace }),
    ...(selector === undefined ? {} : { selector }),
  }
}

/** `-A` of a command that lists. */
export const allNamespacesOption: Option = {
  flags: '-A, --all-namespaces',
  about: 'of every namespace',
}
