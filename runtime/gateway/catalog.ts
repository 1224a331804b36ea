/**
 * What a gateway serves at a time: the lists as bytes, made once a change, and for each name and URI the call that answers it.
 * The SDK, which serves what is not passed on by hand, is given the same as `Tools` and `Offers`.
 */
import { templateFault, uriMatcher } from '../../core/manifest/uri-template.ts'
import type { Agent, AgentTool } from '../../core/model/agent.ts'
import type { Exposure } from '../../core/model/gateway.ts'
import { assemble, type ListedTool, type ServedTool, type Tools } from '../mcp/tools.ts'
import type { Entry } from './offered.ts'
import { isRecord } from './record.ts'
import { taskMethods, type TaskMethod } from './task-ids.ts'
import type { Route, Routes } from './routes.ts'
import { passedSpec, type SearchTool } from './search-tool.ts'
import type { Shown, ShownName, ShownPlace } from './shown.ts'

/** Whom a request is for. */
export interface Target extends Route {
  /** Its name there; undefined of what is asked for by URI, which stays. */
  readonly original: string | undefined
  /** Whether the answer to a call may be a task's handle. */
  readonly hasTasks: boolean
  /** Of a tool. */
  readonly inputSchema?: object
}

export interface Catalog {
  readonly shown: Shown
  /** For the SDK. */
  readonly tools: Tools
  /** By method, the result of a list as JSON. */
  readonly lists: ReadonlyMap<string, Buffer>
  tool(name: string): Target | undefined
  prompt(name: string): Target | undefined
  /** By URI: the agent that lists it, else the first of whose templates it is. */
  resource(uri: string): Target | undefined
  /** Who completes the arguments of a prompt, or the variables of a template. */
  completing(of: { prompt: string } | { template: string }): Target | undefined
  /** Who is asked about a task, by the key of its agent; undefined where that has none, or is not shown. */
  task(key: string, method: TaskMethod): Target | undefined
}

export interface CatalogMeans {
  agent: Agent
  /** The gateway's own tool, where it has one. */
  search: SearchTool | undefined
  routes: Routes
  bearerOf: (exposure: Exposure) => string | undefined
}

export function createCatalog(shown: Shown, means: CatalogMeans): Catalog {
  const { agent, search, routes, bearerOf } = means
  const take = (method: string, item: ShownName | ShownPlace): Target => {
    const { provider, exposure } = item
    const original = 'original' in item ? item.original : undefined
    const tool = 'tool' in item ? item.tool : undefined
    const wanted = { provider, method, name: original, tool, bearer: bearerOf(exposure) }
    const hasTasks = 'hasTasks' in item && item.hasTasks
    const inputSchema = 'original' in item ? item.entry['inputSchema'] : undefined
    return {
      ...{ ...routes.take(wanted), original, hasTasks },
      ...(isRecord(inputSchema) && { inputSchema }),
    }
  }
  const completing = ({ provider, exposure, ...item }: ShownName | ShownPlace): Target => {
    const wanted = { provider, method: 'completion/complete', name: undefined, tool: undefined }
    const original = 'original' in item ? item.original : undefined
    const route = routes.take({ ...wanted, bearer: bearerOf(exposure) })
    return { ...route, original, hasTasks: false }
  }
  const byName = (method: string, items: readonly ShownName[]) =>
    new Map(items.map(item => [item.name, take(method, item)]))
  const tools = byName('tools/call', shown.tools)
  const prompts = byName('prompts/get', shown.prompts)
  const places = (items: readonly ShownPlace[]) =>
    new Map(items.map(item => [item.uri, take('resources/read', item)]))
  const resources = places(shown.resources)
  const templates = places(shown.templates)
  const completions = new Map(shown.templates.map(item => [item.uri, completing(item)]))
  const promptCompletions = new Map(shown.prompts.map(item => [item.name, completing(item)]))
  const matchers = shown.templates.map(({ uri }) => ({ uri, takes: takesOf(uri) }))
  const tasks = taskTargets(shown, means)
  const forSdk = toolsOf(shown, { agent, search, hasTasks: tasks.size > 0 })
  const entries = (items: readonly { entry: Entry }[]) => items.map(({ entry }) => entry)
  const lists = new Map(
    Object.entries({
      'tools/list': { tools: shown.listed },
      'prompts/list': { prompts: entries(shown.prompts) },
      'resources/list': { resources: entries(shown.resources) },
      'resources/templates/list': { resourceTemplates: entries(shown.templates) },
    }).map(([method, list]) => [method, listBytes(list, forSdk.stamp)]),
  )
  return {
    ...{ shown, tools: forSdk, lists },
    tool: name => tools.get(name),
    prompt: name => prompts.get(name),
    resource(uri) {
      const exact = resources.get(uri)
      if (exact) return exact
      const found = matchers.find(({ takes }) => takes(uri))
      return found && templates.get(found.uri)
    },
    completing(of) {
      if ('template' in of) return completions.get(of.template)
      return promptCompletions.get(of.prompt)
    },
    task: (key, method) => tasks.get(key)?.get(method),
  }
}

