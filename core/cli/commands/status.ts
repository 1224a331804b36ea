/** `meshctl status`: the mesh on one screen, what is wrong first; and what runs on this machine. */
import { edgeColumns, edgesOf, instanceColumns, instancesOf } from '../agents/agents-view.ts'
import type { Command, Context, Io } from '../command.ts'
import { holderColumns, readSessions, type SessionsOfInstance } from '../instances/read-sessions.ts'
import { readToolLists, toolListColumns } from '../instances/read-tool-lists.ts'
import { hasCode } from '../../model/error.ts'
import type { AgentResource } from '../../model/registry-api.ts'
import { openHome } from '../local/home.ts'
import { registryRecords } from '../local/registry-hold.ts'
import { startRecords } from '../local/start-records.ts'
import { printValue, tableOf, type Column } from '../output/output.ts'
import { paint } from '../output/paint.ts'
import { columnsFor } from '../agents/watch-agents.ts'

export const status: Command = {
  name: 'status',
  summary: 'Show the mesh on one screen, what is wrong first',
  usage: 'meshctl status',
  takes: [0, 0],
  about:
    'Of every namespace, unless -n names one. Exit code 5 where no registry answers; local processes are shown then too.',
  options: [{ flags: '-o, --output <form>', about: 'how to print', choices: ['json', 'yaml'] }],
  examples: [
    { command: 'meshctl status', about: 'is all well?' },
    { command: 'meshctl status -o json', about: 'for programs' },
  ],
  async run(_, context) {
    const { io, options, namespace } = context
    const processes = processRows(context)
    const scope = options.namespace === undefined ? {} : { namespace }
    const registry = await context.registry()
    let items: AgentResource[]
    try {
      ;({ items } = await registry.agents(scope))
    } catch (error) {
      if (hasCode(error, 'MESH_REGISTRY_UNREACHABLE') && processes.length > 0 && !options.output) {
        print(io, 'LOCAL PROCESSES', processColumns, processes)
      }
      throw error
    }
    const problems = items.flatMap(problemsOf)
    const instances = instancesOf(items)
    const edges = edgesOf(items)
    const registryUrl = registry.url
    const [sessions, toolLists] = await Promise.all([
      readSessions(items, context),
      readToolLists(items, context),
    ])
    const value = {
      ...{ registry: registryUrl, problems, agents: items, instances, edges },
      ...{ sessions: sessions.map(shownSessions), toolLists, processes },
    }
    if (printValue(io, options, value)) return 0
    const ready = instances.filter(({ state }) => state === 'ready').length
    const filled = edges.filter(({ endpoints }) => endpoints.length > 0).length
    io.out(
      `registry ${registryUrl}: ${items.length} agents, ${ready} of ${instances.length} instances ready, ` +
        `${filled} of ${edges.length} dependencies filled`,
    )
    print(io, WRONG, problemColumns, problems)
    print(io, 'AGENTS', columnsFor(items), items)
    print(io, 'INSTANCES', instanceColumns, instances)
    print(io, 'EDGES', edgeColumns, edges)
    print(io, 'SESSIONS', holderColumns, sessions)
    print(io, 'LISTED BY GATEWAYS', toolListColumns, toolLists)
    print(io, 'LOCAL PROCESSES', processColumns, processes)
    return 0
  },
}

/** How many, not which: that is `meshctl get sessions`. */
function shownSessions({ id, agent, namespace, list, error }: SessionsOfInstance) {
  const said = list ? { store: list.store, live: list.items.length } : { error: error?.code }
  return { instance: id, agent, namespace, ...said }
}

const WRONG = 'WHAT IS WRONG'

interface ProblemRow {
  agent: string
  namespace: string
  reason: string
  message: string
}

const problemColumns: readonly Column<ProblemRow>[] = [
  { head: 'AGENT', of: problem => problem.agent },
  { head: 'REASON', of: problem => problem.reason, tone: () => 'bad' },
  { head: 'MESSAGE', of: problem => problem.message },
]

interface ProcessRow {
  name: string
  kind: 'registry' | 'agent' | 'start'
  pid: number | undefined
  at: string
}

const processColumns: readonly Column<ProcessRow>[] = [
  { head: 'PROCESS', of: row => `${row.kind === 'agent' ? 'agent/' : ''}${row.name}` },
  { head: 'PID', of: row => (row.pid === undefined ? 'down' : String(row.pid)) },
  { head: 'AT', of: row => row.at },
]

/** Conditions that say no, and optional dependencies that nothing fills: the agent is Ready without them. */
function problemsOf({ metadata, status }: AgentResource): ProblemRow[] {
  const { name: agent, namespace } = metadata
  const bad = status.conditions.filter(({ type, status }) => {
    if (type === 'Degraded') return false // the others say why
    return type === 'Drifted' ? status === 'True' : status !== 'True'
  })
  const named = bad.some(({ type }) => type === 'DependenciesResolved')
  const unfilled = named ? [] : status.resolutions.filter(({ endpoints }) => endpoints.length === 0)
  const suspects = status.instances.filter(({ state }) => state !== 'ready')
  return [
    ...bad.map(({ reason, message }) => ({ agent, namespace, reason, message })),
    ...unfilled.map(({ tool, dependency, code, reason = 'nothing offers it' }) => ({
      agent,
      namespace,
      reason: code === undefined ? 'DependencyUnresolved' : 'LockDrifted',
      message: `${tool}/${dependency}: ${reason}`,
    })),
    ...suspects.map(({ id, state, reason }) => ({
      agent,
      namespace,
      reason: `Instance${state.charAt(0).toUpperCase()}${state.slice(1)}`,
      message: reason === undefined ? `${id} is ${state}` : `${id} is ${state}: ${reason}`,
    })),
  ]
}

function processRows({ env }: Context): ProcessRow[] {
  const home = openHome(env)
  return [
    ...registryRecords(home).map(({ pid, url }) => {
      return { name: 'registry', kind: 'registry' as const, pid, at: url }
    }),
    ...startRecords(home).live.flatMap(({ pid, since, agents }) => [
      { name: 'meshctl start', kind: 'start' as const, pid, at: `since ${since}` },
      ...agents.map(({ name, process, endpoint }) => {
        return { name, kind: 'agent' as const, pid: process?.pid, at: endpoint ?? '' }
      }),
    ]),
  ]
}

function print<Row>(
  { out, hasColor }: Pick<Io, 'out' | 'hasColor'>,
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
) {
  if (rows.length === 0) return
  out('')
  out(hasColor ? paint(title, title === WRONG ? 'bad' : 'strong') : title)
  const shown = columns.filter(({ wide }) => !wide)
  for (const line of tableOf(shown, rows, hasColor)) out(`  ${line}`)
}
