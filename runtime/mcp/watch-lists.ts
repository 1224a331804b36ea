/** Which lists are others than they were: a changed policy changes none, and nobody is told to read them again. */
import type { Listed } from './serve.ts'

export type ListName = 'tools' | 'prompts' | 'resources'

/** Each call gives those that have changed since the one before. */
export function watchLists(served: () => Listed): () => ListName[] {
  let last = textsOf(served())
  return () => {
    const now = textsOf(served())
    const names = (Object.keys(now) as ListName[]).filter(name => now[name] !== last[name])
    last = now
    return names
  }
}

function textsOf({ tools, offers }: Listed): Record<ListName, string> {
  const { resources, templates, prompts } = offers
  return {
    tools: JSON.stringify(tools.modern),
    prompts: JSON.stringify(prompts),
    resources: JSON.stringify([resources, templates]),
  }
}
