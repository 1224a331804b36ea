/** `meshctl wait agent/NAME --for=…`: until an agent is as it is wanted, for scripts. */
import { hasCode, MeshError } from '../../model/error.ts'
import type { AgentResource } from '../../model/registry-api.ts'
import type { Command, Context } from '../command.ts'
import { followAgent } from '../agents/follow-agent.ts'
import { durationOf, textOf } from '../line/options.ts'
import { oneAgent } from '../agents/one-agent.ts'

const DEFAULT_WAIT_MS = 30_000

/** What is waited for: holds for an agent, or for none (`undefined`). */
interface Goal {
  readonly text: string
  readonly holds: (agent: AgentResource | undefined) => boolean
  /** What stands in the way, for people. */
  readonly instead: (agent: AgentResource) => string
}

export const wait: Command = {
  name: 'wait',
  summary: 'Wait until agents are as wanted',
  usage:
    'meshctl wait agent/<name>... --for {condition=<type>[=<status>] | phase=<phase> | delete}',
  takes: [1, Infinity],
  about:
    'An agent that is not there is an error at once, but with --for delete. Exit code 1 when the time is up, with what stands in ' +
    'the way.',
  options: [
    { flags: '--for <goal>', about: 'what to wait for', default: 'condition=Ready' },
    { flags: '--timeout <duration>', about: 'the longest that it waits', default: '30s' },
  ],
  examples: [
    { command: 'meshctl wait agent/hello-world --for condition=Ready', about: 'until it serves' },
    {
      command: 'meshctl wait agent/hello-world --for delete --timeout 1m',
      about: 'until it is gone',
    },
  ],
  completes: () => 'agent/name',
  async run(args, context) {
    const { io, options } = context
    const goal = goalOf(textOf(options, 'for') ?? '')
    const timeoutMs = durationOf(options, 'timeout', DEFAULT_WAIT_MS)
    const names = (/^agents?$/.test(args[0] ?? '') ? args.slice(1) : args).map(readName)
    if (names.length === 0) throw usage('wait was given no agent')
    const over = AbortSignal.timeout(timeoutMs)
    for (const name of names) {
      // The first answer says what is wrong with the question.
      for (let agent = await find(name, goal, context); !goal.holds(agent);) {
        if (over.aborted) {
          const why = agent ? goal.instead(agent) : 'it is not there'
          const found = `agent "${name}" was not ${goal.text} within ${timeoutMs / 1_000} s: ${why}`
          throw new MeshError('MESH_WAIT_ELAPSED', found)
        }
        const instead = agent ? goal.instead(agent) : 'it is not there'
        io.progress(`waiting for agent/${name} to be ${goal.text}: ${instead}`)
        const end = await followAgent(await context.registry(), {
          ...{ namespace: context.namespace, name, signal: over },
          isEnough(now) {
            if (now && !goal.holds(now))
              io.progress(`waiting for agent/${name} to be ${goal.text}: ${goal.instead(now)}`)
            return goal.holds(now) || now === undefined // it will not come about
          },
        })
        const isReached = end !== 'elapsed' && goal.holds(end.agent)
        agent = isReached ? end.agent : await find(name, goal, context)
      }
      io.out(`agent/${name} ${goal.text}`)
    }
    return 0
  },
}

async function find(
  name: string,
  goal: Goal,
  context: Context,
): Promise<AgentResource | undefined> {
  if (!goal.holds(undefined)) return oneAgent(name, context) // its error knows what was meant
  const registry = await context.registry()
  return registry.agent(context.namespace, name).catch((error: unknown) => {
    if (hasCode(error, 'MESH_RESOURCE_MISSING')) return undefined
    throw error
  })
}

function goalOf(text: string): Goal {
  if (text === 'delete') {
    return {
      text: 'deleted',
      holds: agent => !agent,
      instead: ({ status }) => `it is ${status.phase}`,
    }
  }
  const [, phase] = /^phase=(Ready|Degraded|Drifted|Offline)$/i.exec(text) ?? []
  if (phase !== undefined) {
    return {
      text: `in phase ${phase}`,
      holds: agent => agent?.status.phase.toLowerCase() === phase.toLowerCase(),
      instead: ({ status }) => `it is ${status.phase}`,
    }
  }
  const [, type, status = 'True'] =
    /^condition=(Ready|DependenciesResolved|Drifted|Degraded)(?:=(True|False|Unknown))?$/i.exec(
      text,
    ) ?? []
  if (type === undefined) throw usage(`--for "${text}" is nothing to wait for`)
  const conditionOf = (agent: AgentResource | undefined) =>
    agent?.status.conditions.find(each => each.type.toLowerCase() === type.toLowerCase())
  return {
    text: `${type}${status === 'True' ? '' : `=${status}`}`,
    holds: agent => conditionOf(agent)?.status.toLowerCase() === status.toLowerCase(),
    instead: agent => conditionOf(agent)?.message ?? `it has no condition ${type}`,
  }
}

function readName(text: string): string {
  const [, name] = /^(?:agents?\/)?([a-z0-9-]+)$/.exec(text) ?? []
  if (name !== undefined) return name
  throw usage(`"${text}" is no agent`)
}

function usage(found: string): MeshError {
  return new MeshError('MESH_USAGE_INVALID', found, `write ${wait.usage}`)
}
