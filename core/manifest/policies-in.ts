/** The policies that a set of files describes, so that every agent of the set may name them, wherever it stands. */
import { resolve, sep } from 'node:path'
import { packageFile } from '../model/package-file.ts'
import { checkMeaning } from './check.ts'
import { faultOf, type Fault } from './fault.ts'
import { parseSource, type Source, type SourceDocument } from './parse.ts'
import { shippedPolicies, type NamedPolicy, type Policies } from './policies.ts'
import { spanOf } from './positions.ts'
import { isRecord, record } from './record.ts'
import { validateShape } from './validate.ts'

/** A file of the set, as text. */
export interface PolicyText {
  /** As it was given. */
  file: string
  /** As people are shown it. */
  name: string
  text: string
}

/** The shipped policies and those of the files. Of two with one name the first counts; policyFaults tells the other. */
export function policiesIn(texts: Iterable<PolicyText>): Policies {
  const found = new Map(shippedPolicies())
  for (const { file, name, text } of texts) {
    // Most files describe agents only, and parsing them costs more than all else here.
    if (!text.includes('CallPolicy') || isShipped(file)) continue
    const source = parseSource(text)
    for (const document of source.documents) {
      const policy = policyOf(document)
      if (policy && !found.has(policy.name))
        found.set(policy.name, { ...policy, file, place: placeOf(document, source, name) })
    }
  }
  return found
}

/** What is wrong with the name of a policy in that file: it is taken, by another or by a shipped one. */
export function policyFaults(
  document: SourceDocument,
  source: Source,
  at: { file: string; name: string; policies: Policies },
): Fault[] {
  const policy = policyOf(document)
  const known = policy && at.policies.get(policy.name)
  if (!known || isShipped(at.file)) return []
  if (known.file === at.file && known.place === placeOf(document, source, at.name)) return []
  const where =
    known.place === undefined ? 'is a shipped one' : `is described already, at ${known.place}`
  const message = `the policy "${policy.name}" ${where}`
  const mend = `write another name, such as my-${policy.name}`
  return [faultOf('MESH_POLICY_DUPLICATE', ['metadata', 'name'], message, { mend })]
}

/** Every error of a document of kind CallPolicy. */
export function checkPolicyDocument(
  document: SourceDocument,
  source: Source,
  at: { file: string; name: string; policies: Policies },
): Fault[] {
  const { value } = document
  const faults = [
    ...validateShape(value).faults,
    ...checkMeaning(value, 'CallPolicy', at.policies),
    ...policyFaults(document, source, at),
  ]
  return faults.filter(({ severity }) => severity === 'error')
}

function policyOf({ value }: SourceDocument): NamedPolicy | undefined {
  if (!isRecord(value) || value.kind !== 'CallPolicy') return undefined
  const { name } = record(value.metadata)
  return typeof name === 'string' ? { name, spec: record(value.spec) } : undefined
}

/** `file:line` of the policy's name. */
function placeOf({ document }: SourceDocument, source: Source, name: string): string {
  const { start } = spanOf(document, source.text, { path: ['metadata', 'name'], at: 'value' })
  return `${name}:${source.lines.linePos(start).line}`
}

/** Who checks the shipped files has not described them a second time. */
function isShipped(file: string): boolean {
  return resolve(file).startsWith(packageFile('manifests/policies') + sep)
}
