/** The resources of a manifest: how each is listed, and what is read. */
import { uriMatcher, variablesOf } from '../../core/manifest/uri-template.ts'
import type { AgentResource } from '../../core/model/agent.ts'
import { keyOf } from '../../core/model/consumer.ts'
import { jsonOf } from '../proxy/values.ts'
import { base64 } from './content.ts'
import type { ServedTrace } from '../telemetry/tracing.ts'
import type {
  Caller,
  ListedResource,
  ListedTemplate,
  OfferMeans,
  Offers,
  ReadAnswer,
  Typed,
} from './offers.ts'
import { iconsOf } from './icons.ts'
import { mediaTypeOf, readFileWithin } from './resource-file.ts'
import type { Runner } from './run-offer.ts'

export interface Resources {
  fixed: readonly ListedResource[]
  templates: readonly ListedTemplate[]
  hasCompletions: boolean
  read: Offers['read']
  complete(template: string, typed: Typed, caller: Caller): Promise<readonly string[] | undefined>
}

type Variables = Readonly<Record<string, string>>

/** What the source gives: a text, bytes, any JSON value, or undefined for nothing of that name. */
type Read = (variables: Variables, caller: Caller, trace: ServedTrace) => Promise<unknown>

interface Served {
  resource: AgentResource
  read: Read
}

/** Throws MESH_HANDLER_MISSING. */
export function createResources(
  resources: readonly AgentResource[],
  runner: Runner,
  { folder, observe }: Pick<OfferMeans, 'folder' | 'observe'>,
): Resources {
  const served = resources.map((resource): Served => ({
    resource,
    read: readOf(resource, runner, folder),
  }))
  const fixed = new Map(
    served.flatMap(one => (one.resource.isTemplate ? [] : [[one.resource.uri, one]])),
  )
  const templates = new Map(
    served.flatMap(one => {
      const { uri, complete, isTemplate } = one.resource
      if (!isTemplate) return []
      const completions = new Map(
        Object.entries(complete).map(([name, by]) => [
          name,
          runner.completionOf(by, {
            what: `resource "${uri}", variable "${name}"`,
            consumer: keyOf('resource', one.resource.name),
          }),
        ]),
      )
      const names = variablesOf(uri)
      return [[uri, { ...one, names, completions, match: uriMatcher(uri) }]]
    }),
  )
  const find = (uri: string): (Served & { variables: Variables }) | undefined => {
    const exact = fixed.get(uri)
    if (exact) return { ...exact, variables: {} }
    for (const one of templates.values()) {
      const variables = one.match(uri)
      if (variables) return { ...one, variables }
    }
    return undefined
  }
  return {
    fixed: [...fixed.values()].map(({ resource }) => ({ uri: resource.uri, ...about(resource) })),
    templates: [...templates.values()].map(({ resource }) => ({
      uriTemplate: resource.uri,
      ...about(resource),
    })),
    hasCompletions: [...templates.values()].some(({ completions }) => completions.size > 0),
    async read(uri, caller) {
      const found = find(uri)
      if (!found) return undefined
      const { resource, read, variables } = found
      return observe({ method: 'resources/read', name: resource.uri }, caller, async trace =>
        answer(uri, resource, await read(variables, caller, trace)),
      )
    },
    async complete(template, typed, caller) {
      const found = templates.get(template)
      if (!found?.names.includes(typed.argument)) return undefined
      const complete = found.completions.get(typed.argument)
      if (!complete) return []
      return observe({ method: 'completion/complete', name: template }, caller, trace =>
        complete(typed, caller, trace),
      )
    },
  }
}

function readOf({ source, uri, name }: AgentResource, runner: Runner, folder: string): Read {
  if ('text' in source) return () => Promise.resolve(source.text)
  if ('file' in source) return () => readFileWithin(folder, source.file)
  const owner = { what: `resource "${uri}"`, consumer: keyOf('resource', name) }
  const run = runner.handlerOf(source.handler, owner)
  return (variables, caller, trace) => run({ ...variables }, caller, trace)
}

/** A file without a media type of its own has that of its ending. */
function typeOf({ mimeType, source }: AgentResource): string | undefined {
  return mimeType ?? ('file' in source ? mediaTypeOf(source.file) : undefined)
}

function about(resource: AgentResource): Omit<ListedResource, 'uri'> {
  const { name, title, description, annotations } = resource
  const mimeType = typeOf(resource)
  return {
    name,
    ...(title !== undefined && { title }),
    ...iconsOf(resource),
    ...(description !== '' && { description }),
    ...(mimeType !== undefined && { mimeType }),
    ...(Object.keys(annotations).length > 0 && { annotations: { ...annotations } }),
  }
}

function answer(uri: string, resource: AgentResource, value: unknown): ReadAnswer | undefined {
  if (value === undefined) return undefined
  const { cache } = resource
  const given = typeOf(resource)
  return { contents: [content(uri, given, value)], ...(cache && { cache }) }
}

function content(
  uri: string,
  given: string | undefined,
  value: unknown,
): ReadAnswer['contents'][number] {
  if (value instanceof Uint8Array) {
    const mimeType = given ?? 'application/octet-stream'
    if (isText(mimeType)) return { uri, mimeType, text: new TextDecoder().decode(value) }
    return { uri, mimeType, blob: base64(value) }
  }
  if (typeof value === 'string') return { uri, mimeType: given ?? 'text/plain', text: value }
  return { uri, mimeType: given ?? 'application/json', text: jsonOf(value) }
}

/** Media types whose bytes are text. */
function isText(mimeType: string): boolean {
  return /^(text\/|application\/(json|xml|yaml|javascript)\b|[^;]+\+(json|xml)\b)/.test(mimeType)
}
