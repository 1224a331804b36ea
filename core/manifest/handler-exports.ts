/**
 * What a handler module exports, found without running it: its types are stripped as the runtime strips them, then its
 * exports are listed. `export *` is followed through relative modules. The engines are loaded when they are needed.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import type * as Swc from '@swc/wasm-typescript'
import type { parse as Parse } from 'es-module-lexer'
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

type Found = ModuleExports | ModuleFault | undefined
export type ReadExports = (file: string) => Promise<Found>

/** Exports by absolute file, for the time of one run; undefined for a file that does not exist. */
export function createExportsReader(): ReadExports {
  const known = new Map<string, Found>()
  const readWith = (file: string, parse: typeof Parse): Found => {
    if (known.has(file)) return known.get(file)
    // Whoever comes here again before it is read stands in a circle of `export *`, whose names are not followed.
    known.set(file, { names: new Set(), types: new Set(), isOpen: true })
    const found = readExports(file, parse, other => readWith(other, parse))
    known.set(file, found)
    return found
  }
  return async file => readWith(file, lexer ?? (await loadLexer()))
}

let lexer: typeof Parse | undefined

async function loadLexer(): Promise<typeof Parse> {
  const { init, parse } = await import('es-module-lexer')
  await init()
  return (lexer = parse)
}

function readExports(file: string, parse: typeof Parse, readOther: (file: string) => Found): Found {
  const source = textOf(file)
  if (source === undefined) return undefined
  const stripped = /\.m?ts$/.test(file) ? strip(source) : source
  if (typeof stripped !== 'string') return stripped
  let parsed: ReturnType<typeof Parse>
  try {
    parsed = parse(stripped)
  } catch (error) {
    return { fault: `it cannot be parsed${placeOf(stripped, (error as { idx?: number }).idx)}` }
  }
  const [imports, exported, , hasModuleSyntax] = parsed
  if (!hasModuleSyntax && imports.length === 0) return commonJs(stripped)
  if (stripped === source) {
    const checked = strip(source) // the lexer skims; JavaScript is TypeScript to a real parser
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
      ? readOther(resolve(dirname(file), entry.from))
      : undefined
    if (!other || 'fault' in other) isOpen = true
    else {
      for (const name of other.names) if (name !== 'default') names.add(name)
      isOpen ||= other.isOpen
    }
  }
  return { names, types: typesOf(source), isOpen }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined // whoever named it is told that it is not there
  }
}

let swc: typeof Swc | undefined

/** Loaded as CommonJS: import() would first read its three megabytes for what kind of module they are. */
function stripper(): typeof Swc {
  swc ??= createRequire(import.meta.url)('@swc/wasm-typescript') as typeof Swc
  return swc
}

function strip(source: string): string | ModuleFault {
  try {
    return stripper().transformSync(source, { mode: 'strip-only', module: true }).code
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
