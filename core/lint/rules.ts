/** The rules that hold a mesh together: what each is told with where meshlint.yaml does not say otherwise. A rule is one function in one file. */
import type { SetMember } from '../manifest/check-set.ts'
import type { Fault, Path } from '../manifest/fault.ts'
import type { Code } from '../model/codes.ts'
import { ambiguousProviders } from './ambiguous-providers.ts'
import { multipliedAttempts } from './multiplied-attempts.ts'
import { longLists } from './long-lists.ts'
import { longNames } from './long-names.ts'
import { missingCredentials } from './missing-credentials.ts'
import type { MeshView } from './mesh-view.ts'
import { requiredCycles } from './required-cycles.ts'
import { shortBudgets } from './short-budgets.ts'
import { suspectTexts } from './suspect-texts.ts'
import { unfilledDependencies } from './unfilled-dependencies.ts'

/** What a rule is given. */
export interface Scene {
  mesh: MeshView
  /** `file:line:column` of a value of a member, or which agent of the registry it is of. */
  placeOf: (member: SetMember, path: Path) => string
  /** False where a manifest with errors was left out: what it offers would be missed. */
  isWhole: boolean
}

/** A fault, and whose manifest it stands in. */
export interface Finding {
  member: SetMember
  fault: Fault
}

export type Rule = (scene: Scene) => Finding[]

export const rules: readonly Rule[] = [
  unfilledDependencies,
  requiredCycles,
  ambiguousProviders,
  missingCredentials,
  shortBudgets,
  multipliedAttempts,
  longNames,
  longLists,
  suspectTexts,
]

/** Codes that meshlint.yaml may switch: those of the rules, and those of core/manifest/check-set.ts. */
export const switchable: readonly Code[] = [
  'MESH_DEPENDENCY_UNRESOLVED',
  'MESH_VERSION_UNMET',
  'MESH_CONTRACT_MISMATCH',
  'MESH_DEPENDENCY_CYCLE',
  'MESH_PROVIDER_AMBIGUOUS',
  'MESH_CREDENTIAL_MISSING',
  'MESH_BUDGET_EXCEEDED',
  'MESH_ATTEMPTS_MULTIPLIED',
  'MESH_NAME_LONG',
  'MESH_LIST_LONG',
  'MESH_TEXT_HIDDEN',
  'MESH_TEXT_INSTRUCTING',
  'MESH_RETRY_UNSAFE',
  'MESH_ARGUMENT_UNKNOWN',
  'MESH_LOCK_DRIFTED',
  'MESH_STEP_SHORT',
  'MESH_CONSUMER_BROKEN',
]
