/** `meshctl top`: what runs hot. Reads /metrics of every ready instance twice and shows what happened in between. */
import type { Dispatcher } from 'undici'
import { MeshError } from '../../model/error.ts'
import { sleep } from '../../model/sleep.ts'
import { agentNameOf } from '../line/agent-name.ts'
import { instancesOf, type InstanceRow } from '../agents/agents-view.ts'
import type { Command, Context } from '../command.ts'
import { agentNamed } from '../agents/one-agent.ts'
import {
  allNamespacesOption,
  durationOf,
  outputOption,
  scopeOf,
  selectorOption,
  textOf,
} from '../line/options.ts'
import { printList } from '../output/output.ts'
import type { Reading } from '../instances/scrape.ts'
import { figuresOf, topColumns, type TopKind, type TopRow } from '../instances/top-rows.ts'

const INTERVAL_MS = 1_000
const PATIENCE_MS = 5_000
const kinds = ['instances', 'tools', 'edges'] as const
const orders = ['calls', 'errors', 'p99', 'cpu', 'memory', 'name'] as const

export const top: Command = {
  name: 'top',
  summary: 'Show calls, errors, latency, CPU and memory of what runs',
  usage: 'meshctl top [agent]',
  takes: [0, 1],
  about:
    'Asks every ready instance itself, twice, and shows what happened in between: figures are of that time, not since the ' +
    'start. By instance, by tool (calls that come), or by edge (calls to dependencies, as the consumer sees them). Agents with a ' +
    'token of their own are asked with MESH_TOKEN; one that cannot be asked is named, and the others are shown.',
  options: [
    { flags: '--by <kind>', about: 'a row for each of them', choices: kinds, default: 'instances' },
    { flags: '--sort <figure>', about: 'the most first', choices: orders, default: 'calls' },
    { flags: '--interval <duration>', about: 'how long is looked at', default: '1s' },
    { flags: '-w, --watch', about: 'go on, until ctrl-C; a terminal is drawn anew each time' },
    outputOption,
    allNamespacesOption,
    selectorOption,
  ],
  examples: [
    { command: 'meshctl top', about: 'every instance, the busiest first' },
    { command: 'meshctl top hello-world --by edges', about: 'what an agent waits for' },
    { command: 'meshctl top -A -w --sort p99', about: 'the slowest of all, as it goes on' },
  ],
  completes: args => (args.length === 0 ? 'agent' : undefined),
  async run([name], context) {
    const { io, options } = context
    const intervalMs = durationOf(options, 'interval', INTERVAL_MS)
    if (intervalMs <= 0)
      throw new MeshError('MESH_USAGE_INVALID', '--interval is nothing', 'write --interval 1s')
    const agent = name === undefined ? undefined : await agentNamed(agentNameOf(name), context)
    const stopping = new AbortController()
    const stopListening = context.onStop(() => stopping.abort())
    const { Agent } = await import('undici')
    const asking: Asking = { dispatcher: new Agent({ connectTimeout: PATIENCE_MS }), context }
    try {
      let before = await readAll(asking, agent?.metadata.name)
      do {
        await sleep(intervalMs, stopping.signal).catch(() => undefined) // stopped
        if (stopping.signal.aborted) return options.watch ? 0 : 1
        const after = await readAll(asking, agent?.metadata.name)
        const rows = rowsOf(before, after, context)
        if (options.watch && io.isTerminal && options.output === undefined)
          io.out('\u001b[H\u001b[2J')
        show(rows, context)
        for (const { id, error } of after.silent) io.err(`${id} cannot be asked: ${error.message}`)
        before = after
      } while (options.watch)
      return before.readings.size === 0 && before.silent.length > 0 ? 1 : 0
    } finally {
      stopListening()
      await asking.dispatcher.destroy()
    }
  },
}

interface Asking {
  dispatcher: Dispatcher
  context: Context
}

interface Readings {
  instances: InstanceRow[]
  readings: Map<string, Reading>
  silent: { id: string; error: MeshError }[]
}

async function readAll({ dispatcher, context }: Asking, agent?: string): Promise<Readings> {
  const registry = await context.registry()
  const { items } = await registry.agents(scopeOf(context))
  const { scrape } = await import('../instances/scrape.ts')
  const chosen = items.filter(({ metadata }) => agent === undefined || metadata.name === agent)
  const instances = instancesOf(chosen).filter(({ state }) => state === 'ready')
  const all: Readings = { instances, readings: new Map(), silent: [] }
  await Promise.all(
    instances.map(async ({ id, endpoint }) => {
      const token = context.env.MESH_TOKEN
      try {
        all.readings.set(id, await scrape({ endpoint, token, timeoutMs: PATIENCE_MS, dispatcher }))
      } catch (error) {
        if (!(error instanceof MeshError)) throw error
        all.silent.push({ id, error })
      }
    }),
  )
  return all
}

/** Of the instances that answered both times: one that came in between has no rate yet. */
function rowsOf(before: Readings, after: Readings, { options }: Context): TopRow[] {
  const kind = kinds.find(each => each === options.by) ?? 'instances'
  const rows = after.instances.flatMap(instance => {
    const pair = [before.readings.get(instance.id), after.readings.get(instance.id)] as const
    return pair[0] && pair[1] ? figuresOf(kind, instance, [pair[0], pair[1]]) : []
  })
  const order = textOf(options, 'sort') ?? 'calls'
  return rows.sort((a, b) => weightOf(b, order) - weightOf(a, order) || (a.name < b.name ? -1 : 1))
}

function weightOf(row: TopRow, order: string): number {
  if (order === 'errors') return row.errorsPerSecond
  if (order === 'p99') return row.p99Ms ?? -1
  if (order === 'cpu') return row.cpuPercent ?? -1
  if (order === 'memory') return row.memoryBytes ?? -1
  return order === 'name' ? 0 : row.callsPerSecond
}

function show(rows: readonly TopRow[], { io, options, namespace }: Context) {
  const kind: TopKind = kinds.find(each => each === options.by) ?? 'instances'
  printList(io, options, {
    rows,
    columns: topColumns(kind),
    nameOf: ({ name }) => `${kind.slice(0, -1)}/${name}`,
    none:
      kind === 'tools'
        ? `no tool in namespace "${namespace}" was called yet; -A looks in all`
        : `no ready ${kind} in namespace "${namespace}"; -A looks in all`,
  })
}
