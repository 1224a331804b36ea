/**
 * Finds tools by words: full-text search by BM25+ over names, titles, tags and descriptions (MiniSearch). A word that the query
 * only begins, or has a letter wrong of, finds too and counts less. Only what has changed is indexed anew: all else is looked at
 * once, as what it is made of, and no text of it is read.
 */
import MiniSearch from 'minisearch'
import type { ShownName } from './shown.ts'

export interface SearchIndex {
  readonly size: number
  /** From now on these are searched, and no others. */
  update(tools: readonly ShownName[]): void
  /** The best first; of equals in the order of their names. */
  find(query: string, limit: number): ShownName[]
}

/** A tool that is searched. */
interface Known {
  tool: ShownName
  document: Document
  /** The last of all updates that had it. */
  update: number
}

interface Document {
  id: string
  name: string
  title: string
  tags: string
  description: string
}

const fields = ['name', 'title', 'tags', 'description'] satisfies (keyof Document)[]
/** A name says in few words what a description says in many. */
const boost = { name: 3, title: 2, tags: 2 }
/** Shorter beginnings are those of too much, and shorter words those of others. */
const shortest = 4

export function createSearchIndex(): SearchIndex {
  const index = new MiniSearch<Document>({ fields, tokenize: wordsOf })
  const known = new Map<string, Known>()
  let update = 0
  return {
    get size() {
      return known.size
    },
    update(tools) {
      update += 1
      for (const tool of tools) {
        const before = known.get(tool.name)
        if (before && isSame(before.tool, tool)) {
          before.tool = tool
          before.update = update
          continue
        }
        if (before) index.remove(before.document)
        const document = documentOf(tool)
        index.add(document)
        known.set(tool.name, { tool, document, update })
      }
      if (known.size === tools.length) return
      for (const [name, { document, update: last }] of known) {
        if (last === update) continue
        index.remove(document)
        known.delete(name)
      }
    },
    find(query, limit) {
      const found = index.search(query, {
        boost,
        prefix: term => term.length >= shortest,
        fuzzy: term => (term.length >= shortest ? 0.2 : false),
      })
      return found
        .sort((a, b) => rank(b.score) - rank(a.score) || (String(a.id) < String(b.id) ? -1 : 1))
        .slice(0, limit)
        .flatMap(({ id }) => known.get(String(id))?.tool ?? [])
    },
  }
}

/** What is equal is equal, in whatever order its parts were added up. */
const rank = (score: number) => Math.round(score * 1e9)

/** What `documentOf` reads. */
function isSame(a: ShownName, b: ShownName): boolean {
  return (
    a.original === b.original &&
    a.provider.name === b.provider.name &&
    a.tool?.capability === b.tool?.capability &&
    isSameList(a.tool?.tags, b.tool?.tags) &&
    a.entry['title'] === b.entry['title'] &&
    a.entry['description'] === b.entry['description']
  )
}

function isSameList(a: readonly string[] = [], b: readonly string[] = []): boolean {
  return a === b || (a.length === b.length && a.every((tag, i) => tag === b[i]))
}

function documentOf({ name, original, entry, provider, tool }: ShownName): Document {
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  return {
    id: name,
    // An agent's name says something of its tools, and the capability of what they are for.
    name: [...new Set([original, provider.name, tool?.capability ?? ''])].join(' '),
    title: text(entry['title']),
    tags: (tool?.tags ?? []).join(' '),
    description: text(entry['description']),
  }
}

/** `readFile_v2` is read, file and v2. */
export function wordsOf(text: string): string[] {
  return text
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter(word => word !== '')
}
