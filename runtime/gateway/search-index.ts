/**
 * Finds tools by words: full-text search by BM25+ over names, titles, tags and descriptions (MiniSearch). A word that the query
 * only begins, or has a letter wrong of, finds too and counts less. Only what has changed is indexed anew.
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
  const known = new Map<string, { tool: ShownName; document: Document }>()
  return {
    get size() {
      return known.size
    },
    update(tools) {
      const now = new Map(tools.map(tool => [tool.name, tool]))
      for (const [name, { document }] of known) {
        if (now.has(name)) continue
        index.remove(document)
        known.delete(name)
      }
      for (const [name, tool] of now) {
        const document = documentOf(tool)
        const before = known.get(name)?.document
        known.set(name, { tool, document })
        if (before && fields.every(field => before[field] === document[field])) continue
        if (before) index.remove(before)
        index.add(document)
      }
    },
    find(query, limit) {
      const found = index.search(query, {
        boost,
        prefix: term => term.length >= shortest,
        fuzzy: term => (term.length >= shortest ? 0.2 : false),
      })
      return found
        .sort((a, b) => b.score - a.score || (String(a.id) < String(b.id) ? -1 : 1))
        .slice(0, limit)
        .flatMap(({ id }) => known.get(String(id))?.tool ?? [])
    },
  }
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
