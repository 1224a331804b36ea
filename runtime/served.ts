/**
 * What an agent serves at a time, everything compiled, and the way from one manifest to the next. A manifest that the
 * registry sends is followed in place when it asks for nothing but what this process has: the same address and auth, and
 * handlers that were loaded at the start. Code is never loaded because a registry says so, and no secret is read or sent
 * where the manifest of the start did not send it: else whoever may write to the registry could have any token.
 */
import { checkManifest } from '../core/manifest/check-manifest.ts'
import { digestOf } from '../core/manifest/digest.ts'
import type { Agent, DependencyAlternative } from '../core/model/agent.ts'
import { consumersOf } from '../core/model/consumer.ts'
import { MeshError } from '../core/model/error.ts'
import type { Exposure } from '../core/model/gateway.ts'
import type { Manifest } from '../core/model/manifest.ts'
import type { Handlers } from './handlers.ts'
import { createOffers, noOffers, type Offers } from './mcp/offers.ts'
import type { InjectOffer, ObserveOffer } from './mcp/run-offer.ts'
import { assemble, createTools, type Tools } from './mcp/tools.ts'
import type { ServerOfAgent } from './wrapped/server-of-agent.ts'
import type { Log } from './telemetry/log.ts'
import { referencesIn, resolveReferences, type Environment } from './secrets.ts'

export interface Served {
  manifest: Manifest
  agent: Agent
  digest: string
  /** Of a wrapped server: as they are at the moment. */
  readonly tools: Tools
  /** Resources and prompts; of a wrapped server as they are at the moment. */
  readonly offers: Offers
  /** What clients may keep of the lists; undefined for nothing. */
  cache: Agent['cache']
  /** The token that a dependency's alternative presents. */
  bearerOf(alternative: DependencyAlternative): string | undefined
  /** The headers that a dependency's alternative sends, by name in lower case. */
  headersOf(alternative: DependencyAlternative): Readonly<Record<string, string>>
  /** The token that a gateway presents to the agents of an exposure. */
  bearerOfExposure(exposure: Exposure): string | undefined
}

/** What stays for the life of the process. */
export interface Means {
  handlers: Handlers
  /** Of the manifest of the start: its files, and no others, are read. */
  folder: string
  files: ReadonlySet<string>
  log: Log
  /** Told of resources that a handler has changed. */
  changed?: (uri: string) => void
  observe: ObserveOffer
  /** What handlers of resources, prompts and completions are given. */
  inject: InjectOffer
  /** The server that answers in place of handlers; absent where there is none. */
  wrapped?: Pick<ServerOfAgent, 'tools' | 'offers'> | undefined
  env: Environment
  /** Of the manifest of the start, see `credentialsOf`. */
  credentials: ReadonlySet<string>
}

/** Files of an agent's resources, as the manifest names them. */
export function filesOf({ resources }: Agent): Set<string> {
  return new Set(resources.flatMap(({ source }) => ('file' in source ? [source.file] : [])))
}

/** Which secret the agent presents for which capability, each as one text. */
export function credentialsOf(agent: Agent): Set<string> {
  const alternatives = consumersOf(agent)
    .flatMap(({ dependencies }) => dependencies)
    .flatMap(dependency => dependency.alternatives)
  const exposures = (agent.gateway?.exposures ?? []).flatMap(exposure =>
    exposure.bearer === undefined
      ? []
      : [
          `${exposure.bearer} for ${JSON.stringify({ ...exposure, prefix: undefined, isPinned: undefined })}`,
        ],
  )
  return new Set([
    ...exposures,
    ...alternatives.flatMap(({ bearer, headers, capability }) =>
      [bearer ?? '', ...Object.values(headers)]
        .flatMap(referencesIn)
        .map(reference => `${reference} for capability "${capability}"`),
    ),
  ])
}

