/**
 * A manifest that came over the wire, checked as one from a file is, except for what stands beside the file: handlers
 * are not looked at, and a schema may refer to no file.
 */
import type { Agent } from '../model/agent.ts'
import type { Manifest } from '../model/manifest.ts'
import type { ManifestFault } from '../model/registry-api.ts'
import { checkMeaning } from './check.ts'
import { faultOf, type Fault } from './fault.ts'
import { inlinePolicies } from './inline-policies.ts'
import { lower } from './lower.ts'
import { maxDepth } from './parse.ts'
import { shippedPolicies, type Policies } from './policies.ts'
import { validateShape } from './validate.ts'

export type CheckedManifest =
  { agent: Agent; manifest: Manifest; faults?: undefined } | { faults: ManifestFault[] }

/**
 * The manifest with its agent, or every fault of it. Takes Agents only, and nothing that is nested too deep. What it names
 * of `policies` stands in it as values then; the registry and instances know the shipped ones only.
 */
export function checkManifest(
  value: unknown,
  policies: Policies = shippedPolicies(),
): CheckedManifest {
  if (isDeeperThan(value, maxDepth)) {
    const message = `the manifest is nested deeper than ${maxDepth} levels`
    return { faults: [wire(faultOf('MESH_MANIFEST_TOO_LARGE', [], message))] }
  }
  const { kind, faults } = validateShape(value)
  if (kind === 'CallPolicy') {
    const message =
      'kind CallPolicy is no agent: a policy takes effect with the agents that name it, as values in them'
    return {
      faults: [
        wire(
          faultOf('MESH_KIND_UNKNOWN', ['kind'], message, {
            mend: 'send the agents that name it',
          }),
        ),
      ],
    }
  }
  const all = kind ? [...faults, ...checkMeaning(value, kind, policies)] : faults
  if (all.some(fault => fault.severity === 'error')) return { faults: all.map(wire) }
  const manifest = inlinePolicies(value as Manifest, policies)
  return { agent: lower(manifest), manifest }
}

function wire({ code, message, mend, path }: Fault): ManifestFault {
  return { code, message, mend, path: [...path] }
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some(child => isDeeperThan(child, depth - 1))
}
