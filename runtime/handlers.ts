/**
 * Loads the handler modules beside a manifest: plain functions, with no import of ours. Every fault of every module is
 * found in one go. A handler is known by its reference as the manifest writes it; nothing is loaded later, so a
 * manifest that comes from the registry can only name code that is already here.
 */
import { existsSync } from 'node:fs'
import { register } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Agent, Completion, HandlerRef } from '../core/model/agent.ts'
import { MeshError, messageOf } from '../core/model/error.ts'
import type { Handler } from './handler.ts'
import { syntaxPlace } from './syntax-place.ts'

/** Handlers by `handlerKey`. */
export type Handlers = ReadonlyMap<string, Handler>

export const handlerKey = (ref: HandlerRef): string => `${ref.path}#${ref.exportName}`

/**
 * Throws MESH_HANDLER_MISSING, MESH_HANDLER_EXPORT or MESH_HANDLER_FAILED; where there are several faults, the error has
 * the code of the first and names them all.
 */
export async function loadHandlers(agent: Agent, folder: string): Promise<Handlers> {
  const named = namedBy(agent)
  const paths = [...new Set(named.map(({ ref }) => ref.path))]
  const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript)
  if (!stripsTypes && paths.some(path => /\.m?ts$/.test(path))) hookTypescript()
  const handlers = new Map<string, Handler>()
  const faults: MeshError[] = []
  const modules = new Map<string, Record<string, unknown>>()
  for (const path of paths) {
    try {
      modules.set(path, await loadModule(path, folder))
    } catch (error) {
      faults.push(error instanceof MeshError ? error : await loadError(error, path, folder))
    }
  }
  for (const { what, ref } of named) {
    const { path, exportName } = ref
    const module = modules.get(path)
    if (!module) continue // its fault is listed
    const handler = module[exportName]
    if (typeof handler === 'function') handlers.set(handlerKey(ref), handler as Handler)
    else faults.push(exportError(what, ref, module))
  }
  const [first] = faults
  if (!first) return handlers
  if (faults.length === 1) throw first
  const found = faults.map(fault => `${fault.message} (mend: ${fault.mend})`).join('\n')
  throw new MeshError(
    first.code,
    `${faults.length} handlers cannot be used:\n${found}`,
    first.mend,
    {
      details: { faults: faults.map(({ code, message, mend }) => ({ code, message, mend })) },
    },
  )
}

const namedBy = (agent: Agent): Named[] => [
  ...agent.tools.flatMap(({ name, handler }) =>
    handler ? [{ what: `tool "${name}"`, ref: handler }] : [],
  ),
  ...handlersOfOffers(agent),
  ...(agent.health ? [{ what: 'spec.health', ref: agent.health.check }] : []),
]

/** Absolute paths of the modules that `loadHandlers` loads. */
export const handlerModules = (agent: Agent, folder: string): string[] => [
  ...new Set(namedBy(agent).map(({ ref }) => resolve(folder, ref.path))),
]

interface Named {
  what: string
  ref: HandlerRef
}

/** Those of resources, prompts and completions. */
function handlersOfOffers({ resources, prompts }: Agent): Named[] {
  const completions = (what: string, all: readonly (Completion | undefined)[]) =>
    all.flatMap(one => (one && 'handler' in one ? [{ what, ref: one.handler }] : []))
  return [
    ...resources.flatMap(({ uri, source, complete }) => {
      const what = `resource "${uri}"`
      const own = 'handler' in source ? [{ what, ref: source.handler }] : []
      return [...own, ...completions(what, Object.values(complete))]
    }),
    ...prompts.flatMap(({ name, source, arguments: args }) => {
      const what = `prompt "${name}"`
      const own = 'handler' in source ? [{ what, ref: source.handler }] : []
      return [
        ...own,
        ...completions(
          what,
          args.map(({ complete }) => complete),
        ),
      ]
    }),
  ]
}

let isHooked = false

function hookTypescript(): void {
  if (isHooked) return
  isHooked = true
  register('./typescript-hook.mjs', import.meta.url)
}

async function loadModule(path: string, folder: string): Promise<Record<string, unknown>> {
  const file = resolve(folder, path)
  if (!existsSync(file)) {
    throw new MeshError(
      'MESH_HANDLER_MISSING',
      `the handler module ${path} does not exist in ${folder}`,
    )
  }
  return (await import(pathToFileURL(file).href)) as Record<string, unknown>
}

function exportError(named: string, ref: HandlerRef, module: Record<string, unknown>): MeshError {
  const names = Object.keys(module).filter(name => typeof module[name] === 'function')
  const what = ref.exportName in module ? 'is no function' : 'does not exist'
  return new MeshError(
    'MESH_HANDLER_EXPORT',
    `${named}: the export "${ref.exportName}" of ${ref.path} ${what}`,
    names.length > 0
      ? `write one of its functions: ${names.join(', ')}`
      : 'export a function of that name',
  )
}

async function loadError(cause: unknown, path: string, folder: string): Promise<MeshError> {
  const isSyntax = cause instanceof SyntaxError
  const place =
    placeOf(cause, folder) ?? (isSyntax ? await syntaxPlace(resolve(folder, path)) : undefined)
  const at = place ? ` at ${place}` : ''
  const name = cause instanceof Error && cause.name !== 'Error' ? `${cause.name}: ` : ''
  const found = `the handler module ${path} failed to load${at}: ${name}${messageOf(cause)}`
  return new MeshError('MESH_HANDLER_FAILED', found, 'mend the module', { cause })
}

/** `file:line:column` of the first frame in the user's folder; syntax errors name only file and line. */
function placeOf(error: unknown, folder: string): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  for (const [, place] of stack.matchAll(/((?:file:\/\/)?\/[^\s():]+:\d+(?::\d+)?)/g)) {
    const [, url, position] = /^(.*?)((?::\d+)+)$/.exec(place ?? '') ?? []
    const file = url?.startsWith('file:') ? fileURLToPath(url) : url
    if (file?.startsWith(resolve(folder))) return `${file}${position}`
  }
  return undefined
}
