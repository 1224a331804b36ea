/**
 * What a session asks of its tool: an argument that carries the handle and that a first call can leave out. A wrapped server
 * has no handlers that could reach a session.
 */
import { faultOf, type Fault, type Path } from './fault.ts'
import { durationFaults } from './check-values.ts'
import { isRecord, list, record } from './record.ts'
import { nearest } from './suggest.ts'

type Values = Readonly<Record<string, unknown>>

/** Faults of `spec.session` and of `session` in each tool. */
export function checkSessions(spec: Values): Fault[] {
  const tools = list(spec.tools).map(record)
  const faults = tools.flatMap((tool, i) => {
    const path = ['spec', 'tools', i, 'session']
    if (!isRecord(tool.session)) return []
    if (spec.server !== undefined) return [noHandler(path)]
    return checkSession(tool.session, record(tool.inputSchema), path)
  })
  if (!isRecord(spec.session)) return faults
  faults.push(...durationFaults(spec.session, ['spec', 'session'], ['ttl'], 1_000))
  const isKept = (one: unknown) => one !== undefined && one !== false
  if (tools.some(({ session, task }) => isKept(session) || isKept(task))) return faults
  const message = 'spec.session does nothing: no tool of the agent has a session or a task'
  const mend = 'add session: { argument: session_id } to a tool, or remove it'
  return [
    ...faults,
    faultOf('MESH_FIELD_INVALID', ['spec', 'session'], message, { mend, at: 'key' }),
  ]
}

function noHandler(path: Path): Fault {
  const message =
    'a tool of a wrapped server has no session here: its state is for the server to keep'
  return faultOf('MESH_FIELD_INVALID', path, message, { mend: 'remove it', at: 'key' })
}

function checkSession(session: Values, inputSchema: Values, path: Path): Fault[] {
  const faults = durationFaults(session, path, ['ttl'], 1_000)
  const { argument } = session
  const at = [...path, 'argument']
  if (typeof argument !== 'string' || argument === '') return faults
  const properties = record(inputSchema.properties)
  const isOpen = ['$ref', 'allOf', 'anyOf', 'oneOf'].some(key => key in inputSchema)
  if (!Object.hasOwn(properties, argument)) {
    if (isOpen) return faults // what it takes is not said in one place
    const near = nearest(argument, Object.keys(properties))
    const mend = near
      ? `write ${near}`
      : `add ${argument}: { type: string } to the properties of inputSchema`
    const message = `the inputSchema of the tool has no argument "${argument}" that could carry the handle`
    return [...faults, faultOf('MESH_ARGUMENT_UNKNOWN', at, message, { mend })]
  }
  const { type } = record(properties[argument])
  if (type !== undefined && type !== 'string' && !list(type).includes('string')) {
    const message = `a handle is a text, and the inputSchema says that "${argument}" is ${JSON.stringify(type)}`
    const mend = `write ${argument}: { type: string } in inputSchema`
    faults.push(faultOf('MESH_FIELD_INVALID', at, message, { mend }))
  }
  if (session.required !== false && list(inputSchema.required).includes(argument)) {
    const message = `nobody could begin a session: inputSchema requires "${argument}", and the first call has no handle yet`
    const mend = `take ${argument} out of required in inputSchema, or write required: false here`
    faults.push(faultOf('MESH_FIELD_INVALID', at, message, { mend }))
  }
  return faults
}
