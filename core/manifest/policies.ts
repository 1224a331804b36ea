/** Named policies: the shipped ones, read once from manifests/policies, which is the only source of defaults for calls. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CallPolicyManifest } from '../model/generated/manifest.ts'
import { packageFile } from '../model/package-file.ts'
import { parseSource } from './parse.ts'
import { record } from './record.ts'

/** The `spec` of each policy by its name; of those that users write it may have faults, which are told elsewhere. */
export type Policies = ReadonlyMap<string, NamedPolicy>

export interface NamedPolicy {
  name: string
  spec: Readonly<Record<string, unknown>>
  /** `file:line` of its name; undefined for a shipped one. */
  place?: string
  /** As it was given; undefined for a shipped one. */
  file?: string
}

/** The policy under all others. */
export const defaultPolicy = 'default'

let shipped: Policies | undefined

export function shippedPolicies(): Policies {
  shipped ??= readPolicies(packageFile('manifests/policies'))
  return shipped
}

/** The policies that lie under values which start `from` a name, lowest first and `default` the very first. */
export function chainOf(from: unknown, policies: Policies): NamedPolicy[] {
  const chain: NamedPolicy[] = []
  let name = from
  while (typeof name === 'string') {
    const policy = policies.get(name)
    if (!policy || chain.includes(policy)) break // unknown or a circle: both are faults, told where they stand
    chain.unshift(policy)
    name = record(policy.spec).from
  }
  const lowest = policies.get(defaultPolicy)
  return lowest && !chain.includes(lowest) ? [lowest, ...chain] : chain
}

function readPolicies(folder: string): Policies {
  const files = readdirSync(folder).filter(name => name.endsWith('.yaml'))
  return new Map(
    files.map(file => {
      // Ours, and held to the schema by a test.
      const [document] = parseSource(readFileSync(join(folder, file), 'utf8')).documents
      const { metadata, spec } = document?.value as CallPolicyManifest
      const { name } = metadata
      return [name, { name, spec: spec as NamedPolicy['spec'] }]
    }),
  )
}
