/** The names that live, for completion: asked of the registry that the line means, or read from what runs here. */
import { createRegistryClient, type RegistryClient } from '../../client/registry-client.ts'
import { codes } from '../../model/codes.ts'
import { toolsIn } from '../../model/manifest.ts'
import type { AgentResource } from '../../model/registry-api.ts'
import { capabilityRows, edgesOf, instancesOf } from '../agents/agents-view.ts'
import type { NameSource } from '../command.ts'
import { explainedKinds } from '../help/explain-schema.ts'
import { LOCAL, placeOf, readConfig } from '../line/contexts.ts'
import { openHome } from '../local/home.ts'
import { startRecords } from '../local/start-records.ts'

/** A word, and what it is for those shells that show it. */
export interface Candidate {
  word: string
  about?: string
}

/** Somebody waits with a finger on Tab. */
const PATIENCE_MS = 1_000

interface Line {
  /** Values of the line's flags by their long names. */
  given: ReadonlyMap<string, string>
  env: Readonly<Record<string, string | undefined>>
}

/** Sorted, each once. Rejects where the registry does not answer in time. */
export async function namesFor(source: NameSource, line: Line): Promise<Candidate[]> {
  if (source === 'context') {
    const { contexts } = readConfig(line.env)
    return eachOnce([LOCAL, ...Object.keys(contexts)].map(word => ({ word })))
  }
  if (source === 'local agent') {
    const { live } = startRecords(openHome(line.env))
    return eachOnce(live.flatMap(({ agents }) => agents.map(({ name }) => ({ word: name }))))
  }
  const options = {
    registryUrl: line.given.get('--registry-url'),
    namespace: line.given.get('--namespace'),
    context: line.given.get('--context'),
  }
  const { registryUrls, namespace, token } = placeOf(options, line.env)
  const registry = createRegistryClient({ urls: registryUrls, token, timeoutMs: PATIENCE_MS })
  try {
    if (source !== 'explained') return eachOnce(await ask(registry, source, namespace))
    const edges = await ask(registry, 'edge', namespace).catch(() => []) // the rest is known without a registry
    return eachOnce([...edges, ...described()])
  } finally {
    await registry.close()
  }
}

type Asked = 'agent' | 'agent/name' | 'callable' | 'capability' | 'edge' | 'instance' | 'namespace'

async function ask(
  registry: RegistryClient,
  source: Asked,
  namespace: string,
): Promise<Candidate[]> {
  const { items } = await registry.agents(source === 'namespace' ? {} : { namespace })
  switch (source) {
    case 'agent':
      return items.map(agent => ({ word: agent.metadata.name, about: aboutOf(agent) }))
    case 'agent/name':
      return items.map(agent => ({ word: `agent/${agent.metadata.name}`, about: aboutOf(agent) }))
    case 'namespace':
      return items.map(({ metadata }) => ({ word: metadata.namespace }))
    case 'instance':
      return instancesOf(items).map(({ id, state }) => ({ word: id, about: state }))
    case 'edge':
      return edgesOf(items).map(({ agent, tool, dependency, capability }) => {
        return { word: `${agent}.${tool}.${dependency}`, about: capability }
      })
    case 'capability':
      return capabilityRows(items).map(row => ({ word: row.capability, about: row.version }))
    case 'callable':
      return items.flatMap(({ metadata, spec }) =>
        toolsIn({ spec }).flatMap(({ name, capability = name, description: about = '' }) => [
          { word: name, about },
          { word: capability, about },
          { word: `${metadata.name}:${name}`, about },
        ]),
      )
  }
}

/** Codes, and the kinds with the fields that a path begins with. */
const described = () => [
  ...Object.entries(codes).map(([word, { about }]) => ({ word, about })),
  ...explainedKinds.flatMap(kind =>
    ['', '.metadata', '.spec'].map(path => ({ word: kind + path })),
  ),
]

const aboutOf = ({ spec, status }: AgentResource) => `${spec.version} ${status.phase}`

function eachOnce(candidates: readonly Candidate[]): Candidate[] {
  const byWord = new Map(candidates.map(({ word, about }) => [word, about]))
  return [...byWord]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([word, about]) => ({ word, ...(about ? { about: firstLine(about) } : {}) }))
}

const firstLine = (text: string) => text.split('\n')[0]?.slice(0, 80) ?? ''
