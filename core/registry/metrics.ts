/**
 * What the registry tells Prometheus of itself. What is known anyway (instances, agents, watchers, memory) is counted when it
 * is asked for; renewals and announcements are read off the histogram of requests, so that they cost nothing of their own.
 */
import {
  Counter,
  family,
  Histogram,
  processFamilies,
  sample,
  type Labels,
} from '../model/prometheus.ts'

/** What is counted as it happens. */
export interface Metrics {
  /** By method, route pattern and status. */
  readonly requests: Histogram
  /** By operation. */
  readonly store: Histogram
  /** From a change to the moment in which its watchers were sent it. */
  readonly pushLag: Histogram
  /** Events sent, by type. */
  readonly pushes: Counter
}

/** What is true now. */
export interface Levels {
  instances: Readonly<Record<string, number>>
  agents: number
  watchers: number
  resolved: number
  revision: number
  settling: boolean
}

const fromMicroseconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05]
const bounds = [...fromMicroseconds, 0.1, 0.25, 0.5, 1, 2.5, 5]

export function createMetrics(): Metrics {
  return {
    requests: new Histogram(bounds),
    store: new Histogram(bounds),
    pushLag: new Histogram(bounds),
    pushes: new Counter(),
  }
}

/** Labels of a request; made once for each combination. */
export const requestLabels = (method: string, route: string, status: number): Labels =>
  `method="${method}",route="${route}",status="${status}"`

const isRenewal = (labels: Labels) =>
  labels === requestLabels('PUT', '/v1/instances/:id/lease', 204)
const isAnnouncement = (labels: Labels) =>
  [200, 201].some(status => labels === requestLabels('POST', '/v1/instances', status))

/** The text format 0.0.4. */
export function renderMetrics(metrics: Metrics, levels: Levels): string {
  const { requests, store, pushLag, pushes } = metrics
  const one = (name: string, value: number) => [sample(name, '', value)]
  const counter = (name: string, help: string, value: number) =>
    family(name, 'counter', help, one(name, value))
  const gauge = (name: string, help: string, value: number) =>
    family(name, 'gauge', help, one(name, value))
  return [
    counter('mesh_renewals_total', 'Leases renewed.', requests.count(isRenewal)),
    counter('mesh_announcements_total', 'Announcements taken.', requests.count(isAnnouncement)),
    counter('mesh_resolutions_total', 'Dependencies resolved again.', levels.resolved),
    gauge('mesh_watchers', 'Watch streams of instances that are open.', levels.watchers),
    gauge('mesh_agents', 'Agents that are wanted.', levels.agents),
    gauge('mesh_revision', 'The last change number.', levels.revision),
    gauge('mesh_settling', '1 while the registry has just started.', levels.settling ? 1 : 0),
    family(
      'mesh_instances',
      'gauge',
      'Instances by state.',
      Object.entries(levels.instances).map(([state, count]) =>
        sample('mesh_instances', `state="${state}"`, count),
      ),
    ),
    family(
      'mesh_pushes_total',
      'counter',
      'Events sent to instances, by type.',
      [...pushes.values].map(([labels, count]) => sample('mesh_pushes_total', labels, count)),
    ),
    histogram('mesh_push_lag_seconds', 'From a change to its push.', pushLag),
    histogram('mesh_store_duration_seconds', 'Time that the store took, by operation.', store),
    histogram('mesh_request_duration_seconds', 'Time to an answer, by route.', requests),
    processFamilies(process),
  ].join('')
}

function histogram(name: string, help: string, of: Histogram): string {
  return family(name, 'histogram', help, of.lines(name))
}
