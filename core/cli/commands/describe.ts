/** `meshctl describe agent NAME`: all that is known of an agent, for people. */
import { formatDuration } from '../../model/duration.ts'
import { MeshError } from '../../model/error.ts'
import type { AgentResource } from '../../model/registry-api.ts'
import { agentNameOf } from '../line/agent-name.ts'
import {
  capabilityColumns,
  capabilityRows,
  edgeColumns,
  edgesOf,
  instanceColumns,
  instancesOf,
} from '../agents/agents-view.ts'
import type { Command, Context } from '../command.ts'
import { agentNamed } from '../agents/one-agent.ts'
import { leftOf, readSessions, sessionRows, silentOf } from '../instances/read-sessions.ts'
import { missing } from '../line/nearest.ts'
import { scopeOf } from '../line/options.ts'
import { printable, table, type Column } from '../output/output.ts'

/** Of the newest events. */
const EVENTS = 10

export const describe: Command = {
  name: 'describe',
  summary: 'Show all that is known of an agent or a session',
  usage: 'meshctl describe {agent <name> | agent/<name> | session <id>}',
  takes: [1, 2],
  about: 'For people; programs read meshctl get agent <name> -o json.',
  options: [],
  examples: [
    { command: 'meshctl describe agent hello-world', about: 'state, tools, dependencies, events' },
    { command: 'meshctl describe session 1a2b3c4d5e6f', about: 'who owns it, and how it is' },
  ],
  completes: args => (args.length === 0 ? 'agent/name' : undefined),
  async run(args, context) {
    const [word = '', second] = args
    const session = /^sessions?(?:\/(.+))?$/.exec(word)
    if (session && (session[1] === undefined) === (second !== undefined))
      return describeSession(session[1] ?? second ?? '', context)
    const isTwo = /^agents?$/.test(word) && second !== undefined
    if (!isTwo && (second !== undefined || !/^agents?\/./.test(word))) {
      const found = `describe does not take "${args.join(' ')}"`
      throw new MeshError('MESH_USAGE_INVALID', found, `write ${describe.usage}`)
    }
    const agent = await agentNamed(agentNameOf(isTwo ? second : word), context)
    const { name, namespace } = agent.metadata
    const registry = await context.registry()
    const { items } = await registry.events({ namespace, agent: name, limit: EVENTS })
    const sections: [string, string[]][] = [
      ['Conditions', rowsOf(agent.status.conditions, conditionColumns)],
      ['Instances', rowsOf(instancesOf([agent]), narrow(instanceColumns, 'AGENT'))],
      ['Tools', rowsOf(capabilityRows([agent]), narrow(capabilityColumns, 'AGENT', 'PHASE'))],
      ['Dependencies', rowsOf(edgesOf([agent]), narrow(edgeColumns))],
      ['Events', rowsOf(items, eventColumns)],
    ]
    for (const [key, value] of factsOf(agent)) {
      context.io.out(`${`${key}:`.padEnd(14)}${printable(value)}`)
    }
    for (const [title, lines] of sections) {
      if (lines.length === 0) context.io.out(`${title}: none`)
      else for (const line of [`${title}:`, ...lines.map(each => `  ${each}`)]) context.io.out(line)
    }
    return 0
  },
}

async function describeSession(id: string, context: Context): Promise<number> {
  const { items } = await (await context.registry()).agents(scopeOf(context))
  const found = await readSessions(items, context)
  for (const line of silentOf(found)) context.io.err(line)
  const rows = sessionRows(found)
  const row = rows.find(each => each.id === id)
  if (!row) {
    const known = rows.map(each => each.id)
    const what = `no session "${id}" is owned by an instance in namespace "${context.namespace}"`
    throw missing({ found: what, name: id, known, see: 'meshctl get sessions' })
  }
  const facts: [string, string][] = [
    ['Session', row.id],
    ['Agent', `${row.namespace}/${row.agent}`],
    ['Owner', row.owner],
    ['Store', row.store],
    ['Idle', formatDuration(row.idleMs)],
    ['Expires', `${row.expiresAt}, in ${leftOf(row)}`],
    ['Calls', `${row.calls} run or wait`],
    ['Size', `${row.characters} characters of JSON`],
    ['Saved', row.isSaved ? 'yes' : 'no: the store is away'],
  ]
  for (const [key, value] of facts) context.io.out(`${`${key}:`.padEnd(14)}${printable(value)}`)
  return 0
}

function factsOf({ metadata, spec, status }: AgentResource): [string, string][] {
  const { name, namespace, labels = {}, generation, origin } = metadata
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  return [
    ['Name', name],
    ['Namespace', namespace],
    ['Labels', pairs.join(', ') || 'none'],
    ['Phase', status.phase],
    ['Version', spec.version],
    ['Generation', `${generation} (observed ${status.observedGeneration}), ${origin}`],
    ...(spec.description === undefined
      ? []
      : [['Description', spec.description] as [string, string]]),
  ]
}

const conditionColumns: readonly Column<AgentResource['status']['conditions'][number]>[] = [
  { head: 'TYPE', of: condition => condition.type },
  { head: 'STATUS', of: condition => condition.status },
  { head: 'SINCE', of: condition => ageOf(condition.lastTransitionTime) },
  { head: 'REASON', of: condition => condition.reason },
  { head: 'MESSAGE', of: condition => condition.message },
]

const eventColumns: readonly Column<{ at: string; type: string; message: string }>[] = [
  { head: 'AGE', of: event => ageOf(event.at) },
  { head: 'TYPE', of: event => event.type },
  { head: 'MESSAGE', of: event => event.message },
]

function narrow<Row>(columns: readonly Column<Row>[], ...without: string[]): Column<Row>[] {
  return columns.filter(({ head, wide }) => !wide && !without.includes(head))
}

function rowsOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] {
  if (rows.length === 0) return []
  return table(
    columns.map(({ head }) => head),
    rows.map(row => columns.map(({ of }) => of(row))),
  )
}

const ageOf = (at: string) => formatDuration(Math.max(0, Date.now() - Date.parse(at)))
