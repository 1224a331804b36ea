/** What `task` of a tool may say beyond its schema: times that a client can keep to. */
import { durationFaults, durationOf } from './check-values.ts'
import { faultOf, type Fault, type Path } from './fault.ts'
import { isRecord, list, record } from './record.ts'

type Values = Readonly<Record<string, unknown>>

/** Faults of `task` in each tool. */
export function checkTasks(spec: Values): Fault[] {
  return list(spec.tools).flatMap((tool, i) => {
    const { task } = record(tool)
    if (!isRecord(task)) return []
    const path = ['spec', 'tools', i, 'task']
    const faults = [
      ...lateFaults(task, path, spec.server !== undefined),
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

function lateFaults({ begin }: Values, path: Path, isWrapped: boolean): Fault[] {
  if (begin !== 'handler' || !isWrapped) return []
  const message =
    'a tool of a wrapped server has no handler here that could say when its task begins'
  const mend = 'remove it: the task begins with the call'
  return [faultOf('MESH_FIELD_INVALID', [...path, 'begin'], message, { mend, at: 'key' })]
}
