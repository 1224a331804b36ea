/**
 * What an agent tells Prometheus: of each edge (a dependency of a tool) and each tool, from plain counters, put into text when
 * somebody asks. Labels are names of the manifest and codes of the mesh, so that their number is bounded.
 */
import {
  family,
  histogramLines,
  labelsOf,
  processFamilies,
  sample,
  type Labels,
} from '../../core/model/prometheus.ts'
import type { EdgeFigures } from '../proxy/edge.ts'
import { boundsMs } from '../proxy/latency-histogram.ts'
import type { SessionFigures } from '../sessions/sessions.ts'
import type { TaskFigures } from '../tasks/tasks.ts'
import type { OfferFigures } from './observe-offers.ts'
import type { ToolFigures } from './tool-meters.ts'

export interface AgentFigures {
  about: { agent: string; namespace: string; version: string; instance: string }
  edges: readonly EdgeFigures[]
  tools: readonly ToolFigures[]
  /** Resources, prompts and completions. */
  offers: readonly OfferFigures[]
  /** How many calls of a tool wait for their turn. */
  waiting: (tool: string) => number
  /** Undefined for an agent whose tools have no sessions. */
  sessions?: SessionFigures | undefined
  /** Undefined for an agent whose tools are no tasks. */
  tasks?: TaskFigures | undefined
}

/** The text format 0.0.4. */
export function renderMetrics({
  about,
  edges,
  tools,
  offers,
  waiting,
  sessions,
  tasks,
}: AgentFigures): string {
  const ofEdge = table(edges, ({ edge }) => ({ edge }))
  const ofOffer = table(offers, ({ method, name }) => ({ method, name }))
  const ofTool = table(tools, ({ tool }) => ({ tool }))
  return [
    family('mesh_agent_info', 'gauge', 'The agent that answers; always 1.', [
      sample('mesh_agent_info', labelsOf(about), 1),
    ]),
    ...sessionFamilies(sessions),
    ...taskFamilies(tasks),
    family(
      'mesh_edge_info',
      'gauge',
      'What a dependency is wired to; always 1.',
      edges.map(({ edge, capability }) =>
        sample('mesh_edge_info', labelsOf({ edge, capability }), 1),
      ),
    ),
    ofEdge.numbers('mesh_calls_total', 'counter', 'Calls to dependencies.', e => e.calls),
    ofEdge.codes('mesh_call_errors_total', 'Calls that failed, by code.'),
    ofEdge.numbers(
      'mesh_call_attempts_total',
      'counter',
      'Requests that were tried.',
      e => e.attempts,
    ),
    ofEdge.numbers(
      'mesh_call_retries_total',
      'counter',
      'Attempts that repeat one that failed.',
      e => e.retries,
    ),
    ofEdge.numbers(
      'mesh_call_hedges_total',
      'counter',
      'Attempts beside a slow one.',
      e => e.hedges,
    ),
    ofEdge.numbers(
      'mesh_call_ejections_total',
      'counter',
      'Endpoints taken out of the pick.',
      e => e.ejections,
    ),
    ofEdge.numbers(
      'mesh_calls_in_flight',
      'gauge',
      'Calls that are under way.',
      e => e.inFlight - e.waiting,
    ),
    ofEdge.numbers(
      'mesh_calls_waiting',
      'gauge',
      'Calls that wait in the bulkhead.',
      e => e.waiting,
    ),
    breakers(edges),
    ofEdge.latency(
      'mesh_call_duration_seconds',
      'Time of a call, all attempts and waits included.',
    ),
    ofTool.numbers(
      'mesh_tool_calls_total',
      'counter',
      'Calls of tools of this agent.',
      e => e.calls,
    ),
    ofTool.codes('mesh_tool_errors_total', 'Calls of tools that failed, by code.'),
    ofTool.numbers(
      'mesh_tool_calls_in_flight',
      'gauge',
      'Calls that run.',
      e => e.inFlight - waiting(e.tool),
    ),
    ofTool.numbers('mesh_tool_calls_waiting', 'gauge', 'Calls that wait for their turn.', e =>
      waiting(e.tool),
    ),
    ofTool.latency('mesh_tool_duration_seconds', 'Time of a call of a tool, waits included.'),
    ofOffer.numbers('mesh_requests_total', 'counter', 'Reads, prompts, completions.', e => e.calls),
    ofOffer.codes('mesh_request_errors_total', 'Those that failed, by code.'),
    ofOffer.numbers('mesh_requests_in_flight', 'gauge', 'Those that run.', e => e.inFlight),
    ofOffer.latency('mesh_request_duration_seconds', 'Time of such a request.'),
    processFamilies(process),
  ].join('')
}

