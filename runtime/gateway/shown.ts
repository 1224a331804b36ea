/**
 * What a gateway shows at a time: one merged list of each kind, the same whoever came first, and for each entry whom it is of.
 * Made anew when the mesh changes, and served as the bytes that it was made as.
 */
import { exposureOfOffers, exposureOfTool } from '../../core/model/expose.ts'
import type { Exposure, Gateway } from '../../core/model/gateway.ts'
import { namesFor, type Named } from './names.ts'
import type { Entry, Offered } from './offered.ts'
import type { Provider, ProviderTool } from './providers.ts'
import { searchEntry } from './search-tool.ts'

/** A tool or a prompt. */
export interface ShownName {
  /** As clients call it. */
  name: string
  /** As its agent does. */
  original: string
  provider: Provider
  exposure: Exposure
  /** As it is listed. */
  entry: Entry
  /** What the manifest says of a tool. */
  tool: ProviderTool | undefined
  /** Whether its agent may answer a call with a task. */
  hasTasks: boolean
}

/** A resource or a template. */
export interface ShownPlace {
  /** URI, or URI template. */
  uri: string
  provider: Provider
  exposure: Exposure
  entry: Entry
}

export interface Shown {
  /** All that can be called. */
  tools: readonly ShownName[]
  /** What tools/list says, in its order. */
  listed: readonly Entry[]
  prompts: readonly ShownName[]
  resources: readonly ShownPlace[]
  templates: readonly ShownPlace[]
  hasCompletions: boolean
  /** What is left out, as an agent before has it, for people. */
  leftOut: readonly string[]
}

/** `offered` gives undefined for an agent that has not said it yet. */
export function showing(
  { exposures, prefix, search }: Gateway,
  providers: Iterable<Provider>,
  offered: (key: string) => Offered | undefined,
): Shown {
  const sorted = [...providers].sort((a, b) => (a.key < b.key ? -1 : 1))
  const found = sorted.flatMap(provider => {
    const offers = offered(provider.key)
    return offers ? [{ provider, offers }] : []
  })
  const tools = found.flatMap(({ provider, offers }) =>
    offers.tools.flatMap(entry => {
      const original = String(entry['name'])
      const tool = provider.tools.get(original)
      const exposure = exposureOfTool(exposures, provider, tool)
      if (!exposure || tool?.broken !== undefined) return []
      return [{ original, provider, exposure, entry, tool, hasTasks: offers.hasTasks }]
    }),
  )
  const whole = found.flatMap(({ provider, offers }) => {
    const exposure = exposureOfOffers(exposures, provider)
    return exposure ? [{ provider, exposure, offers }] : []
  })
  const prompts = whole.flatMap(({ provider, exposure, offers }) =>
    offers.prompts
      .filter(({ name }) => !provider.broken.prompts.has(String(name)))
      .map(entry => ({
        ...{ original: String(entry['name']), provider, exposure, entry, tool: undefined },
        hasTasks: false,
      })),
  )
  const leftOut: string[] = []
  const places = (key: 'resources' | 'templates', uri: 'uri' | 'uriTemplate') =>
    eachOnce(
      whole.flatMap(({ provider, exposure, offers }) =>
        offers[key]
          .filter(entry => !provider.broken.resources.has(String(entry[uri])))
          .map(entry => ({ uri: String(entry[uri]), provider, exposure, entry })),
      ),
      leftOut,
    )
  const shown = named(tools, prefix, search?.tool)
  const listed = search ? shown.filter(({ exposure }) => exposure.isPinned) : shown
  return {
    ...{ tools: shown, prompts: named(prompts, prefix) },
    listed: [...(search ? [searchEntry(search)] : []), ...listed.map(({ entry }) => entry)],
    ...{ resources: places('resources', 'uri'), templates: places('templates', 'uriTemplate') },
    hasCompletions: whole.some(({ offers }) => offers.hasCompletions),
    leftOut,
  }
}

function named(
  items: readonly Omit<ShownName, 'name'>[],
  prefix: Gateway['prefix'],
  taken?: string,
): ShownName[] {
  const names = namesFor(
    items.map(({ original, provider, exposure }): Named => {
      const { namespace, name: agent } = provider
      return { namespace, agent, name: original, prefix: exposure.prefix }
    }),
    prefix,
    taken,
  )
  return items.map((item, i) => {
    const name = names[i] ?? item.original
    const entry = name === item.original ? item.entry : { ...item.entry, name }
    return { ...item, name, entry }
  })
}

/** A URI means one thing: the first agent in the order of their names has it. */
function eachOnce(places: readonly ShownPlace[], leftOut: string[]): ShownPlace[] {
  const first = new Map<string, ShownPlace>()
  for (const place of places) {
    const other = first.get(place.uri)
    if (other) leftOut.push(`${place.uri} of ${place.provider.key}: ${other.provider.key} has it`)
    else first.set(place.uri, place)
  }
  return [...first.values()]
}
