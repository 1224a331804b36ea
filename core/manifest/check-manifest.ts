/**
 * A manifest that came over the wire, checked as one from a file is, except for what stands beside the file: handlers
 * are not looked at, and a schema may refer to no file.
 */
import type { Agent } from '../model/agent.ts'
import type { AgentManifest } from '../model/generated/manifest.ts'
import type { ManifestFault } from '../model/registry-api.ts'
import { checkMeaning } from './check.ts'
import { faultOf, type Fault } from './fault.ts'
import { lower } from './lower.ts'
import { maxDepth } from './parse.ts'
import { validateShape } from './validate.ts'

export type CheckedManifest =
  { agent: Agent; manifest: AgentManifest; faults?: undefined } | { faults: ManifestFault[] }

/** The manifest with its agent, or every fault of it. Takes Agents only, and nothing that is nested too deep. */
export function checkManifest(value: unknown): CheckedManifest {
  if (isDeeperThan(value, maxDepth)) {
    const message = `the manifest is nested deeper than ${maxDepth} levels`
    return { faults: [wire(faultOf('MESH_MANIFEST_TOO_LARGE', [], message))] }
  }
  const { kind, faults } = validateShape(value)
  if (kind === 'CallPolicy') {
    const message = 'kind CallPolicy is no agent'
    return {
      faults: [wire(faultOf('MESH_KIND_UNKNOWN', ['kind'], message, { mend: 'write Agent' }))],
    }
  }
  const all = kind ? [...faults, ...checkMeaning(value, kind)] : faults
  if (all.some(fault => fault.severity === 'error')) return { faults: all.map(wire) }
  const manifest = value as AgentManifest
  return { agent: lower(manifest), manifest }
}

function wire({ code, message, mend, path }: Fault): ManifestFault {
  return { code, message, mend, path: [...path] }
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some(child => isDeeperThan(child, depth - 1))
}
