/** The meaning of a tool's dependencies: ranges, tag terms, times, and alternatives that agree. */
import minVersion from 'semver/ranges/min-version.js'
import validRange from 'semver/ranges/valid.js'
import { checkExpectation } from './check-expectation.ts'
import { checkOverLevels } from './check-policy.ts'
import type { PolicyLevel } from './effective-policy.ts'
import { faultOf, pathText, type Fault, type Path } from './fault.ts'
import { parseTags } from './parse-tags.ts'
import { list, record } from './record.ts'

/** Faults of `dependencies` of one tool, whose agent has those `policies`. */
export function checkDependencies(
  dependencies: unknown,
  path: Path,
  policies: readonly PolicyLevel[],
): Fault[] {
  return Object.entries(record(dependencies)).flatMap(([name, value]) => {
    const at = [...path, name]
    if (!Array.isArray(value)) return checkDependency(record(value), at, policies)
    const alternatives = list(value).map(record)
    return [
      ...alternatives.flatMap((one, i) => checkDependency(one, [...at, i], policies)),
      ...disagreement(alternatives, at),
    ]
  })
}

function checkDependency(
  dependency: Readonly<Record<string, unknown>>,
  path: Path,
  policies: readonly PolicyLevel[],
): Fault[] {
  return [
    ...rangeFault(dependency.version, [...path, 'version']),
    ...tagFaults(dependency.tags, [...path, 'tags']),
    ...checkExpectation(dependency.expects, [...path, 'expects']),
    ...checkOverLevels(dependency, path, policies),
  ]
}

function rangeFault(range: unknown, path: Path): Fault[] {
  if (typeof range !== 'string' || range === '') return []
  const fault = (message: string, mend: string) => [
    faultOf('MESH_VERSION_INVALID', path, `${pathText(path)} "${range.slice(0, 80)}" ${message}`, {
      mend,
    }),
  ]
  const kind = kindOf(range)
  if (kind === 'none') {
    const numbers = /\d+(\.\d+){0,2}/.exec(range)?.[0]
    const word = /^\s*(latest|any|all|newest)\s*$/i.test(range)
    return fault(
      'is no range of versions',
      word ? 'write "*", or remove the key' : `write a range such as "^${numbers ?? '1.2'}"`,
    )
  }
  if (kind === 'empty')
    return fault(
      'is a range that no version is in',
      'write a range with its lower bound first, such as ">=1.0.0 <2"',
    )
  return []
}

/** Ranges by what was found of them: a mesh writes the same few again and again, and parsing one takes long. */
const ranges = new Map<string, 'sound' | 'none' | 'empty'>()
const MAX_RANGES = 10_000

function kindOf(range: string): 'sound' | 'none' | 'empty' {
  let kind = ranges.get(range)
  if (kind === undefined) {
    kind = validRange(range) === null ? 'none' : isEmpty(range) ? 'empty' : 'sound'
    if (ranges.size >= MAX_RANGES) ranges.clear()
    ranges.set(range, kind)
  }
  return kind
}

function isEmpty(range: string): boolean {
  return range.split('||').every(part => validRange(part) !== null && minVersion(part) === null)
}

/** Faults of a list of tag terms. */
export function tagFaults(tags: unknown, path: Path): Fault[] {
  const terms = list(tags)
  const isSound = (term: unknown) =>
    typeof term === 'string' || (Array.isArray(term) && term.every(t => typeof t === 'string'))
  if (!terms.every(isSound)) return []
  const query = parseTags(terms)
  const faults: Fault[] = []
  const seen = new Map<string, string>()
  terms.forEach((term, index) => {
    const at = [...path, index]
    if (typeof term === 'string') {
      const tag = term.replace(/^[+-]/, '')
      const before = seen.get(tag)
      seen.set(tag, before ?? term)
      if (before === undefined) return
      const [mend, message] =
        before === term
          ? ['remove one of the two', `the tag term "${term}" stands twice`]
          : term.startsWith('-') || before.startsWith('-')
            ? [
                `keep "${before}" or "${term}"`,
                `"${before}" and "${term}" contradict each other: the tag "${tag}" cannot be both there and not there`,
              ]
            : [
                `keep "${tag}"`,
                `"${before}" and "${term}" say the same twice: a tag that must be there need not be preferred`,
              ]
      faults.push(faultOf('MESH_TAG_INVALID', at, message, { mend }))
    } else if (list(term).every(tag => query.excluded.includes(String(tag)))) {
      const message = `nothing can match: every tag of [${list(term).join(', ')}] is excluded by a term of its own`
      faults.push(
        faultOf('MESH_TAG_INVALID', at, message, { mend: `remove "-${String(list(term)[0])}"` }),
      )
    }
  })
  return faults
}

/** Alternatives are one slot: it is required or it is not. */
function disagreement(
  alternatives: readonly Readonly<Record<string, unknown>>[],
  path: Path,
): Fault[] {
  const wanted = alternatives[0]?.required ?? true
  return alternatives.flatMap((alternative, index) => {
    const { required } = alternative
    if (index === 0 || typeof required !== 'boolean' || required === wanted) return []
    const message = `${pathText(path)} is one dependency with several alternatives, and the first says that required is ${JSON.stringify(wanted)}`
    const mend = `remove it here, or write required: ${required} in the first alternative`
    return [faultOf('MESH_FIELD_INVALID', [...path, index, 'required'], message, { mend })]
  })
}
