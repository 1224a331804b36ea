/** The shipped policies, read once from manifests/policies: the only source of defaults for how calls behave. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { CallPolicyManifest, CallPolicySpec } from '../model/generated/manifest.ts'
import { packageFile } from '../model/package-file.ts'
import { record } from './record.ts'

let shipped: ReadonlyMap<string, CallPolicySpec> | undefined

/** Policies by name. */
export function shippedPolicies(): ReadonlyMap<string, CallPolicySpec> {
  shipped ??= readPolicies(packageFile('manifests/policies'))
  return shipped
}

/** Values of `policy` over those of the shipped policy `default`. An unknown name gives the defaults. */
export function effectivePolicy(
  policy: string | CallPolicySpec | undefined,
): Required<CallPolicySpec> {
  const named = typeof policy === 'string' ? shippedPolicies().get(policy) : policy
  const { timeout, deadline } = { ...shippedPolicies().get('default'), ...named }
  if (!timeout || !deadline) throw new Error('the shipped policy "default" lacks a value')
  return { timeout, deadline }
}

/** The same for a policy that may have faults: values that are no text are passed over. */
export function checkedDefaults(policy: unknown): Required<CallPolicySpec> {
  if (typeof policy === 'string') return effectivePolicy(policy)
  const texts = Object.entries(record(policy)).filter(([, value]) => typeof value === 'string')
  return effectivePolicy(Object.fromEntries(texts))
}

function readPolicies(folder: string): ReadonlyMap<string, CallPolicySpec> {
  const files = readdirSync(folder).filter(name => name.endsWith('.yaml'))
  return new Map(
    files.map(name => {
      // Ours, and held to the schema by a test.
      const policy = parse(readFileSync(join(folder, name), 'utf8')) as CallPolicyManifest
      return [policy.metadata.name, policy.spec]
    }),
  )
}
