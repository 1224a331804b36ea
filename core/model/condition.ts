/** Conditions: the observed side of a manifest in the form that Kubernetes uses, one entry a type. */

/**
 * `Degraded` is True where less runs than is wanted though calls are served: an instance is not ready, or a dependency is
 * unfilled.
 */
export type ConditionType = 'Ready' | 'DependenciesResolved' | 'Drifted' | 'Degraded'

export interface Condition {
  type: ConditionType
  status: 'True' | 'False' | 'Unknown'
  /** One word in CamelCase, for programs. */
  reason: string
  /** A sentence that names the cause, for people. */
  message: string
  observedGeneration: number
  /** ISO 8601; changes only when `status` does. */
  lastTransitionTime: string
}

/** The conditions with `next` in place of the one of its type; an unchanged status keeps its transition time. */
export function setCondition(conditions: readonly Condition[], next: Condition): Condition[] {
  const old = conditions.find(c => c.type === next.type)
  const kept = old?.status === next.status ? old.lastTransitionTime : next.lastTransitionTime
  return [...conditions.filter(c => c.type !== next.type), { ...next, lastTransitionTime: kept }]
}
