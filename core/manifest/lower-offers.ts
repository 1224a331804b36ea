/** Resources and prompts of a checked manifest, with their defaults filled in. */
import type { Agent, AgentPrompt, AgentResource, Completion, Dependency } from '../model/agent.ts'
import { parseDuration } from '../model/duration.ts'
import type { AgentSpec, Prompt, Resource } from '../model/generated/manifest.ts'
import { parseHandler } from './handler-ref.ts'

export function lowerResource(
  resource: Resource,
  dependencies: readonly Dependency[],
): AgentResource {
  const { uri, uriTemplate, file, text, handler, cache, complete = {} } = resource
  return {
    uri: uri ?? uriTemplate ?? '',
    isTemplate: uri === undefined,
    name: resource.name,
    title: resource.title,
    icons: resource.icons ?? [],
    description: resource.description ?? '',
    mimeType: resource.mimeType,
    source:
      handler !== undefined
        ? { handler: parseHandler(handler) }
        : file !== undefined
          ? { file }
          : { text: text ?? '' },
    complete: Object.fromEntries(
      Object.entries(complete).map(([name, one]) => [name, lowerCompletion(one)]),
    ),
    annotations: { ...resource.annotations },
    cache: lowerCache(cache),
    dependencies,
  }
}

export function lowerPrompt(prompt: Prompt, dependencies: readonly Dependency[]): AgentPrompt {
  const { name, title, icons = [], description = '', handler, text = '' } = prompt
  return {
    ...{ name, title, icons, description },
    arguments: (prompt.arguments ?? []).map(argument => ({
      name: argument.name,
      title: argument.title,
      description: argument.description ?? '',
      required: argument.required ?? false,
      complete: argument.complete === undefined ? undefined : lowerCompletion(argument.complete),
    })),
    source: handler === undefined ? { text } : { handler: parseHandler(handler) },
    dependencies,
  }
}

function lowerCompletion(complete: string | readonly string[]): Completion {
  return typeof complete === 'string'
    ? { handler: parseHandler(complete) }
    : { values: [...complete] }
}

/** Undefined for what may not be kept. */
export function lowerCache(cache: AgentSpec['cache']): Agent['cache'] {
  return cache && { ttlMs: parseDuration(cache.ttl), scope: cache.scope ?? 'private' }
}
