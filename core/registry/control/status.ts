/** The observed side of an agent: phase and conditions, each with a reason and a message that names the cause. */
import { setCondition, type Condition } from '../../model/condition.ts'
import type { AgentPhase, Resolution } from '../../model/registry-api.ts'
import type { AgentEntry, Desired } from './desired.ts'
import type { Instance, Serving } from './mesh-index.ts'

type Verdict = Pick<Condition, 'status' | 'reason' | 'message'>

/** Status of an entry that is wanted; `now` is ISO 8601. */
export function statusOf(entry: AgentEntry, desired: Desired, now: string): AgentEntry['status'] {
  const instances = [...entry.instances]
  const unresolved = servingOf(entry)?.slots.filter(({ resolution }) => isOpen(resolution)) ?? []
  const open = unresolved.map(slot => slot.resolution)
  const verdicts = {
    DependenciesResolved: dependenciesVerdict(entry, open),
    Drifted: driftVerdict(instances, desired),
    Ready: readyVerdict(instances, open),
    Degraded: degradedVerdict(instances, open),
  }
  let { conditions } = entry.status
  for (const type of ['Ready', 'DependenciesResolved', 'Drifted', 'Degraded'] as const) {
    conditions = setCondition(conditions, {
      type,
      ...verdicts[type],
      observedGeneration: desired.generation,
      lastTransitionTime: now,
    })
  }
  return {
    phase: phaseOf(instances, verdicts),
    observedGeneration: Math.min(...generationsOf(instances)),
    conditions,
  }
}

/** The manifest that is told of: the desired one if an instance serves it. */
export function servingOf({ instances, desired }: AgentEntry): Serving | undefined {
  const servings = [...instances].map(instance => instance.serving)
  return servings.find(serving => serving.digest === desired?.digest) ?? servings[0]
}

function isOpen(resolution: Resolution): boolean {
  return resolution.endpoints.length === 0
}

function generationsOf(instances: readonly Instance[]): number[] {
  const observed = instances
    .filter(instance => instance.state !== 'draining')
    .map(instance => instance.observedGeneration)
  return observed.length > 0 ? observed : [0]
}

function phaseOf(
  instances: readonly Instance[],
  { Ready, Drifted }: Record<'Ready' | 'Drifted', Verdict>,
): AgentPhase {
  if (instances.length === 0) return 'Offline'
  if (Ready.status === 'False') return 'Degraded'
  return Drifted.status === 'True' ? 'Drifted' : 'Ready'
}

function readyVerdict(instances: readonly Instance[], open: readonly Resolution[]): Verdict {
  if (instances.length === 0) {
    return { status: 'False', reason: 'NoInstance', message: 'no instance runs' }
  }
  const ready = instances.filter(instance => instance.state === 'ready')
  if (ready.length === 0) {
    const message = instances.map(stateText).join(', ')
    return { status: 'False', reason: 'NoInstanceReady', message }
  }
  const required = open.filter(resolution => resolution.required)
  if (required.length > 0) {
    return { status: 'False', reason: openReason(required), message: openText(required) }
  }
  const message = `${ready.length} of ${instances.length} instances ready`
  return { status: 'True', reason: 'InstancesReady', message }
}

/** Who leaves on purpose takes nothing away. */
function degradedVerdict(instances: readonly Instance[], open: readonly Resolution[]): Verdict {
  const staying = instances.filter(({ state }) => state !== 'draining')
  if (staying.length === 0) {
    return { status: 'True', reason: 'NoInstance', message: 'no instance runs' }
  }
  const missing = staying.filter(({ state }) => state !== 'ready')
  if (missing.length > 0) {
    const message = missing.map(stateText).join(', ')
    return { status: 'True', reason: 'InstancesNotReady', message }
  }
  if (open.length > 0) {
    return { status: 'True', reason: openReason(open), message: openText(open) }
  }
  const message = 'every instance is ready and every dependency resolved'
  return { status: 'False', reason: 'AsWanted', message }
}

function dependenciesVerdict(entry: AgentEntry, open: readonly Resolution[]): Verdict {
  const serving = servingOf(entry)
  if (!serving) return { status: 'Unknown', reason: 'NoInstance', message: 'no instance runs' }
  if (open.length > 0) {
    const isRequired = open.some(resolution => resolution.required)
    const reason = isRequired ? 'RequiredUnresolved' : 'OptionalUnresolved'
    return { status: 'False', reason: openReason(open, reason), message: openText(open) }
  }
  const count = serving.slots.length
  if (count === 0) return { status: 'True', reason: 'NoDependencies', message: 'it has none' }
  return { status: 'True', reason: 'Resolved', message: `${count} of ${count} are resolved` }
}

function openText(open: readonly Resolution[]): string {
  return open.map(r => `${r.tool}/${r.dependency}: ${r.reason ?? 'unresolved'}`).join('; ')
}

/** One that would be filled but for mesh.lock has a reason of its own. */
function openReason(open: readonly Resolution[], other = 'DependencyUnresolved'): string {
  return open.some(({ code }) => code === 'MESH_LOCK_DRIFTED') ? 'LockDrifted' : other
}

function driftVerdict(instances: readonly Instance[], desired: Desired): Verdict {
  const others = instances.filter(
    ({ state, serving }) => state === 'ready' && serving.digest !== desired.digest,
  )
  const drifted = others.filter(({ drift }) => drift?.generation === desired.generation)
  if (drifted.length > 0) {
    const message = drifted.map(({ id, drift }) => `${id}: ${drift?.reason}`).join('; ')
    return { status: 'True', reason: 'CannotFollow', message }
  }
  const names = others.map(({ id }) => id).join(', ')
  if (others.length === 0) {
    const message = `every instance serves generation ${desired.generation}`
    return { status: 'False', reason: 'InSync', message }
  }
  if (desired.origin === 'announced') {
    const message = `${names} serves another manifest than the first instance announced`
    return { status: 'True', reason: 'OtherManifest', message }
  }
  const message = `${names} has not taken generation ${desired.generation} yet`
  return { status: 'Unknown', reason: 'Following', message }
}

function stateText({ id, state, unhealthy }: Instance): string {
  return unhealthy ? `${id} is ${state} (${unhealthy.reason})` : `${id} is ${state}`
}
