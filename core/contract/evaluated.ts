/** Which property names a schema, or one that stands in its place, speaks of: what `unevaluatedProperties` leaves over. */
import { matches } from './safe-pattern.ts'
import { has, isObject, listOf, mapOf, type Node, type Work } from './schema-node.ts'
import { every, not, type Tri } from './tri.ts'

/** Stands for any name that no schema lists. */
export const unnamed = '\u0000'

/** Whether the name is spoken of where `isValidPart` says which parts the value is valid for. */
export function evaluates(
  work: Work,
  node: Node,
  key: string,
  isValidPart: (part: Node) => Tri,
): Tri {
  return speaksOf({ work, key, isValidPart, loop: [] }, node)
}

interface Question {
  work: Work
  key: string
  isValidPart: (part: Node) => Tri
  /** Schemas that are being asked: one that refers to itself says nothing more. */
  loop: readonly Node[]
}

function speaksOf({ work, key, isValidPart, loop }: Question, node: Node): Tri {
  work.spend()
  if (!isObject(node.schema) || loop.includes(node)) return false
  if (has(node, '$dynamicRef')) return undefined
  if (loop.length > 0 && has(node, 'unevaluatedProperties')) return true
  if (has(node, 'additionalProperties') || Object.hasOwn(mapOf(node, 'properties'), key))
    return true
  const patterns = Object.keys(mapOf(node, 'patternProperties')).map(each =>
    key === unnamed ? undefined : matches(each, key),
  )
  const below = inPlaceOf(work, node).map(({ part, counts }) => {
    const found = speaksOf({ work, key, isValidPart, loop: [...loop, node] }, part)
    if (found === false || counts === 'always') return found
    return counts === 'when valid' ? every([found, isValidPart(part)], each => each) : undefined
  })
  return not(every([...patterns, ...below], not))
}

/** Whether the name could be spoken of for some value. */
export function mayEvaluate(work: Work, node: Node, key: string): boolean {
  return evaluates(work, node, key, () => undefined) !== false
}

interface InPlace {
  part: Node
  /** Whether it has its say for every valid value, for those valid for it, or for what only the value can tell. */
  counts: 'always' | 'when valid' | 'sometimes'
}

/** The schemas that speak of the same value. */
export function inPlaceOf(work: Work, node: Node): InPlace[] {
  const target = has(node, '$ref') ? work.target(node) : undefined
  const found: InPlace[] = target ? [{ part: target, counts: 'always' }] : []
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const counts = keyword === 'allOf' ? 'always' : 'when valid'
    listOf(node, keyword).forEach((_, i) =>
      found.push({ part: work.child(node, keyword, i), counts }),
    )
  }
  if (has(node, 'if')) found.push({ part: work.child(node, 'if'), counts: 'when valid' })
  for (const keyword of ['then', 'else']) {
    if (has(node, keyword)) found.push({ part: work.child(node, keyword), counts: 'sometimes' })
  }
  for (const key of Object.keys(mapOf(node, 'dependentSchemas'))) {
    found.push({ part: work.child(node, 'dependentSchemas', key), counts: 'sometimes' })
  }
  return found
}
