/**
 * How a tool changed, and which step of its version that asks for: major where a caller that did well may do so no longer,
 * minor where it only gained, patch where nothing but words changed.
 */
import { canonicalSchema } from '../contract/canonical-schema.ts'
import { isSubschema } from '../contract/is-subschema.ts'
import { asSent } from '../contract/sent.ts'
import { canonicalJson } from '../manifest/digest.ts'
import { isRecord, record } from '../manifest/record.ts'
import type { ToolFacts } from '../manifest/tool-digest.ts'
import parse from 'semver/functions/parse.js'

export type Step = 'major' | 'minor' | 'patch' | 'none'

/** One difference; `text` reads after the name of the tool. */
export interface Change {
  step: Step
  text: string
}

const steps: readonly Step[] = ['none', 'patch', 'minor', 'major']

/** Every difference, the worst first. Equal versions are no difference: a version says of the others what they are. */
export function changesOf(before: ToolFacts, after: ToolFacts): Change[] {
  return [
    ...capabilityChange(before, after),
    ...tagChanges(before.tags, after.tags),
    ...inputChanges(before, after),
    ...outputChanges(before, after),
    ...annotationChanges(before, after),
    ...(before.description === after.description
      ? []
      : [{ step: 'patch', text: 'its description changed' } as const]),
  ].sort((a, b) => steps.indexOf(b.step) - steps.indexOf(a.step))
}

/** The greatest step that one of the changes asks for. */
export function stepOf(changes: readonly Change[]): Step {
  return changes.reduce<Step>(
    (most, { step }) => (steps.indexOf(step) > steps.indexOf(most) ? step : most),
    'none',
  )
}

/** The step from one version to another; before 1.0.0 a minor one may break, as semver has it. Undefined where it goes back. */
export function stepBetween(before: string, after: string): Step | undefined {
  const [a, b] = [parse(before), parse(after)]
  if (!a || !b || b.compare(a) < 0) return undefined
  if (a.major !== b.major) return 'major'
  if (a.minor !== b.minor) return a.major === 0 ? 'major' : 'minor'
  if (a.patch !== b.patch) return a.major === 0 ? 'minor' : 'patch'
  return b.compare(a) === 0 ? 'none' : 'major' // between prereleases everything may change
}

/** True where the version says as much as the changes ask for. */
export function isEnough(taken: Step | undefined, asked: Step): boolean {
  return taken !== undefined && steps.indexOf(taken) >= steps.indexOf(asked)
}

/** The least version that says so: `1.2.3` and minor to `1.3.0`. */
export function versionAfter(before: string, step: Step): string {
  const version = parse(before)
  if (!version || step === 'none') return before
  const { major, minor, patch } = version
  if (major === 0) return step === 'major' ? `0.${minor + 1}.0` : `0.${minor}.${patch + 1}`
  if (step === 'major') return `${major + 1}.0.0`
  return step === 'minor' ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`
}

function capabilityChange(before: ToolFacts, after: ToolFacts): Change[] {
  if (before.capability === after.capability) return []
  return [
    { step: 'major', text: `it offers "${after.capability}" in place of "${before.capability}"` },
  ]
}

function tagChanges(before: readonly string[], after: readonly string[]): Change[] {
  const gone = before.filter(tag => !after.includes(tag))
  const added = after.filter(tag => !before.includes(tag))
  return [
    ...gone.map(tag => ({ step: 'major', text: `its tag "${tag}" is gone` }) as const),
    ...added.map(tag => ({ step: 'minor', text: `it has the tag "${tag}" now` }) as const),
  ]
}

function inputChanges(before: ToolFacts, after: ToolFacts): Change[] {
  const [old, now] = [before.inputSchema, after.inputSchema]
  if (canonicalSchema(old) === canonicalSchema(now)) return wordsOf('inputSchema', old, now)
  const gone = namesGone(old, now).map(
    name => ({ step: 'major', text: `its argument "${name}" is gone` }) as const,
  )
  const verdict = isSubschema(asSent(old), now)
  if (gone.length > 0 && verdict.answer !== 'no') return gone
  if (verdict.answer === 'yes')
    return [{ step: 'minor', text: 'it takes all that it took, and more or other' }]
  const at = verdict.at.length === 0 ? '' : ` at "${verdict.at.join('.')}"`
  const found =
    verdict.answer === 'no'
      ? 'it no longer takes all that it took'
      : 'it may no longer take all that it took'
  return [...gone, { step: 'major', text: `${found}: what was sent${at} ${verdict.reason}` }]
}

function outputChanges(before: ToolFacts, after: ToolFacts): Change[] {
  const [old, now] = [before.outputSchema, after.outputSchema]
  if (!old && !now) return []
  if (!now) return [{ step: 'major', text: 'its outputSchema is gone' }]
  if (!old) return [{ step: 'minor', text: 'it has an outputSchema now' }]
  if (canonicalSchema(old) === canonicalSchema(now)) return wordsOf('outputSchema', old, now)
  const gone = namesGone(old, now).map(
    name => ({ step: 'major', text: `the field "${name}" of its result is gone` }) as const,
  )
  // What is gone is told by its name; the rest is read as it is sent.
  const verdict = isSubschema(gone.length > 0 ? asSent(now) : now, old)
  if (gone.length > 0 && verdict.answer !== 'no') return gone
  if (verdict.answer === 'yes') return [{ step: 'minor', text: 'its result says more than it did' }]
  const at = verdict.at.length === 0 ? '' : ` at "${verdict.at.join('.')}"`
  const found =
    verdict.answer === 'no' ? 'its result is not what it was' : 'its result may not be what it was'
  return [...gone, { step: 'major', text: `${found}: it${at} ${verdict.reason}` }]
}

/** Equal but for what people read. */
function wordsOf(side: string, old: object, now: object): Change[] {
  if (canonicalJson(old) === canonicalJson(now)) return []
  return [{ step: 'patch', text: `the words of its ${side} changed` }]
}

/** Properties that were named and are no more, with their path. */
function namesGone(old: unknown, now: unknown, prefix = ''): string[] {
  const [before, after] = [record(record(old).properties), record(record(now).properties)]
  return Object.entries(before).flatMap(([name, schema]) => {
    if (!Object.hasOwn(after, name)) return [`${prefix}${name}`]
    return isRecord(schema) ? namesGone(schema, after[name], `${prefix}${name}.`) : []
  })
}

/** Hints on which the mesh acts: without them a call is not repeated any more. */
function annotationChanges(before: ToolFacts, after: ToolFacts): Change[] {
  return ['readOnlyHint', 'idempotentHint', 'destructiveHint'].flatMap((hint): Change[] => {
    const [old, now] = [before.annotations[hint] === true, after.annotations[hint] === true]
    if (old === now) return []
    const isWorse = hint === 'destructiveHint' ? now : old
    const text = now ? `it says ${hint} now` : `it says ${hint} no more`
    return [{ step: isWorse ? 'major' : 'minor', text }]
  })
}
