/** `meshctl list`: the agents of a namespace, or of all; filtered and sorted. */
import { toolsIn } from '../../model/manifest.ts'
import type { AgentResource } from '../../model/registry-api.ts'
import { isReady } from '../agents/agents-view.ts'
import type { Command, Context, Option } from '../command.ts'
import {
  allNamespacesOption,
  outputOption,
  scopeOf,
  selectorOption,
  textOf,
} from '../line/options.ts'
import { printList } from '../output/output.ts'
import { columnsFor, withColumn } from '../agents/watch-agents.ts'

const phases = ['Ready', 'Degraded', 'Drifted', 'Offline'] as const
const orders = ['name', 'phase', 'version', 'age', 'instances'] as const

/** What narrows and orders a list of agents. */
export const agentListOptions: readonly Option[] = [
  { flags: '--phase <phase>', about: 'of agents: those in this phase', choices: phases },
  {
    flags: '--capability <name>',
    about: 'of agents: those that offer it',
    completes: 'capability',
  },
  { flags: '--sort <field>', about: 'of agents: their order', choices: orders, default: 'name' },
]

export const list: Command = {
  name: 'list',
  summary: 'List the agents of the mesh',
  usage: 'meshctl list [name]...',
  takes: [0, Infinity],
  about:
    'With names: those agents, and those whose names begin so. Filters hold together. Sorted by age the newest comes first, by ' +
    'phase what is not well, by instances the most.',
  options: [outputOption, allNamespacesOption, selectorOption, ...agentListOptions],
  examples: [
    { command: 'meshctl list', about: 'who lives, what they offer, where' },
    {
      command: 'meshctl list -l team=docs --sort age',
      about: 'those with a label, the newest first',
    },
    { command: 'meshctl list --capability date_service', about: 'who offers it' },
    { command: 'meshctl list -A -o json', about: 'every namespace, for programs' },
  ],
  completes: () => 'agent',
  run: (names, context) => listAgents(context, names),
}

/** Prints the agents; also `meshctl get agents`. */
export async function listAgents(context: Context, names: readonly string[] = []): Promise<number> {
  const { io, options, namespace } = context
  const everywhere = options.allNamespaces === true
  const { items } = await (await context.registry()).agents(scopeOf(context))
  const rows = items
    .filter(agent => isMeant(agent, names, context))
    .sort(orderOf(textOf(options, 'sort')))
  const isNarrowed = ['selector', 'phase', 'capability'].some(name => options[name] !== undefined)
  printList(io, options, {
    rows,
    columns: everywhere ? withColumn('NAMESPACE', columnsFor(rows)) : columnsFor(rows),
    nameOf: ({ metadata }) => `agent/${metadata.name}`,
    none:
      isNarrowed || names.length > 0
        ? `no agent is meant by ${asked(names, options)}`
        : everywhere
          ? 'no agents; meshctl start runs some'
          : `no agents in namespace "${namespace}"; -A looks in all, meshctl start runs some`,
  })
  return 0
}

function asked(names: readonly string[], options: Context['options']): string {
  const given = (['selector', 'phase', 'capability'] as const).flatMap(name => {
    const text = textOf(options, name)
    return text === undefined ? [] : [`--${name} ${text}`]
  })
  return [...names, ...given].join(' ')
}

function isMeant(
  { metadata, spec, status }: AgentResource,
  names: readonly string[],
  { options }: Context,
): boolean {
  const [phase, capability] = [textOf(options, 'phase'), textOf(options, 'capability')]
  const offered = toolsIn({ spec }).map(tool => tool.capability ?? tool.name)
  return (
    (names.length === 0 || names.some(name => metadata.name.startsWith(name))) &&
    (phase === undefined || status.phase === phase) &&
    (capability === undefined || offered.includes(capability))
  )
}

type Order = (a: AgentResource, b: AgentResource) => number

function orderOf(field: string | undefined): Order {
  const byName: Order = (a, b) => compare(keyOf(a), keyOf(b))
  const first = field === undefined ? undefined : orderings[field]
  return (a, b) => first?.(a, b) || byName(a, b)
}

const orderings: Record<string, Order> = {
  phase: (a, b) => Number(a.status.phase === 'Ready') - Number(b.status.phase === 'Ready'),
  version: (a, b) => b.spec.version.localeCompare(a.spec.version, 'en', { numeric: true }),
  age: (a, b) => compare(sinceOf(b), sinceOf(a)),
  instances: (a, b) =>
    b.status.instances.filter(isReady).length - a.status.instances.filter(isReady).length,
}

/** ISO 8601, so that it sorts as text; agents that do not run come last. */
const sinceOf = ({ status }: AgentResource) =>
  status.instances.map(({ since }) => since).sort()[0] ?? ''

const keyOf = ({ metadata }: AgentResource) => `${metadata.namespace}/${metadata.name}`

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
