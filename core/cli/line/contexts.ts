/**
 * Contexts: which registry, namespace and token a command line means, by a name. They stand in MESH_HOME/config.json, as
 * JSON since every command reads it. Flags come first, then MESH_REGISTRY_URL and MESH_TOKEN, then the context, then what
 * holds where nothing is said. A token stands there as a reference only, `${env:NAME}` or `${file:/path}`.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { MeshError, messageOf } from '../../model/error.ts'
import type { Options } from '../command.ts'
import { missing } from './nearest.ts'
import { textOf } from './options.ts'
import { readUrls } from './registry-urls.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface MeshContext {
  readonly registryUrl?: string
  readonly namespace?: string
  /** A reference. */
  readonly token?: string
}

export interface Config {
  /** Absent: "local". */
  readonly current?: string
  readonly contexts: Readonly<Record<string, MeshContext>>
}

/** What every machine has: the registry that `meshctl start` runs. */
export const LOCAL = 'local'

/** Where a command line works. */
export interface Place {
  readonly registryUrls: readonly string[]
  readonly namespace: string
  readonly token: string | undefined
}

/** Throws MESH_USAGE_INVALID, MESH_RESOURCE_MISSING for a context that is none, MESH_CONTEXT_INVALID, MESH_SECRET_MISSING. */
export function placeOf(options: Options, env: Environment): Place {
  const config = readConfig(env)
  const named = textOf(options, 'context')
  const context = contextOf(config, named ?? config.current ?? LOCAL)
  // Who names a context means it, whatever the shell has set.
  const fromEnv = named === undefined ? env.MESH_REGISTRY_URL : undefined
  return {
    registryUrls: readUrls(textOf(options, 'registryUrl') ?? (fromEnv || context.registryUrl)),
    namespace: textOf(options, 'namespace') ?? context.namespace ?? 'default',
    token:
      env.MESH_TOKEN ?? (context.token === undefined ? undefined : secretOf(context.token, env)),
  }
}

/** The context of that name. Throws MESH_RESOURCE_MISSING. */
export function contextOf({ contexts }: Config, name: string): MeshContext {
  const context = Object.hasOwn(contexts, name) ? contexts[name] : undefined
  if (context) return context
  if (name === LOCAL) return {}
  const known = [...new Set([LOCAL, ...Object.keys(contexts)])]
  throw missing({ found: `no context "${name}"`, name, known, see: 'meshctl config get-contexts' })
}

/** Empty where there is no file. Throws MESH_CONTEXT_INVALID. */
export function readConfig(env: Environment): Config {
  const file = configFile(env)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return { contexts: {} }
    throw broken(file, messageOf(error), error)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw broken(file, messageOf(error), error)
  }
  const fault = faultOf(value)
  if (fault !== undefined) throw broken(file, fault)
  return value as Config
}

/** Replaces the file as a whole. */
export function writeConfig(env: Environment, config: Config): void {
  const file = configFile(env)
  mkdirSync(homeOf(env), { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.new`, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** Whether a text is a reference to a secret. */
export const isReference = (text: string) => /^\$\{(env|file):[^{}]+\}$/.test(text)

const homeOf = (env: Environment) => resolve(env.MESH_HOME ?? join(homedir(), '.mcp-mesh'))

const configFile = (env: Environment) => join(homeOf(env), 'config.json')

function faultOf(value: unknown): string | undefined {
  if (!isObject(value) || !isObject(value.contexts)) return 'it is no object with "contexts"'
  if (value.current !== undefined && typeof value.current !== 'string')
    return '"current" is no name'
  for (const [name, context] of Object.entries(value.contexts)) {
    if (!isObject(context)) return `context "${name}" is no object`
    for (const [key, text] of Object.entries(context)) {
      if (!['registryUrl', 'namespace', 'token'].includes(key)) {
        return `context "${name}" has "${key}", which no context has`
      }
      if (typeof text !== 'string') return `"${key}" of context "${name}" is no text`
      if (key === 'token' && !isReference(text))
        return `the token of context "${name}" is no reference`
    }
  }
  return undefined
}

function broken(file: string, why: string, cause?: unknown): MeshError {
  const found = `the contexts in ${file} cannot be read: ${why}`
  return new MeshError('MESH_CONTEXT_INVALID', found, undefined, { cause })
}

function secretOf(reference: string, env: Environment): string {
  const [, kind, name = ''] = /^\$\{(env|file):([^{}]+)\}$/.exec(reference) ?? []
  let secret: string | undefined
  try {
    secret = kind === 'file' ? readFileSync(name, 'utf8').trim() : env[name]
  } catch (cause) {
    throw new MeshError('MESH_SECRET_MISSING', `${reference}: ${messageOf(cause)}`, undefined, {
      cause,
    })
  }
  if (secret) return secret
  throw new MeshError(
    'MESH_SECRET_MISSING',
    `the token of the context is ${reference}, which is not set`,
  )
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
