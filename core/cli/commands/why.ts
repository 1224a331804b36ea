/** `meshctl why AGENT [DEPENDENCY]`: for each alternative who fills it, and at which stage and why every other candidate was left out. */
import { consumersIn } from '../../model/consumer.ts'
import type { AgentResource, ResolveAnswer } from '../../model/registry-api.ts'
import { agentNameOf } from '../line/agent-name.ts'
import type { Command } from '../command.ts'
import { missing } from '../line/nearest.ts'
import { agentNamed } from '../agents/one-agent.ts'
import { printable, printValue } from '../output/output.ts'

interface Alternative extends ResolveAnswer {
  version: string
  tags: string[]
}

interface Explained {
  tool: string
  dependency: string
  required: boolean
  /** Index of the alternative that is used, -1 for none; undefined where no instance runs. */
  alternative: number | undefined
  alternatives: Alternative[]
}

export const why: Command = {
  name: 'why',
  summary: 'Say why a dependency is filled as it is, or is not',
  usage: 'meshctl why <agent> [dependency]',
  takes: [1, 2],
  about:
    'For each alternative in its order: the endpoints, best first, and every other candidate with the stage at which it was left ' +
    'out (namespace, state, availability, tags, version, schema, lock) and the reason. Exit code 1 where a required dependency is unfilled.',
  options: [{ flags: '-o, --output <form>', about: 'how to print', choices: ['json', 'yaml'] }],
  examples: [
    { command: 'meshctl why hello-world', about: 'all of its dependencies' },
    {
      command: 'meshctl why hello-world date',
      about: 'one, or tool/date where several have it, or resource:NAME/date',
    },
  ],
  completes: args => (args.length === 0 ? 'agent' : undefined),
  async run([given = '', dependency], context) {
    const agent = await agentNamed(agentNameOf(given), context)
    const { name } = agent.metadata
    const slots = slotsOf(agent)
    const wanted = slots.filter(
      slot =>
        dependency === undefined ||
        [slot.dependency, `${slot.tool}/${slot.dependency}`].includes(dependency),
    )
    if (dependency !== undefined && wanted.length === 0) {
      const found = `agent "${name}" has no dependency "${dependency}"`
      const known = slots.map(slot => slot.dependency)
      throw missing({ found, name: dependency, known, see: `meshctl why ${name}` })
    }
    const registry = await context.registry()
    const items: Explained[] = []
    for (const { wants, ...slot } of wanted) {
      const alternatives: Alternative[] = []
      for (const want of wants) {
        const { namespace } = agent.metadata
        const consumer = `${name}/${slot.tool}/${slot.dependency}/${alternatives.length}`
        const query = { ...want, namespace, expectedBy: consumer }
        alternatives.push({ ...want, ...(await registry.resolve(query)) })
      }
      items.push({ ...slot, alternatives })
    }
    const { io, options } = context
    if (!printValue(io, options, { items })) {
      if (items.length === 0) io.say(`agent "${name}" has no dependencies`)
      for (const item of items) for (const line of linesOf(item)) io.out(printable(line))
    }
    const isOpen = (item: Explained) => item.alternatives.every(each => each.endpoints.length === 0)
    return items.some(item => item.required && isOpen(item)) ? 1 : 0
  },
}

function slotsOf({ spec, status }: AgentResource) {
  return consumersIn({ spec }).flatMap(({ key, dependencies }) =>
    Object.entries(dependencies).map(([dependency, given]) => {
      const all = [given].flat()
      const resolution = status.resolutions.find(
        each => each.tool === key && each.dependency === dependency,
      )
      return {
        tool: key,
        dependency,
        required: resolution?.required ?? all[0]?.required ?? true,
        alternative: resolution?.alternative,
        wants: all.map(({ capability, version = '*', tags = [] }) => ({
          ...{ capability, version },
          tags: tags.map(term => (Array.isArray(term) ? term.join('|') : term)),
        })),
      }
    }),
  )
}

function linesOf({ tool, dependency, required, alternative, alternatives }: Explained): string[] {
  const head = `${tool}/${dependency} (${required ? 'required' : 'optional'})`
  const state =
    alternative === undefined
      ? 'no instance of the agent runs'
      : alternative < 0
        ? 'nothing fills it'
        : `filled by alternative ${alternative + 1} of ${alternatives.length}`
  return [`${head}: ${state}`, ...alternatives.flatMap(alternativeLines)]
}

function alternativeLines(
  { capability, version, tags, endpoints, excluded }: Alternative,
  index: number,
): string[] {
  const wanted = [`version ${version}`, ...(tags.length > 0 ? [`tags ${tags.join(',')}`] : [])]
  const lines = [`  ${index + 1}. ${capability}, ${wanted.join(', ')}`]
  for (const each of endpoints) {
    const who = `${each.agent}/${each.tool}@${each.version} (${each.instance})`
    lines.push(`     fits      ${who}, score ${each.score}, ${each.url}`)
    if (each.note !== undefined) lines.push(`               as far as can be told: ${each.note}`)
  }
  for (const each of excluded) {
    const who = `${each.agent}/${each.tool}@${each.version} (${each.instance})`
    lines.push(`     left out  ${who} at ${each.stage}: ${each.reason}`)
  }
  if (endpoints.length + excluded.length === 0) lines.push('     nobody offers it')
  return lines
}
