/**
 * What an agent says that it offers: its lists, page by page, as they came. What no client could read is left out by name, so
 * that one agent's slip does not cost every client the whole list.
 */
import { hasCode, MeshError } from '../../core/model/error.ts'
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
const maxBytes = 256 * 1024

/** Throws what keeps the agent from saying it. */
export async function askOffered(asking: Asking): Promise<Offered> {
  const { capabilities } = await ask(asking, 'server/discover')
  const has = isRecord(capabilities) ? capabilities : {}
  const leftOut: string[] = []
  const list = async (method: string, key: string, isSound: Check) => {
    const entries = await pages(asking, method, key)
    return entries.filter((entry): entry is Entry => {
      const fault = isRecord(entry) ? faultOf(entry, isSound) : 'it is no object'
      if (fault === undefined) return true
      const name = isRecord(entry) ? entry['name'] : undefined
      leftOut.push(`${key.slice(0, -1)} ${JSON.stringify(name ?? null)}: ${fault}`)
      return false
    })
  }
  const [tools, resources, templates, prompts] = await Promise.all([
    has['tools'] ? list('tools/list', 'tools', toolFault) : [],
    has['resources'] ? list('resources/list', 'resources', resourceFault) : [],
    has['resources'] ? list('resources/templates/list', 'resourceTemplates', templateFault) : [],
    has['prompts'] ? list('prompts/list', 'prompts', promptFault) : [],
  ])
  return {
    ...{ tools: unique(tools, 'name'), resources: unique(resources, 'uri') },
    ...{ templates: unique(templates, 'uriTemplate'), prompts: unique(prompts, 'name') },
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
    if (typeof next !== 'string' || next === '') return entries
    if (seen.has(next) || entries.length > maxEntries) {
      const found = `${asking.endpoint} answers ${method} without an end: more than ${entries.length} entries`
      throw new MeshError('MESH_CALL_INVALID', found)
    }
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

type Check = (entry: Entry) => string | undefined

function faultOf(entry: Entry, check: Check): string | undefined {
  for (const field of ['title', 'description', 'mimeType']) {
    const value = entry[field]
    if (value !== undefined && typeof value !== 'string') return `its ${field} is no text`
  }
  for (const field of ['annotations', '_meta', 'execution']) {
    const value = entry[field]
    if (value !== undefined && !isRecord(value)) return `its ${field} is no object`
  }
  if (typeof entry['name'] !== 'string') return 'it has no name'
  const fault = check(entry)
  if (fault !== undefined) return fault
  return JSON.stringify(entry).length > maxBytes ? `it is longer than ${maxBytes} bytes` : undefined
}

function toolFault({ name, inputSchema, outputSchema }: Entry): string | undefined {
  if (!/^[!-~]{1,128}$/.test(String(name))) return 'its name cannot be called'
  if (!isRecord(inputSchema) || inputSchema['type'] !== 'object')
    return 'its inputSchema is no schema of type object'
  if (outputSchema !== undefined && !isRecord(outputSchema)) return 'its outputSchema is no schema'
  return undefined
}

const resourceFault: Check = ({ uri }) => (typeof uri === 'string' ? undefined : 'it has no uri')
const templateFault: Check = ({ uriTemplate }) =>
  typeof uriTemplate === 'string' ? undefined : 'it has no uriTemplate'

function promptFault({ arguments: args }: Entry): string | undefined {
  if (args === undefined) return undefined
  const isSound = (arg: unknown) => isRecord(arg) && typeof arg['name'] === 'string'
  return Array.isArray(args) && args.every(isSound) ? undefined : 'its arguments are no list'
}

/** The first of each key counts. */
function unique(entries: readonly Entry[], key: string): Entry[] {
  const first = new Map<unknown, Entry>()
  for (const entry of entries) if (!first.has(entry[key])) first.set(entry[key], entry)
  return [...first.values()]
}
