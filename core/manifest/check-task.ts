/** What `task` of a tool may say beyond its schema: times that a client can keep to. */
import { durationFaults, durationOf } from './check-values.ts'
import { faultOf, type Fault } from './fault.ts'
import { isRecord, list, record } from './record.ts'

/** Faults of `task` in each tool. */
export function checkTasks(spec: Readonly<Record<string, unknown>>): Fault[] {
  return list(spec.tools).flatMap((tool, i) => {
    const { task } = record(tool)
    if (!isRecord(task)) return []
    const path = ['spec', 'tools', i, 'task']
    const faults = [
      ...durationFaults(task, path, ['ttl'], 1_000),
      ...durationFaults(task, path, ['pollInterval'], 10),
    ]
    const ttlMs = durationOf(task.ttl ?? '1h')
    const pollMs = durationOf(task.pollInterval)
    if (ttlMs === undefined || pollMs === undefined || pollMs <= ttlMs) return faults
    const message =
      'a client that asks every pollInterval may come when the ttl of the result is over'
    const mend = 'write a pollInterval shorter than ttl'
    const at = [...path, 'pollInterval']
    return [...faults, faultOf('MESH_FIELD_INVALID', at, message, { mend })]
  })
}
