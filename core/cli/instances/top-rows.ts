/** Two readings of an instance as rows of `meshctl top`: rates, latencies, and what its process takes. */
import type { InstanceRow } from '../agents/agents-view.ts'
import type { Column } from '../output/output.ts'
import { quantileOf, sumOf, type Reading } from './scrape.ts'

export type TopKind = 'instances' | 'tools' | 'edges'

export interface TopRow {
  /** Of the instance, tool or edge. */
  name: string
  agent: string
  namespace: string
  instance: string
  callsPerSecond: number
  errorsPerSecond: number
  /** Absent where no call ended in the time. */
  p50Ms?: number
  p99Ms?: number
  inFlight: number
  waiting: number
  /** Of one core, in percent; of instances only, as the next. */
  cpuPercent?: number
  memoryBytes?: number
}

const tools = {
  calls: 'mesh_tool_calls_total',
  errors: 'mesh_tool_errors_total',
  duration: 'mesh_tool_duration_seconds',
  inFlight: 'mesh_tool_calls_in_flight',
  waiting: 'mesh_tool_calls_waiting',
}
const edges = {
  calls: 'mesh_calls_total',
  errors: 'mesh_call_errors_total',
  duration: 'mesh_call_duration_seconds',
  inFlight: 'mesh_calls_in_flight',
  waiting: 'mesh_calls_waiting',
}

/** A row for the instance, or one for each of its tools or edges. */
export function figuresOf(
  kind: TopKind,
  instance: InstanceRow,
  pair: [Reading, Reading],
): TopRow[] {
  if (kind === 'instances') return [{ ...rowOf(instance, pair, tools), ...processOf(pair) }]
  const label = kind === 'tools' ? 'tool' : 'edge'
  const names = kind === 'tools' ? tools : edges
  const found = new Set(
    pair[1].samples.flatMap(({ name, labels }) =>
      name === names.calls && labels[label] !== undefined ? [labels[label]] : [],
    ),
  )
  return [...found].map(each => ({
    ...rowOf(instance, pair, names, { [label]: each }),
    name: kind === 'tools' ? `${instance.agent}:${each}` : each, // an edge is named with its agent
  }))
}

function rowOf(
  { id, agent, namespace }: InstanceRow,
  pair: [Reading, Reading],
  names: typeof tools,
  labels: Record<string, string> = {},
): TopRow {
  const [before, after] = pair
  const seconds = secondsOf(pair)
  const rate = (name: string) =>
    Math.max(0, sumOf(after, name, labels) - sumOf(before, name, labels)) / seconds
  const [p50Ms, p99Ms] = [0.5, 0.99].map(share => quantileOf(pair, names.duration, share, labels))
  return {
    ...{ name: id, agent, namespace, instance: id },
    callsPerSecond: rate(names.calls),
    errorsPerSecond: rate(names.errors),
    ...(p50Ms === undefined ? {} : { p50Ms }),
    ...(p99Ms === undefined ? {} : { p99Ms }),
    inFlight: sumOf(after, names.inFlight, labels),
    waiting: sumOf(after, names.waiting, labels),
  }
}

function processOf(pair: [Reading, Reading]) {
  const [before, after] = pair
  const cpu = 'process_cpu_seconds_total'
  return {
    cpuPercent: (Math.max(0, sumOf(after, cpu) - sumOf(before, cpu)) / secondsOf(pair)) * 100,
    memoryBytes: sumOf(after, 'process_resident_memory_bytes'),
  }
}

const secondsOf = ([before, after]: [Reading, Reading]) => Math.max(1, after.at - before.at) / 1_000

/** The columns for rows of that kind. */
export function topColumns(kind: TopKind): Column<TopRow>[] {
  const heads = { instances: 'INSTANCE', tools: 'TOOL', edges: 'EDGE' }
  const all: Column<TopRow>[] = [
    { head: heads[kind], of: row => row.name },
    { head: 'NAMESPACE', of: row => row.namespace, wide: true },
    { head: 'CALLS/S', of: row => decimal(row.callsPerSecond) },
    {
      head: 'ERRORS/S',
      of: row => decimal(row.errorsPerSecond),
      tone: row => (row.errorsPerSecond > 0 ? 'bad' : undefined),
    },
    { head: 'P50', of: row => msOf(row.p50Ms) },
    { head: 'P99', of: row => msOf(row.p99Ms) },
    { head: 'RUNNING', of: row => String(row.inFlight) },
    {
      head: 'WAITING',
      of: row => String(row.waiting),
      tone: row => (row.waiting > 0 ? 'warn' : undefined),
    },
  ]
  if (kind !== 'instances') return [...all, { head: 'INSTANCE', of: row => row.instance }]
  return [
    ...all,
    { head: 'CPU', of: row => `${Math.round(row.cpuPercent ?? 0)}%` },
    { head: 'MEMORY', of: row => `${Math.round((row.memoryBytes ?? 0) / 1024 / 1024)} MiB` },
  ]
}

const decimal = (value: number) => value.toFixed(value < 10 && value > 0 ? 1 : 0)

function msOf(ms: number | undefined): string {
  if (ms === undefined) return ''
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}
