/** A plan for people and, with `-o json`, for programs. */
import type { ToolChange } from '../../lint/mesh-changes.ts'
import type { Plan, PlannedAgent } from './make-plan.ts'
import { printable } from '../output/output.ts'

const marks = { create: '+', change: '~', adopt: '=', remove: '-', unchanged: ' ' } as const

export function planLines(plan: Plan): string[] {
  const { agents, tools, moves, breaks, short, cycles } = plan
  const moved = moves.filter(move => !breaks.includes(move))
  const lines = [
    ...agents.map(agentLine),
    ...part('tools', tools.flatMap(toolLines)),
    ...part(
      'edges that move',
      moved.map(
        ({ consumer, dependency, from, to }) =>
          `${consumer} "${dependency}": ${from ?? 'nothing'} -> ${to ?? 'nothing'}`,
      ),
    ),
    ...part(
      'consumers that break',
      breaks.map(
        ({ consumer, dependency, from, reason }) =>
          `${consumer} "${dependency}": ${from} filled it, and nothing would: ${reason ?? 'it is gone'}`,
      ),
    ),
    ...part(
      'versions that say too little',
      short.map(
        ({ name, before, after, asked, least }) =>
          `${name} ${before} -> ${after}: the changes ask for a ${asked} step, ${least}`,
      ),
    ),
    ...part('cycles', cycles),
    summary(plan),
  ]
  return lines.map(printable)
}

function agentLine({ namespace, name, action, generation }: PlannedAgent): string {
  const now = {
    create: 'is created',
    change: 'is changed',
    adopt: 'is taken up as it runs',
    remove: 'is removed',
    unchanged: 'is as it is',
  }
  const at = generation === 0 ? '' : ` (generation ${generation})`
  return `${marks[action]} agent/${name} in namespace ${namespace} ${now[action]}${at}`
}

function toolLines({ name, before, after, changes, asked }: ToolChange): string[] {
  const versions = before === after ? before : `${before} -> ${after}`
  const asks = asked === 'none' ? '' : `, asks for a ${asked} step`
  return [`${name} ${versions}${asks}`, ...changes.map(({ step, text }) => `  ${text} (${step})`)]
}

function part(head: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${head}:`, ...lines.map(line => `  ${line}`)]
}

function summary({ agents, moves, breaks, short }: Plan): string {
  const count = (action: PlannedAgent['action']) =>
    agents.filter(each => each.action === action).length
  const parts = [
    `${count('create')} to create`,
    `${count('change')} to change`,
    `${count('remove')} to remove`,
    `${count('unchanged') + count('adopt')} unchanged`,
    `${moves.length} ${moves.length === 1 ? 'edge moves' : 'edges move'}`,
    `${breaks.length} ${breaks.length === 1 ? 'consumer breaks' : 'consumers break'}`,
    ...(short.length === 0 ? [] : [`${short.length} of the versions say too little`]),
  ]
  return parts.join(', ')
}

/** The same as a value: names in place of what they stand for. */
export function planValue({ agents, tools, moves, breaks, cycles }: Plan) {
  const move = ({ consumer, dependency, from, to, isRequired, reason }: Plan['moves'][number]) => ({
    ...{ consumer, dependency, required: isRequired },
    ...{ from, to, reason },
  })
  return {
    agents: agents.map(({ namespace, name, action, generation }) => ({
      namespace,
      name,
      action,
      generation,
    })),
    tools: tools.map(({ name, before, after, asked, least, changes }) => ({
      name,
      before,
      after,
      asked,
      least,
      changes,
    })),
    moves: moves.map(move),
    breaks: breaks.map(move),
    cycles,
  }
}
