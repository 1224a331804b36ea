/**
 * What an agent says that it offers: its lists, page by page, as they came. What no client could read is left out by name, so
 * that one agent's slip does not cost every client the whole list.
 */
import { hasCode, MeshError } from '../../core/model/error.ts'
import { formFault, schemaFault } from '../../core/mcp/schema-fault.ts'
import { ask, type Asking } from './ask.ts'
import { isRecord } from './record.ts'
import { declaresTasks } from '../tasks/task.ts'

/** One entry of a list, with everything that the agent said of it. */
export type Entry = Readonly<Record<string, unknown>>

export interface Offered {
  tools: readonly Entry[]
  resources: readonly Entry[]
  templates: readonly Entry[]
  prompts: readonly Entry[]
  hasCompletions: boolean
  /** Whether calls of its tools may be answered with a task. */
  hasTasks: boolean
  /** What was left out, and why, for people. */
  leftOut: readonly string[]
}

const maxEntries = 10_000
const maxPages = 1_000
const maxBytes = 256 * 1024

/** `before` is what it said last: what is the same is as sound as it was. Throws what keeps the agent from saying it. */
export async function askOffered(asking: Asking, before?: Offered): Promise<Offered> {
  const { capabilities } = await ask(asking, 'server/discover')
  const has = isRecord(capabilities) ? capabilities : {}
  const { isSpecEntry } = await import('../mcp/spec-entry.ts')
  const leftOut: string[] = []
  const kinds = {
    tools: { method: 'tools/list', key: 'tools', id: 'name', of: isSpecEntry.tool },
    prompts: { method: 'prompts/list', key: 'prompts', id: 'name', of: isSpecEntry.prompt },
    resources: { method: 'resources/list', key: 'resources', id: 'uri', of: isSpecEntry.resource },
    templates: {
      ...{ method: 'resources/templates/list', key: 'resourceTemplates', id: 'uriTemplate' },
      of: isSpecEntry.template,
    },
  }
  const list = async (kind: keyof typeof kinds): Promise<Entry[]> => {
    const { method, key, id, of } = kinds[kind]
    const known = new Set(before?.[kind].map(entry => JSON.stringify(entry)))
    const sound = new Map<unknown, Entry>()
    const pause = pauser()
    for (const entry of await pages(asking, method, key)) {
      const fault = isRecord(entry) ? faultOf(entry, { kind, of, known }) : 'it is no object'
      await pause()
      // The first of each key counts.
      if (fault === undefined && isRecord(entry)) {
        if (!sound.has(entry[id])) sound.set(entry[id], entry)
        continue
      }
      const name = isRecord(entry) ? entry['name'] : undefined
      leftOut.push(`${key.slice(0, -1)} ${JSON.stringify(name ?? null)}: ${fault}`)
    }
    return [...sound.values()]
  }
  const [tools, resources, templates, prompts] = await Promise.all([
    has['tools'] ? list('tools') : [],
    has['resources'] ? list('resources') : [],
    has['resources'] ? list('templates') : [],
    has['prompts'] ? list('prompts') : [],
  ])
  return {
    ...{ tools, resources, templates, prompts },
    ...{ hasCompletions: has['completions'] !== undefined, hasTasks: declaresTasks(has), leftOut },
  }
}

async function pages(asking: Asking, method: string, key: string): Promise<unknown[]> {
  const entries: unknown[] = []
  const seen = new Set<string>()
  for (let cursor: string | undefined; ;) {
    const page = await askPage(asking, method, cursor)
    const found = page[key]
    if (Array.isArray(found)) entries.push(...(found as unknown[]))
    const next = page['nextCursor']
    const isLast = typeof next !== 'string' || next === ''
    const isEndless = !isLast && (seen.has(next) || seen.size >= maxPages)
    if (isEndless || entries.length > maxEntries) {
      const found = `${asking.endpoint} answers ${method} without an end: ${entries.length} entries on ${seen.size + 1} pages`
      throw new MeshError('MESH_CALL_INVALID', found)
    }
    if (isLast) return entries
    seen.add((cursor = next))
  }
}

/** An agent without templates may have no such method. */
async function askPage(asking: Asking, method: string, cursor: string | undefined): Promise<Entry> {
  try {
    return await ask(asking, method, cursor === undefined ? {} : { cursor })
  } catch (error) {
    if (hasCode(error, 'MESH_CALL_REFUSED') && error.details?.['rpc'] === -32601) return {}
    throw error
  }
}

interface Kind {
  kind: 'tools' | 'prompts' | 'resources' | 'templates'
  of: (entry: Entry) => boolean
  /** Texts of entries that were sound. */
  known: ReadonlySet<string>
}

function faultOf(entry: Entry, { kind, of, known }: Kind): string | undefined {
  const text = JSON.stringify(entry)
  if (known.has(text)) return undefined
  if (text.length > maxBytes) return `it is longer than ${maxBytes} bytes`
  for (const field of ['title', 'description', 'mimeType']) {
    const value = entry[field]
    if (value !== undefined && typeof value !== 'string') return `its ${field} is no text`
  }
  if (typeof entry['name'] !== 'string') return 'it has no name'
  const fault = kind === 'tools' ? toolFault(entry) : undefined
  if (fault !== undefined) return fault
  return of(entry) ? undefined : 'it is not described as MCP has it'
}

/** Clients compile the schemas of results as they read a list, and some give up the list where that fails. */
function toolFault({ name, inputSchema, outputSchema }: Entry): string | undefined {
  if (!/^[!-~]{1,128}$/.test(String(name))) return 'its name cannot be called'
  if (!isRecord(inputSchema) || inputSchema['type'] !== 'object')
    return 'its inputSchema is no schema of type object'
  const fault = formFault(inputSchema)
  if (fault !== undefined) return `its inputSchema ${fault}`
  if (outputSchema === undefined) return undefined
  const other = schemaFault(outputSchema)
  return other === undefined ? undefined : `its outputSchema ${other}`
}

/** So long at most the calls of others wait while schemas are compiled. */
const longestMs = 10

function pauser(): () => Promise<void> {
  let began = performance.now()
  return async () => {
    if (performance.now() - began < longestMs) return
    await new Promise(resolve => setImmediate(resolve))
    began = performance.now()
  }
}