/** By the key of each agent that has tasks, and by method. An agent knows its callers by one token: that of any of its tools. */
function taskTargets({ tools }: Shown, { routes, bearerOf }: CatalogMeans) {
  const targets = new Map<string, Map<TaskMethod, Target>>()
  for (const { provider, exposure, hasTasks } of tools) {
    if (!hasTasks || targets.has(provider.key)) continue
    const about = { provider, name: undefined, tool: undefined, bearer: bearerOf(exposure) }
    const ofAgent = taskMethods.map((method): [TaskMethod, Target] => {
      const route = routes.take({ ...about, method })
      return [method, { ...route, original: undefined, hasTasks: false }]
    })
    targets.set(provider.key, new Map(ofAgent))
  }
  return targets
}

/** In the order of keys that the SDK writes. */
function listBytes(list: object, stamp: string): Buffer {
  const end = stamp.replace(
    '"resultType":"complete"',
    '"resultType":"complete","ttlMs":0,"cacheScope":"private"',
  )
  return Buffer.from(JSON.stringify(list).slice(0, -1) + end)
}

/** A template of a kind that is not matched here takes whatever begins as it does. */
function takesOf(template: string): (uri: string) => boolean {
  if (templateFault(template) === undefined) {
    const match = uriMatcher(template)
    return uri => match(uri) !== undefined
  }
  const start = template.split('{', 1)[0] ?? ''
  return uri => start !== '' && uri.startsWith(start)
}

/** Whatever can be called is there by its name; the lists are what is listed. */
function toolsOf(
  { tools, listed }: Shown,
  { agent, search, hasTasks }: Pick<CatalogMeans, 'agent' | 'search'> & { hasTasks: boolean },
): Tools {
  const own = search ? [search.served] : []
  const all = assemble(agent, [...own, ...tools.map(served)])
  const names = new Set(listed.map(({ name }) => name))
  const isListed = ({ name }: ListedTool) => names.has(name)
  return {
    ...all,
    hasTasks,
    modern: all.modern.filter(isListed),
    legacy: all.legacy.filter(isListed),
  }
}

/** Its calls do not go by the SDK's way to a handler: `forward` is not called. */
function served({ name, entry, provider, tool }: ShownName): [ServedTool, ListedTool] {
  const spec: AgentTool = {
    ...passedSpec(name, provider.version),
    ...(tool && {
      ...{ capability: tool.capability, version: tool.version, tags: tool.tags },
      isRepeatable: tool.isRepeatable,
    }),
  }
  const forward = () => Promise.reject(new Error('a gateway passes calls on'))
  return [{ spec, forward }, entry as unknown as ListedTool] // offered.ts has looked at it
}
