/**
 * What a schema cannot say: the meaning of a document as a whole. Pure, and tolerant of parts that the schema already
 * found fault with, so that all faults are found in one run.
 */
import { faultOf, type Fault, type Path } from './fault.ts'
import { checkServer } from './check-server.ts'
import { checkDependencies } from './check-dependency.ts'
import { checkExposures } from './check-gateway.ts'
import { checkOffers } from './check-offers.ts'
import { inputSchemaFaults } from './check-expectation.ts'
import { checkNamedPolicy, checkPolicy } from './check-policy.ts'
import { checkSessions } from './check-session.ts'
import { checkTasks } from './check-task.ts'
import { durationFaults, versionFault } from './check-values.ts'
import { agentLevels, type PolicyLevel } from './effective-policy.ts'
import { schemaFaults } from './json-schema.ts'
import { isRecord, list, record } from './record.ts'
import { isReference } from './reference.ts'
import { shippedPolicies, type Policies } from './policies.ts'
import type { Kind } from './validate.ts'

/** Faults of a document's meaning, which may name one of `policies`; files beside it are not looked at. */
export function checkMeaning(
  value: unknown,
  kind: Kind,
  policies: Policies = shippedPolicies(),
): Fault[] {
  const spec = record(record(value).spec)
  if (kind === 'CallPolicy')
    return checkNamedPolicy(spec, record(record(value).metadata).name, policies)
  if (kind === 'Gateway') return checkGateway(spec, policies)
  const levels = agentLevels(spec.policy, policies)
  return [
    ...versionFault(spec.version, ['spec', 'version']),
    ...checkHttp(spec),
    ...checkServer(spec),
    ...checkSessions(spec),
    ...checkTasks(spec),
    ...checkPolicy(spec.policy, ['spec', 'policy'], policies),
    ...durationFaults(spec, ['spec'], ['settle'], 0),
    ...list(spec.tools).flatMap((tool, i) => checkTool(record(tool), ['spec', 'tools', i], levels)),
    ...duplicateTools(list(spec.tools)),
    ...checkOffers(spec, levels),
  ]
}

function checkGateway(spec: Readonly<Record<string, unknown>>, policies: Policies): Fault[] {
  return [
    ...versionFault(spec.version, ['spec', 'version']),
    ...checkHttp(spec),
    ...checkPolicy(spec.policy, ['spec', 'policy'], policies),
    ...checkExposures(spec),
  ]
}

function checkHttp(spec: Readonly<Record<string, unknown>>): Fault[] {
  const http = record(spec.http)
  const faults: Fault[] = []
  for (const key of ['host', 'advertise'] as const) {
    const text = http[key]
    if (typeof text !== 'string') continue
    for (const [reference] of text.matchAll(/\$\{[^}]*\}?/g)) {
      if (isReference(reference)) continue
      const name = /^\$\{(?:\w+[:.])?([A-Za-z_]\w*)/.exec(reference)?.[1] ?? 'NAME'
      const message = `"${reference}" is no reference that the mesh reads`
      const mend = `write \${env:${name}}, \${env:${name}:-default} or \${file:/path}`
      faults.push(
        faultOf('MESH_FIELD_INVALID', ['spec', 'http', key], message, { mend, part: reference }),
      )
    }
  }
  const { host } = http
  if (typeof host === 'string' && 'auth' in spec === false && !mayBeLoopback(host)) {
    const message = `http.host "${host}" is reached from other machines, and spec.auth does not say what callers must present`
    const mend = 'add auth: { bearer: "${env:MESH_TOKEN}" } to spec, or write 127.0.0.1'
    faults.push(faultOf('MESH_BIND_UNSAFE', ['spec', 'http', 'host'], message, { mend }))
  }
  return faults
}

/** True also for a reference without a default: where it leads is known to the runtime only, which checks again. */
function mayBeLoopback(text: string): boolean {
  const fallback = /^\$\{env:\w+:-([^}]*)\}$/.exec(text)?.[1]
  const host = fallback ?? text
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?|\$\{.*)$/i.test(host)
}

function checkTool(
  tool: Readonly<Record<string, unknown>>,
  path: Path,
  levels: readonly PolicyLevel[],
): Fault[] {
  const faults = [
    ...versionFault(tool.version, [...path, 'version']),
    ...durationFaults(tool, path, ['timeout'], 1),
  ]
  const { inputSchema, outputSchema } = tool
  faults.push(...inputSchemaFaults(inputSchema, [...path, 'inputSchema']))
  if (tool.returns === 'content' && outputSchema !== undefined) {
    const message = 'an outputSchema describes a value, and the tool returns content'
    const at = [...path, 'outputSchema']
    const mend = 'remove outputSchema, or remove returns'
    faults.push(faultOf('MESH_FIELD_INVALID', at, message, { at: 'key', mend }))
  }
  if (isRecord(outputSchema)) faults.push(...schemaFaults(outputSchema, [...path, 'outputSchema']))
  return [...faults, ...checkDependencies(tool.dependencies, [...path, 'dependencies'], levels)]
}

function duplicateTools(tools: readonly unknown[]): Fault[] {
  const first = new Map<string, number>()
  return tools.flatMap((tool, index) => {
    const { name } = record(tool)
    if (typeof name !== 'string') return []
    const before = first.get(name)
    if (before === undefined) {
      first.set(name, index)
      return []
    }
    const path = ['spec', 'tools', index, 'name']
    const message = `two tools are named "${name}": spec.tools[${before}] and spec.tools[${index}]`
    return [
      faultOf('MESH_TOOL_DUPLICATE', path, message, {
        mend: `write another name, such as ${name}_2`,
      }),
    ]
  })
}
