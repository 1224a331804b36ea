/**
 * The tools of a wrapped server as an agent serves them: all that are sound, under their own names and with their own
 * schemas; the manifest adds to those that it lists. A listed tool that the server does not have is named with its reason.
 */
import { nearest } from '../../core/manifest/suggest.ts'
import type { Agent, AgentTool } from '../../core/model/agent.ts'
import { assemble, type ListedTool, type ServedTool, type Tools } from '../mcp/tools.ts'
import type { FoundTool } from '../../core/mcp/sound-tools.ts'
import { runForwarded, type Held } from './run-forwarded.ts'
import type { Wrapped } from './wrapped-server.ts'

/** The longest that a call of a tool may run that the manifest does not list; that of a listed tool's default. */
const timeoutMs = 60_000

/** Tools for the manifest that is served now; made anew only when it or the server's tools change. */
export function createWrappedTools(wrapped: Wrapped, held: Held): (agent: Agent) => Tools {
  let last: { agent: Agent; found: Wrapped['tools']; tools: Tools } | undefined
  return agent => {
    const found = wrapped.tools
    if (last?.agent !== agent || last.found !== found) {
      last = {
        agent,
        found,
        tools: assemble(
          agent,
          found.map(tool => served(tool, agent, { wrapped, held })),
        ),
      }
    }
    return last.tools
  }
}

/** Why the agent should get no calls: its server is away, or lacks tools that the manifest offers to others. */
export function wrappedReason(agent: Agent, { away, tools, leftOut }: Wrapped): string | undefined {
  if (away !== undefined) return `the wrapped server is away: ${away}`
  const names = tools.map(({ name }) => name)
  const missing = agent.tools.filter(({ name }) => !names.includes(name))
  if (missing.length === 0) return undefined
  return missing
    .map(({ name }) => {
      const reason = leftOut.get(name)
      if (reason !== undefined)
        return `the wrapped server's tool "${name}" is not served: ${reason}`
      const near = nearest(name, names)
      const hint = near === undefined ? `it has ${shortList(names)}` : `did you mean "${near}"?`
      return `the wrapped server has no tool "${name}"; ${hint}`
    })
    .join('; ')
}

function shortList(names: readonly string[]): string {
  if (names.length === 0) return 'none'
  return names.length > 12 ? `${names.slice(0, 12).join(', ')}, …` : names.join(', ')
}

function served(
  found: FoundTool,
  agent: Agent,
  { wrapped, held }: { wrapped: Wrapped; held: Held },
): [ServedTool, ListedTool] {
  const spec = agent.tools.find(({ name }) => name === found.name) ?? unlisted(found, agent)
  const annotations = { ...found.annotations, ...spec.annotations }
  const hasAnnotations = Object.keys(annotations).length > 0
  const tool: ServedTool = {
    spec,
    forward: (call, means) => runForwarded(call, means, { wrapped, held }),
  }
  return [tool, { ...found, ...(hasAnnotations && { annotations }) } as ListedTool]
}

/** A tool that the manifest does not list is served, and is offered to no other agent. */
function unlisted({ name, inputSchema, outputSchema }: FoundTool, agent: Agent): AgentTool {
  return {
    ...{ name, title: undefined, icons: [], handler: undefined, description: '', capability: name },
    ...{ version: agent.version, tags: [], inputSchema, outputSchema },
    ...{
      returns: 'value',
      annotations: {},
      isRepeatable: false,
      timeoutMs,
      concurrency: undefined,
      session: undefined,
      task: undefined,
      dependencies: [],
    },
  }
}
