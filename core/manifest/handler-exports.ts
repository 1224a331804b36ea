/**
 * What a handler module exports, found without running it: its types are stripped as the runtime strips them, then its
 * exports are listed. `export *` is followed through relative modules. The engines are loaded when they are needed.
 */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { messageOf } from '../model/error.ts'

export interface ModuleExports {
  names: ReadonlySet<string>
  /** Names that are exported as types only, which no program sees. */
  types: ReadonlySet<string>
  /** True when it also exports what nobody can tell without running it. */
  isOpen: boolean
}

/** The module's text cannot be read as a module; the message has the place, `hello.ts:3:7`. */
export interface ModuleFault {
  fault: string
}

/** Exports by absolute file, for the time of one run; undefined for a file that does not exist. */
export function createExportsReader(): (
  file: string,
) => Promise<ModuleExports | ModuleFault | undefined> {
  const known = new Map<string, Promise<ModuleExports | ModuleFault | undefined>>()
  const read = (file: string) => {
    const started = known.get(file) ?? readExports(file, read)
    known.set(file, started)
    return started
  }
  return read
}

async function readExports(
  file: string,
  readOther: (file: string) => Promise<ModuleExports | ModuleFault | undefined>,
): Promise<ModuleExports | ModuleFault | undefined> {
  const source = await readFile(file, 'utf8').catch(() => undefined)
  if (source === undefined) return undefined
  const stripped = /\.m?ts$/.test(file) ? await strip(source) : source
  if (typeof stripped !== 'string') return stripped
  const { init, parse } = await import('es-module-lexer')
  await init()
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(stripped)
  } catch (error) {
    return { fault: `it cannot be parsed${placeOf(stripped, (error as { idx?: number }).idx)}` }
  }
  const [imports, exported, , hasModuleSyntax] = parsed
  if (!hasModuleSyntax && imports.length === 0) return commonJs(stripped)
  if (stripped === source) {
    const checked = await strip(source) // the lexer skims; JavaScript is TypeScript to a real parser
    if (typeof checked !== 'string') return checked
  }
  const names = new Set<string>()
  let isOpen = false
  for (const entry of exported) {
    if (entry.type !== 'reexport-all') {
      names.add(entry.name)
      continue
    }
    const other = entry.from.startsWith('.')
      ? await readOther(resolve(dirname(file), entry.from))
      : undefined
    if (!other || 'fault' in other) isOpen = true
    else {
      for (const name of other.names) if (name !== 'default') names.add(name)
      isOpen ||= other.isOpen
    }
  }
  return { names, types: typesOf(source), isOpen }
}

async function strip(source: string): Promise<string | ModuleFault> {
  const { default: swc } = await import('@swc/wasm-typescript')
  try {
    return swc.transformSync(source, { mode: 'strip-only', module: true }).code
  } catch (error) {
    const { message, startLine, startColumn } = error as Record<string, unknown>
    const reason = typeof message === 'string' ? message.split('\n', 1)[0] : messageOf(error)
    const place =
      typeof startLine === 'number' ? ` (line ${startLine}, column ${Number(startColumn) + 1})` : ''
    return { fault: `${reason}${place}` }
  }
}

function placeOf(text: string, index: number | undefined): string {
  if (index === undefined) return ''
  const before = text.slice(0, index).split('\n')
  return ` (line ${before.length}, column ${(before.at(-1) ?? '').length + 1})`
}

/** Names that a CommonJS module seems to export; it may compute others. */
function commonJs(source: string): ModuleExports {
  const names = [...source.matchAll(/\bexports\.([A-Za-z_$][\w$]*)\s*=/g)].map(
    match => match[1] ?? '',
  )
  return {
    names: new Set(['default', ...names]),
    types: new Set(),
    isOpen: /\bmodule\.exports\b/.test(source),
  }
}

function typesOf(source: string): ReadonlySet<string> {
  const declared = source.matchAll(
    /\bexport\s+(?:declare\s+)?(?:type|interface)\s+([A-Za-z_$][\w$]*)/g,
  )
  return new Set([...declared].map(match => match[1] ?? ''))
}
