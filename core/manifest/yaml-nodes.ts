/**
 * YAML as the library reads it, with every node's place and every fault. Loading it takes longer than checking a manifest,
 * so that it is loaded when a text is more than plain or the place of a fault is asked for.
 */
import { createRequire } from 'node:module'
import type * as Yaml from 'yaml'
import type { Alias, Document } from 'yaml'
import type { TextFault } from './parse.ts'
import { yamlFault } from './yaml-fault.ts'

const maxAliases = 100

let library: typeof Yaml | undefined

/** The library, loaded at the first call. */
export function yaml(): typeof Yaml {
  library ??= createRequire(import.meta.url)('yaml') as typeof Yaml
  return library
}

/** The documents of a text, those without content too. Throws RangeError for what is nested too deep for the stack. */
export function parseNodes(text: string): Document[] {
  const parsed = yaml().parseAllDocuments(text, { prettyErrors: false, merge: true })
  return Array.isArray(parsed) ? (parsed as Document[]) : []
}

/** A document has content or a fault; of others nothing is said. */
export function isBlank(document: Document): boolean {
  return document.contents === null && document.errors.length + document.warnings.length === 0
}

/** After the first fault of its syntax a parser guesses, so only that one is told; keys that stand twice all are. */
export function valueOf(
  document: Document,
  text: string,
  aliases: readonly Alias[],
): { value: unknown; faults: TextFault[] } {
  const errors = [...document.errors, ...document.warnings]
  const first = errors.findIndex(error => error.code !== 'DUPLICATE_KEY')
  const faults = errors.filter((error, i) => error.code === 'DUPLICATE_KEY' || i === first)
  const found = faults.map(error => yamlFault(error, text))
  if (found.length === 0)
    found.push(...aliases.filter(alias => !alias.resolve(document)).map(aliasFault))
  if (found.length > 0) return { value: undefined, faults: found }
  try {
    return { value: document.toJS({ maxAliasCount: maxAliases }) as unknown, faults: [] }
  } catch (error) {
    // Aliases that multiply (a "billion laughs").
    if (!(error instanceof ReferenceError) && !(error instanceof RangeError)) throw error
    const [start = 0, end = 0] = aliases[0]?.range ?? document.contents?.range ?? []
    const message = 'the aliases of the document stand for too many values'
    const mend = 'write the values out in place of the aliases'
    return {
      value: undefined,
      faults: [{ code: 'MESH_MANIFEST_TOO_LARGE', message, mend, start, end }],
    }
  }
}

function aliasFault(alias: Alias): TextFault {
  const [start = 0, end = 0] = alias.range ?? []
  return {
    code: 'MESH_YAML_INVALID',
    message: `*${alias.source} is an alias, and no anchor &${alias.source} stands before it`,
    mend: `write &${alias.source} before the value that is meant, or "*${alias.source}" if it is a text`,
    start,
    end,
  }
}

/** How deep the document is nested, counted to one above `most`, and the aliases in it. */
export function measure(document: Document, most: number): { levels: number; aliases: Alias[] } {
  const { isAlias, isCollection, isPair } = yaml()
  const aliases: Alias[] = []
  let levels = 0
  let level: unknown[] = [document.contents]
  while (level.length > 0 && levels <= most) {
    const next: unknown[] = []
    for (const node of level) {
      if (isAlias(node)) aliases.push(node)
      if (!isCollection(node)) continue
      for (const item of node.items as unknown[]) {
        if (isPair(item)) next.push(item.key, item.value)
        else next.push(item)
      }
    }
    level = next
    if (level.length > 0) levels++
  }
  return { levels, aliases }
}
