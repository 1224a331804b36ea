/** The meaning of what a gateway shows: tag terms that choose, and no entry that an earlier one leaves nothing to. */
import { tagFaults } from './check-dependency.ts'
import { faultOf, pathText, type Fault, type Path } from './fault.ts'
import { list, record } from './record.ts'

type Values = Readonly<Record<string, unknown>>

/** Faults of `expose` in the spec of a gateway. */
export function checkExposures(spec: Values): Fault[] {
  const exposures = list(spec.expose).map(record)
  return exposures.flatMap((exposure, index) => {
    const path = ['spec', 'expose', index]
    return [
      ...listFaults(exposure, path),
      ...tagFaults(exposure.tags, [...path, 'tags']),
      ...preferenceFaults(list(exposure.tags), [...path, 'tags']),
      ...unreachedFault(exposures, index, path),
      ...pinnedFault(exposure, spec, path),
    ]
  })
}

/** A name that stands twice, and names beside the `*` that is all of them. */
function listFaults(exposure: Values, path: Path): Fault[] {
  return ['namespaces', 'agents', 'capabilities'].flatMap(field => {
    const names = list(exposure[field])
    return names.flatMap((name, index) => {
      if (typeof name !== 'string') return []
      const at = [...path, field, index]
      const isTwice = names.indexOf(name) < index
      if (!isTwice && (field !== 'namespaces' || name === '*' || !names.includes('*'))) return []
      const message = isTwice
        ? `"${name}" stands twice in ${pathText([...path, field])}`
        : `"*" is every namespace, "${name}" among them`
      const mend = isTwice ? 'remove one of the two' : `remove "${name}", or remove "*"`
      return [faultOf('MESH_FIELD_INVALID', at, message, { mend })]
    })
  })
}

/** Of tools that are all shown none is preferred. */
function preferenceFaults(terms: readonly unknown[], path: Path): Fault[] {
  return terms.flatMap((term, index) => {
    if (typeof term !== 'string' || !term.startsWith('+')) return []
    const tag = term.slice(1)
    const message = `"${term}" prefers a tag, and a gateway shows a tool or does not`
    const mend = `write ${tag} where the tag must be there, or remove it`
    return [faultOf('MESH_TAG_INVALID', [...path, index], message, { mend })]
  })
}

/** Without a search all tools are listed. */
function pinnedFault({ pinned }: Values, { search = false }: Values, path: Path): Fault[] {
  if (pinned !== true || search !== false) return []
  const message = `${pathText(path)} is pinned, and without spec.search every tool is listed`
  const mend = 'add search: true to spec, or remove pinned'
  return [faultOf('MESH_FIELD_INVALID', [...path, 'pinned'], message, { mend })]
}

/** All that it matches an earlier entry has matched: what it says itself would never hold. */
function unreachedFault(exposures: readonly Values[], index: number, path: Path): Fault[] {
  const own = exposures[index] ?? {}
  const earlier = exposures.findIndex((other, i) => i < index && covers(other, own))
  if (earlier < 0) return []
  const message = `${pathText(path)} is never reached: spec.expose[${earlier}] matches all that it does`
  const mend = `remove it, or move it before spec.expose[${earlier}]`
  return [faultOf('MESH_EXPOSURE_UNREACHED', path, message, { mend })]
}

/** Certainly; where it depends on what the tags of tools are, it is not said. */
function covers(wide: Values, narrow: Values): boolean {
  const terms = list(narrow.tags).map(term => JSON.stringify(term))
  return (
    namespacesOf(narrow).every(name => namespacesOf(wide).some(all => [name, '*'].includes(all))) &&
    includesAll(wide.agents, narrow.agents) &&
    includesAll(wide.capabilities, narrow.capabilities) &&
    list(wide.tags).every(term => terms.includes(JSON.stringify(term)))
  )
}

/** Left out, it is the gateway's own, which has no name here. */
const namespacesOf = ({ namespaces }: Values) =>
  namespaces === undefined ? [''] : list(namespaces)

function includesAll(wide: unknown, narrow: unknown): boolean {
  if (wide === undefined) return true
  return narrow !== undefined && list(narrow).every(name => list(wide).includes(name))
}
