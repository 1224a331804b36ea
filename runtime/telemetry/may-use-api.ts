/**
 * Whether handlers may use OpenTelemetry's API, told from their code before the first call: the ambient context that they
 * need then taxes every promise of the process on Node 20, and a handler that finds none has already lost its parent. So it
 * errs on the side of yes: what cannot be followed (a computed import, a file that is not there) may use it.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire, isBuiltin } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `files`: absolute paths of modules. Follows their own files by text, and packages by what their package.json names. */
export async function mayUseApi(files: readonly string[]): Promise<boolean> {
  const seen = new Set<string>(files)
  try {
    for (const file of seen) {
      const text = await readFile(file, 'utf8')
      const found = file.endsWith(manifestName) ? dependenciesIn(text, file) : importsIn(text, file)
      if (!found) return true
      for (const each of found) seen.add(each)
    }
    return false
  } catch {
    return true
  }
}

const manifestName = '/package.json'
const api = /opentelemetry/i
const literal = /\b(?:from|import|require)\s*(?:\(\s*)?(?:"([^"\n]+)"|'([^'\n]+)')/g
/** A call whose one argument is not just a text, and other ways to load a module. */
const computed =
  /\b(?:import|require)\s*\(\s*(?!(?:"[^"\n]*"|'[^'\n]*')\s*[,)])|\b(?:createRequire|eval|_load)\b/

/** Files and packages that a module imports; undefined where it names the API or hides what it imports. */
function importsIn(text: string, file: string): string[] | undefined {
  if (api.test(text) || computed.test(text)) return undefined
  const names = [...text.matchAll(literal)].map(([, double, single]) => double ?? single ?? '')
  return names
    .filter(name => !isBuiltin(name))
    .map(name => {
      if (name.startsWith('file:')) return fileURLToPath(name)
      if (/^\.{0,2}\//.test(name)) return resolve(dirname(file), name)
      return manifestOf(name, file)
    })
}

interface PackageManifest {
  name?: string
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

function dependenciesIn(text: string, file: string): string[] | undefined {
  const manifest = JSON.parse(text) as PackageManifest
  const { name = '', dependencies, optionalDependencies, peerDependencies } = manifest
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
  if ([name, ...names].some(each => api.test(each))) return undefined
  const optional = { ...optionalDependencies, ...peerDependencies }
  return names.flatMap(each => {
    try {
      return [manifestOf(each, file)]
    } catch (error) {
      if (each in optional) return [] // not installed, so nobody imports it
      throw error
    }
  })
}

/** Of the package that `specifier` names, as Node would find it from `from`. Throws where there is none. */
function manifestOf(specifier: string, from: string): string {
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  const { resolve: find } = createRequire(from)
  for (const folder of find.paths(name) ?? []) {
    const path = join(folder, name, 'package.json')
    if (existsSync(path)) return path
  }
  throw new Error(`no package ${name}`)
}
