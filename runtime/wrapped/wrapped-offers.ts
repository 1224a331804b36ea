/**
 * Resources, prompts and completions of a wrapped server as its agent serves them: lists as they came, each request handed to
 * the server, its answer as it comes.
 */
import { templateFault, uriMatcher } from '../../core/manifest/uri-template.ts'
import { MeshError } from '../../core/model/error.ts'
import type { OfferMethod } from '../../core/mcp/connection.ts'
import { isRecord } from '../mcp/content.ts'
import type { Caller, Completed, Offers, PromptAnswer, ReadAnswer } from '../mcp/offers.ts'
import { pausing, type HeldRuns } from '../mcp/held-runs.ts'
import { RpcError } from '../mcp/rpc-error.ts'
import { withinLimit, type ObserveOffer, type Requested } from '../mcp/run-offer.ts'
import { unlessAborted } from '../mcp/unless-aborted.ts'
import type { Wrapped } from './wrapped-server.ts'

/** Servers of before 2026-07-28 answer it for a resource that is not there. */
const resourceNotFound = -32002
/** What a URI that no list has is called in figures. */
const unlisted = '(unlisted)'

/** As they are at the moment; made anew only when the server's lists change. */
export function createWrappedOffers(
  wrapped: Wrapped,
  runs: HeldRuns,
): (observe: ObserveOffer) => Offers {
  let last: { found: Wrapped['offers']; offers: Offers } | undefined
  return observe => {
    const found = wrapped.offers
    if (last?.found !== found) last = { found, offers: offersOf(found, { wrapped, runs, observe }) }
    return last.offers
  }
}

interface Means {
  wrapped: Wrapped
  runs: HeldRuns
  observe: ObserveOffer
}

function offersOf(found: Wrapped['offers'], { wrapped, runs, observe }: Means): Offers {
  const { resources, templates, prompts, hasCompletions, canSubscribe } = found
  const uris = new Set(resources.map(({ uri }) => uri))
  const matchers = templates.flatMap(({ uriTemplate }) =>
    templateFault(uriTemplate) === undefined
      ? [{ name: uriTemplate, match: uriMatcher(uriTemplate) }]
      : [],
  )
  const nameOf = (uri: string) =>
    uris.has(uri) ? uri : (matchers.find(({ match }) => match(uri))?.name ?? unlisted)
  const ask = (requested: Requested, params: Readonly<Record<string, unknown>>, caller: Caller) =>
    observe(requested, caller, trace =>
      runs.run(caller, undefined, asker =>
        withinLimit(
          `${requested.method} of the wrapped server`,
          { ...caller, signal: asker.signal },
          (limited, clock) =>
            unlessAborted(limited, () => {
              const method = requested.method as OfferMethod
              const asking = pausing(asker, limited, clock)
              const { signal } = limited
              const { name } = requested
              return wrapped.ask({ method, params, name, signal, trace: trace.context, asking })
            }),
        ),
      ),
    )
  return {
    ...{ resources, templates, prompts, hasCompletions, canSubscribe },
    async read(uri, caller) {
      const requested = { method: 'resources/read', name: nameOf(uri) } as const
      try {
        return readAnswerOf(await ask(requested, { uri }, caller))
      } catch (error) {
        if (error instanceof RpcError && error.code === resourceNotFound) return undefined
        throw error
      }
    },
    async prompt(name, args, caller) {
      if (!prompts.some(prompt => prompt.name === name)) return undefined
      const params = { name, arguments: args }
      return promptAnswerOf(await ask({ method: 'prompts/get', name }, params, caller))
    },
    async complete({ of, argument, value, others }, caller) {
      const isPrompt = 'prompt' in of
      const name = isPrompt ? of.prompt : of.template
      const isListed = isPrompt
        ? prompts.some(prompt => prompt.name === name)
        : uris.has(name) || templates.some(({ uriTemplate }) => uriTemplate === name)
      if (!isListed) return undefined
      const ref = isPrompt ? { type: 'ref/prompt', name } : { type: 'ref/resource', uri: name }
      const hasOthers = Object.keys(others).length > 0
      const params = {
        ...{ ref, argument: { name: argument, value } },
        ...(hasOthers && { context: { arguments: others } }),
      }
      return completedOf(await ask({ method: 'completion/complete', name }, params, caller))
    },
  }
}

function readAnswerOf({ contents, ttlMs, cacheScope }: Record<string, unknown>): ReadAnswer {
  if (!Array.isArray(contents)) throw invalid('resources/read', 'contents')
  const isKept = typeof ttlMs === 'number' && ttlMs > 0
  const scope = cacheScope === 'public' ? 'public' : 'private'
  return {
    contents: contents as ReadAnswer['contents'],
    ...(isKept && { cache: { ttlMs, scope } }),
  }
}

function promptAnswerOf({ description, messages }: Record<string, unknown>): PromptAnswer {
  if (!Array.isArray(messages)) throw invalid('prompts/get', 'messages')
  return {
    ...(typeof description === 'string' && { description }),
    messages: messages as PromptAnswer['messages'],
  }
}

function completedOf({ completion }: Record<string, unknown>): Completed {
  const { values, total, hasMore } = isRecord(completion) ? completion : {}
  if (!Array.isArray(values)) throw invalid('completion/complete', 'completion.values')
  return {
    values: values.filter(one => typeof one === 'string'),
    ...(typeof total === 'number' && { total }),
    ...(typeof hasMore === 'boolean' && { hasMore }),
  }
}

function invalid(method: string, field: string): MeshError {
  const found = `the wrapped server answered ${method} without a list of ${field}`
  return new MeshError('MESH_CALL_INVALID', found)
}