interface Counted {
  errors: Readonly<Record<string, number>>
  latency: { buckets: readonly number[]; sumMs: number }
}

const bounds = boundsMs.map(ms => ms / 1_000)

/** The families that all of `rows` are in. */
function table<T extends Counted>(rows: readonly T[], name: (row: T) => Record<string, string>) {
  const labelled = rows.map((row): [Labels, T] => [labelsOf(name(row)), row])
  return {
    numbers: (metric: string, type: 'counter' | 'gauge', help: string, of: (row: T) => number) =>
      family(
        metric,
        type,
        help,
        labelled.map(([labels, row]) => sample(metric, labels, of(row))),
      ),
    codes: (metric: string, help: string) =>
      family(
        metric,
        'counter',
        help,
        labelled.flatMap(([labels, { errors }]) =>
          Object.entries(errors).map(([code, count]) =>
            sample(metric, `${labels},${labelsOf({ code })}`, count),
          ),
        ),
      ),
    latency: (metric: string, help: string) =>
      family(
        metric,
        'histogram',
        help,
        labelled.flatMap(([labels, { latency }]) =>
          histogramLines(metric, labels, {
            ...{ bounds, counts: latency.buckets, sum: latency.sumMs / 1_000 },
          }),
        ),
      ),
  }
}

const phases = ['closed', 'open', 'half-open'] as const

/** One series a state, as OpenMetrics has state sets: the present one is 1. */
function breakers(edges: readonly EdgeFigures[]): string {
  const name = 'mesh_breaker_state'
  const lines = edges.flatMap(({ edge, breaker }) =>
    phases.map(state => sample(name, labelsOf({ edge, state }), breaker === state ? 1 : 0)),
  )
  return family(name, 'gauge', 'State of the breaker of a dependency.', lines)
}

const one = (name: string, type: 'gauge' | 'counter', help: string, value: number) =>
  family(name, type, help, [sample(name, '', value)])

function taskFamilies(tasks: TaskFigures | undefined): string[] {
  if (!tasks) return []
  const { running, begun, ended, takenOver, dropped } = tasks
  const name = 'mesh_tasks_ended_total'
  return [
    one('mesh_tasks_running', 'gauge', 'Tasks that run here.', running),
    one('mesh_tasks_begun_total', 'counter', 'Tasks that began here.', begun),
    family(
      ...([name, 'counter', 'Tasks that were ended here, by how they ended.'] as const),
      Object.entries(ended).map(([status, count]) => sample(name, labelsOf({ status }), count)),
    ),
    one(
      'mesh_task_takeovers_total',
      'counter',
      'Tasks that were taken from an owner that was gone.',
      takenOver,
    ),
    one(
      'mesh_task_results_dropped_total',
      'counter',
      'Ends that were not kept: the task had ended, or was taken over.',
      dropped,
    ),
  ]
}

function sessionFamilies(sessions: SessionFigures | undefined): string[] {
  if (!sessions) return []
  return [
    one('mesh_sessions', 'gauge', 'Sessions that this instance owns.', sessions.owned),
    one('mesh_sessions_begun_total', 'counter', 'Sessions that began here.', sessions.begun),
    one(
      'mesh_session_forwards_total',
      'counter',
      'Calls that were handed to the owner of their session.',
      sessions.forwarded,
    ),
    one(
      'mesh_session_takeovers_total',
      'counter',
      'Sessions that were taken from an owner that was gone.',
      sessions.takenOver,
    ),
    ...storeFamilies(sessions.store),
  ]
}

/** None for the memory of the process, which needs no time. */
function storeFamilies(store: SessionFigures['store']): string[] {
  if (!store) return []
  const name = 'mesh_session_store_duration_seconds'
  const { buckets: counts, sumMs } = store.latency
  const lost = 'mesh_session_store_losses_total'
  return [
    family(
      name,
      'histogram',
      'Time that the store of sessions took to answer.',
      histogramLines(name, '', { bounds, counts, sum: sumMs / 1_000 }),
    ),
    family(lost, 'counter', 'Commands that the store of sessions did not answer.', [
      sample(lost, '', store.lost),
    ]),
  ]
}
