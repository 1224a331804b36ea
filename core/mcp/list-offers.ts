/**
 * Reads what a server offers besides its tools, page by page. Entries stay as they came; one that is not as MCP has it is left
 * out, and so is what exceeds the bounds: the others stay.
 */
import { isSpecType, ProtocolError, SdkHttpError, type Client } from '@modelcontextprotocol/client'
import { MeshError } from '../model/error.ts'
import { asItCame } from './list-tools.ts'

export interface FoundResource {
  uri: string
  name: string
  [key: string]: unknown
}

export interface FoundTemplate {
  uriTemplate: string
  name: string
  [key: string]: unknown
}

export interface FoundPrompt {
  name: string
  [key: string]: unknown
}

export interface FoundOffers {
  resources: FoundResource[]
  templates: FoundTemplate[]
  prompts: FoundPrompt[]
  hasCompletions: boolean
  /** Whether it tells of changes of a resource. */
  canSubscribe: boolean
  /** By kind and place or name, `resource docs://x`: why it is not served. */
  leftOut: Map<string, string>
}

const maxPages = 100
const maxEntries = 1_000

interface Limits {
  signal: AbortSignal
  /** Of one page, in milliseconds. */
  timeoutMs: number
}

/** Of a kind that the server does not declare nothing is asked. */
export async function listOffers(client: Client, limits: Limits): Promise<FoundOffers> {
  const { resources, prompts, completions } = client.getServerCapabilities() ?? {}
  const leftOut = new Map<string, string>()
  const list = lister(client, limits, leftOut)
  const none = Promise.resolve([])
  const [fixed, templates, found] = await Promise.all([
    resources ? list('resources/list', 'resources', isResource) : none,
    resources ? list('resources/templates/list', 'resourceTemplates', isTemplate) : none,
    prompts ? list('prompts/list', 'prompts', isPrompt) : none,
  ])
  const hasCompletions = completions !== undefined
  const canSubscribe = resources?.subscribe === true
  return { resources: fixed, templates, prompts: found, hasCompletions, canSubscribe, leftOut }
}

const isResource = (entry: unknown): entry is FoundResource => isSpecType.Resource(entry)
const isTemplate = (entry: unknown): entry is FoundTemplate => isSpecType.ResourceTemplate(entry)
const isPrompt = (entry: unknown): entry is FoundPrompt => isSpecType.Prompt(entry)

type ListMethod = 'resources/list' | 'resources/templates/list' | 'prompts/list'

function lister(client: Client, { signal, timeoutMs }: Limits, leftOut: Map<string, string>) {
  return async function list<T extends { name: string }>(
    method: ListMethod,
    field: string,
    isSound: (entry: unknown) => entry is T,
  ): Promise<T[]> {
    const found = new Map<string, T>()
    let cursor: string | undefined
    for (let page = 1; page <= maxPages; page++) {
      const params = cursor === undefined ? {} : { cursor }
      const limits = { signal, timeout: timeoutMs }
      const answer = await client
        .request({ method, params }, asItCame, limits)
        .catch((error: unknown) => noneOf(error))
      const entries = answer[field]
      for (const entry of Array.isArray(entries) ? (entries as unknown[]) : []) {
        const key = keyOf(entry)
        const name = `${method.split('/')[0]?.slice(0, -1) ?? ''} ${key}`
        if (!isSound(entry)) leftOut.set(name, 'it is not described as MCP has it')
        else if (found.has(key)) leftOut.set(name, 'another one has the same name')
        else if (found.size >= maxEntries) leftOut.set(name, `only ${maxEntries} are served`)
        else found.set(key, entry)
      }
      const { nextCursor } = answer
      if (typeof nextCursor !== 'string') return [...found.values()]
      cursor = nextCursor
    }
    throw new MeshError(
      'MESH_CALL_INVALID',
      `its answers to ${method} have more than ${maxPages} pages`,
    )
  }
}

/** Some servers declare resources and have no templates. */
function noneOf(error: unknown): Record<string, unknown> {
  if (rpcCodeOf(error) === methodNotFound) return {}
  throw error
}

const methodNotFound = -32601

/** A server of 2026-07-28 answers HTTP 404 for a method that it does not have, of which the SDK reads no more. */
function rpcCodeOf(error: unknown): unknown {
  if (error instanceof ProtocolError) return error.code
  if (!(error instanceof SdkHttpError) || error.status !== 404) return undefined
  try {
    const message: unknown = JSON.parse(String(error.data['text']))
    return (message as { error?: { code?: unknown } } | null)?.error?.code
  } catch {
    return undefined // a 404 of something that speaks no MCP
  }
}

/** What clients ask for it by. */
function keyOf(entry: unknown): string {
  const { uri, uriTemplate, name } = (entry ?? {}) as Record<string, unknown>
  const key = uri ?? uriTemplate ?? name
  return typeof key === 'string' ? key : '(without a name)'
}