/** Throws what is wrong: MESH_SCHEMA_INVALID, MESH_HANDLER_MISSING, MESH_SECRET_MISSING. */
export function serve(manifest: Manifest, agent: Agent, means: Means): Served {
  const { handlers, wrapped, observe, env } = means
  const own = agent.server ? undefined : createTools(agent, handlers)
  const ownOffers = agent.server ? undefined : createOffers(agent, means)
  const exposures = agent.gateway?.exposures ?? []
  const exposed = new Map(
    exposures.map((exposure, i) => [
      exposure,
      sentBy({ bearer: exposure.bearer, headers: {} }, `expose[${i}]`, env).bearer,
    ]),
  )
  const sent = new Map<DependencyAlternative, Sent>()
  for (const { key, dependencies } of consumersOf(agent)) {
    for (const dependency of dependencies) {
      const field = `${key}.dependencies.${dependency.name}`
      for (const alternative of dependency.alternatives)
        sent.set(alternative, sentBy(alternative, field, env))
    }
  }
  return {
    ...{ manifest, agent, digest: digestOf(manifest) },
    get tools() {
      return own ?? wrapped?.tools(agent) ?? assemble(agent, [])
    },
    get offers() {
      return ownOffers ?? wrapped?.offers(observe) ?? noOffers
    },
    cache: agent.cache,
    bearerOf: alternative => sent.get(alternative)?.bearer,
    headersOf: alternative => sent.get(alternative)?.headers ?? {},
    bearerOfExposure: exposure => exposed.get(exposure),
  }
}

/** What a call presents, with its references resolved. */
interface Sent {
  bearer: string | undefined
  headers: Readonly<Record<string, string>>
}

function sentBy(
  { bearer, headers }: Pick<DependencyAlternative, 'bearer' | 'headers'>,
  field: string,
  env: Environment,
): Sent {
  const resolve = (name: string, text: string) => {
    const value = resolveReferences(text, `${field}.${name}`, env)
    // The value is not repeated: it came from a secret.
    if (/^[\t -~]*$/.test(value)) return value
    const found = `${field}.${name} resolves to a text with characters that no header may have`
    throw new MeshError('MESH_FIELD_INVALID', found, 'write printable ASCII, on one line')
  }
  const entries = Object.entries(headers)
  return {
    bearer: bearer === undefined ? undefined : resolve('auth.bearer', bearer),
    headers: Object.fromEntries(
      entries.map(([name, text]) => [name, resolve(`headers.${name}`, text)]),
    ),
  }
}

const hasTasks = (agent: Agent) => agent.tools.some(tool => tool.task)
const hasSessions = (agent: Agent) => agent.tools.some(tool => tool.session)

/** The desired manifest served in place of `now`; or, for people, why this process can't. */
export function follow(
  desired: Manifest,
  now: Served,
  means: Means,
): { served: Served } | { reason: string } {
  const checked = checkManifest(desired)
  if (checked.faults) {
    return { reason: checked.faults.map(fault => `${fault.code}: ${fault.message}`).join('; ') }
  }
  const { agent, manifest } = checked
  if (JSON.stringify(agent.http) !== JSON.stringify(now.agent.http)) {
    return { reason: 'spec.http differs from what this instance has bound; restart it' }
  }
  if (agent.bearer !== now.agent.bearer) {
    return { reason: 'spec.auth differs from what this instance has started with; restart it' }
  }
  if (agent.seal !== now.agent.seal) {
    return { reason: 'spec.seal differs from what this instance has started with; restart it' }
  }
  if ((agent.gateway === undefined) !== (now.agent.gateway === undefined)) {
    return { reason: 'kind differs from what this instance has started with; restart it' }
  }
  if (JSON.stringify(agent.server) !== JSON.stringify(now.agent.server)) {
    return { reason: 'spec.server differs from what this instance has started with; restart it' }
  }
  if (JSON.stringify(agent.session) !== JSON.stringify(now.agent.session)) {
    return { reason: 'spec.session differs from what this instance has started with; restart it' }
  }
  if (hasSessions(agent) && !hasSessions(now.agent)) {
    return { reason: 'tools have sessions, and this instance was started without; restart it' }
  }
  if (hasTasks(agent) && !hasTasks(now.agent)) {
    return { reason: 'tools have tasks, and this instance was started without; restart it' }
  }
  if (JSON.stringify(agent.health) !== JSON.stringify(now.agent.health)) {
    return { reason: 'spec.health differs from what this instance has started with; restart it' }
  }
  const [credential] = [...credentialsOf(agent)].filter(text => !means.credentials.has(text))
  if (credential !== undefined) {
    return {
      reason: `${credential} is not in the manifest that this instance started with; restart it`,
    }
  }
  const [file] = [...filesOf(agent)].filter(name => !means.files.has(name))
  if (file !== undefined) {
    return {
      reason: `the file ${file} is not in the manifest that this instance started with; restart it`,
    }
  }
  try {
    return { served: serve(manifest, agent, means) }
  } catch (error) {
    if (error instanceof MeshError) return { reason: error.message }
    throw error
  }
}
