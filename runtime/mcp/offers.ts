/**
 * What an agent offers besides its tools: resources, prompts, and what clients may offer while a value is typed. `Offers` is
 * all that the serving of MCP knows of them, so whatever has them (a manifest, other agents) is served alike.
 */
import type { Agent, Icon } from '../../core/model/agent.ts'
import type { Handlers } from '../handlers.ts'
import type { CancelSignal } from '../proxy/cancellation.ts'
import type { ContentBlock } from '../proxy/values.ts'
import type { Asker } from './asking.ts'
import { createPrompts } from './prompts.ts'
import { createResources } from './resources.ts'
import { createRunner, type InjectOffer, type ObserveOffer } from './run-offer.ts'
import type { Log } from '../telemetry/log.ts'
import type { ReceivedTrace } from '../telemetry/trace-context.ts'

export interface Offers {
  resources: readonly ListedResource[]
  templates: readonly ListedTemplate[]
  prompts: readonly ListedPrompt[]
  /** Whether anything can be completed. */
  hasCompletions: boolean
  /** Whether clients hear of a resource that has changed. */
  canSubscribe: boolean
  /** Undefined where there is no such resource. Throws a MeshError. */
  read(uri: string, caller: Caller): Promise<ReadAnswer | undefined>
  /** Undefined where there is no such prompt. Throws a MeshError. */
  prompt(
    name: string,
    args: Readonly<Record<string, string>>,
    caller: Caller,
  ): Promise<PromptAnswer | undefined>
  /** The values that go with what is typed; undefined where there is nothing of that name. Throws a MeshError. */
  complete(typed: Typed, caller: Caller): Promise<Completed | undefined>
}

export interface Completed {
  values: readonly string[]
  /** How many there are; absent, these are all. */
  total?: number
  hasMore?: boolean
}

export interface Caller {
  /** Aborts when the caller goes away. */
  signal: CancelSignal
  /** What remains of its deadline, in milliseconds; Infinity where it set none. */
  timeoutMs: number
  /** Whom handlers may ask; absent where nobody can be asked. */
  asker?: Asker | undefined
  /** What the request is a part of. */
  received?: ReceivedTrace | undefined
}

interface Listed {
  name: string
  title?: string
  icons?: Icon[]
  description?: string
}

export interface ListedResource extends Listed {
  uri: string
  mimeType?: string
  annotations?: Record<string, unknown>
}

export interface ListedTemplate extends Listed {
  uriTemplate: string
  mimeType?: string
  annotations?: Record<string, unknown>
}

export interface ListedPrompt extends Listed {
  arguments?: { name: string; title?: string; description?: string; required?: boolean }[]
}

export interface ReadAnswer {
  contents: ({ uri: string; mimeType?: string } & ({ text: string } | { blob: string }))[]
  /** Absent where it may not be kept. */
  cache?: { ttlMs: number; scope: 'private' | 'public' }
}

export interface PromptAnswer {
  description?: string
  messages: { role: 'user' | 'assistant'; content: ContentBlock }[]
}

/** What is typed: a value of a prompt's argument or a template's variable, beside those that are filled in already. */
export interface Typed {
  of: { prompt: string } | { template: string }
  argument: string
  value: string
  others: Readonly<Record<string, string>>
}

export const noOffers: Offers = {
  ...{ resources: [], templates: [], prompts: [], hasCompletions: false, canSubscribe: true },
  read: () => Promise.resolve(undefined),
  prompt: () => Promise.resolve(undefined),
  complete: () => Promise.resolve(undefined),
}

export interface OfferMeans {
  handlers: Handlers
  /** Of the manifest: what its files are relative to. */
  folder: string
  log: Log
  /** Told of resources that a handler has changed. */
  changed?: ((uri: string) => void) | undefined
  observe: ObserveOffer
  inject: InjectOffer
}

/** Those of a manifest. Throws MESH_HANDLER_MISSING where it names a handler that is not loaded. */
export function createOffers(agent: Agent, means: OfferMeans): Offers {
  const runner = createRunner(means)
  const resources = createResources(agent.resources, runner, means)
  const prompts = createPrompts(agent.prompts, runner, means)
  return {
    resources: resources.fixed,
    templates: resources.templates,
    prompts: prompts.listed,
    hasCompletions: resources.hasCompletions || prompts.hasCompletions,
    canSubscribe: true,
    read: resources.read,
    prompt: prompts.get,
    async complete(typed, caller) {
      const values = await ('prompt' in typed.of
        ? prompts.complete(typed.of.prompt, typed, caller)
        : resources.complete(typed.of.template, typed, caller))
      return values && { values }
    },
  }
}
