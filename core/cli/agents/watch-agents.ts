/** `meshctl get agents -w`: every agent, then a row for each that changes, until ctrl-C. A connection that breaks is made again. */
import type { AgentResource, AgentWatchEvent } from '../../model/registry-api.ts'
import { sleep } from '../../model/sleep.ts'
import { agentColumns } from './agents-view.ts'
import type { Context } from '../command.ts'
import { scopeOf } from '../line/options.ts'
import { printEach, type Column } from '../output/output.ts'

const AGAIN_AFTER_MS = 500

/** What an agent that is gone shows in place of its phase. */
const GONE = 'Gone'

/** Resolves to 0 when it is asked to stop. Throws what the first answer says: an unreachable registry, a selector that cannot be read. */
export async function watchAgents(name: string | undefined, context: Context): Promise<number> {
  const { io, options } = context
  const registry = await context.registry()
  const scope = scopeOf(context)
  const { namespace, selector } = scope
  const isNamed = name !== undefined && namespace !== undefined && selector === undefined
  const watched = isNamed ? { namespace, name } : scope
  const isWanted = (agent: AgentResource) => name === undefined || agent.metadata.name === name
  // The first answer says what is wrong with the question, and how wide the columns are.
  const { items } = await registry.agents(scope)
  const shownColumns = columnsFor(items)
  const columns = options.allNamespaces ? withColumn('NAMESPACE', shownColumns) : shownColumns
  const print = printEach(io, options, {
    rows: items.filter(isWanted),
    columns,
    nameOf: ({ metadata }) => `agent/${metadata.name}`,
    none: '',
  })
  const shown = new Map<string, { agent: AgentResource; row: string }>()
  const tell = (agent: AgentResource) => {
    if (!isWanted(agent)) return
    const key = `${agent.metadata.namespace}/${agent.metadata.name}`
    const row = columns.filter(({ head }) => head !== 'AGE').map(({ of }) => of(agent))
    const isNews = options.output === 'json' || options.output === 'yaml'
    const text = isNews ? JSON.stringify(agent) : row.join('\n')
    if (shown.get(key)?.row === text) return // what changed of it is not shown
    shown.set(key, { agent, row: text })
    print(agent)
  }
  const gone = (key: string) => {
    const agent = shown.get(key)?.agent
    if (shown.delete(key) && agent) print(asGone(agent))
  }
  const abort = new AbortController()
  const stopListening = context.onStop(() => abort.abort())
  try {
    while (!abort.signal.aborted) {
      const told = new Set<string>()
      const onEvent = (event: AgentWatchEvent) => {
        if (event.type === 'agent') {
          told.add(`${event.agent.metadata.namespace}/${event.agent.metadata.name}`)
          tell(event.agent)
        } else if (event.type === 'gone') gone(`${event.namespace}/${event.name}`)
        // What went while the connection was broken is not told of.
        else if (!event.settling) for (const key of [...shown.keys()]) if (!told.has(key)) gone(key)
      }
      await registry.watchAgents({ ...watched, signal: abort.signal, onEvent })
      if (abort.signal.aborted) break
      io.say('the connection to the registry broke; it is made again')
      await sleep(AGAIN_AFTER_MS, abort.signal).catch(() => undefined) // stopped
    }
    return 0
  } finally {
    stopListening()
  }
}

/** The columns, with that of this head among those that are always shown. */
export function withColumn<Row>(head: string, columns: readonly Column<Row>[]): Column<Row>[] {
  return columns.map(column => (column.head === head ? { ...column, wide: false } : column))
}

/** The columns for these agents: their kind is shown where not all are of one. */
export function columnsFor(agents: readonly AgentResource[]): readonly Column<AgentResource>[] {
  const isMixed = agents.some(({ kind }) => kind !== 'Agent')
  return isMixed ? withColumn('KIND', agentColumns) : agentColumns
}

function asGone(agent: AgentResource): AgentResource {
  const status = { ...agent.status, instances: [], resolutions: [] }
  return { ...agent, status: { ...status, phase: GONE as AgentResource['status']['phase'] } }
}
