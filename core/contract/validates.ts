/**
 * Whether a value is valid for a schema, in three answers: what can't be told without running a hostile pattern or
 * following a dynamic reference is undefined, and never guessed. Interpreted, since a value or two are held against
 * each schema and compiling costs more than that. `format` is an annotation, as JSON Schema 2020-12 has it.
 */
import { equalJson } from './equal-json.ts'
import { evaluates } from './evaluated.ts'
import { matches } from './safe-pattern.ts'
import {
  has,
  isObject,
  listOf,
  mapOf,
  numberOf,
  ownValue,
  type Node,
  type Work,
} from './schema-node.ts'
import { every, not, type Tri } from './tri.ts'

/** Whether the value is valid for every one of the schemas. */
export function validForAll(work: Work, nodes: readonly Node[], value: unknown): Tri {
  return every(nodes, node => validates(work, node, value))
}

export function validates(work: Work, node: Node, value: unknown, loop: readonly Node[] = []): Tri {
  work.spend()
  if (typeof node.schema === 'boolean') return node.schema
  if (loop.includes(node)) return undefined // a reference in a circle says nothing
  const inPlace = (at: Node) => validates(work, at, value, [...loop, node])
  return every(
    [
      () => validValue(work, node, value),
      () => (typeof value === 'number' ? validNumber(node, value) : true),
      () => (typeof value === 'string' ? validText(node, value) : true),
      () => (Array.isArray(value) ? validList(work, node, value) : true),
      () => (isObject(value) ? validRecord(work, node, value, inPlace) : true),
      () => validParts(work, node, inPlace),
      () => validRest(work, node, value),
    ],
    check => check(),
  )
}

export function typesOfValue(value: unknown): string[] {
  if (value === null) return ['null']
  if (Array.isArray(value)) return ['array']
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'number'] : ['number']
  return [typeof value]
}

function validValue(work: Work, node: Node, value: unknown): Tri {
  if (!isObject(node.schema)) return true
  const { type } = node.schema
  if (type !== undefined) {
    const types = Array.isArray(type) ? (type as unknown[]) : [type]
    if (!typesOfValue(value).some(each => types.includes(each))) return false
  }
  if (has(node, 'const') && !equalJson(node.schema.const, value)) return false
  return !has(node, 'enum') || work.isListed(node, value)
}

function validNumber(node: Node, value: number): Tri {
  const holds = (keyword: string, test: (limit: number) => boolean) => {
    const limit = numberOf(node, keyword)
    return limit === undefined || test(limit)
  }
  return (
    holds('minimum', limit => value >= limit) &&
    holds('maximum', limit => value <= limit) &&
    holds('exclusiveMinimum', limit => value > limit) &&
    holds('exclusiveMaximum', limit => value < limit) &&
    holds('multipleOf', limit => Number.isInteger(value / limit))
  )
}

function validText(node: Node, value: string): Tri {
  const length = [...value].length
  if (length < (numberOf(node, 'minLength') ?? 0)) return false
  if (length > (numberOf(node, 'maxLength') ?? Infinity)) return false
  const pattern = isObject(node.schema) ? node.schema.pattern : undefined
  return typeof pattern === 'string' ? matches(pattern, value) : true
}

function validList(work: Work, node: Node, value: readonly unknown[]): Tri {
  if (value.length < (numberOf(node, 'minItems') ?? 0)) return false
  if (value.length > (numberOf(node, 'maxItems') ?? Infinity)) return false
  const prefix = listOf(node, 'prefixItems').length
  const items = every(value.entries(), ([i, item]) => {
    if (i < prefix) return validates(work, work.child(node, 'prefixItems', i), item)
    return has(node, 'items') ? validates(work, work.child(node, 'items'), item) : true
  })
  if (items === false) return false
  if (ownValue(node.schema, 'uniqueItems') === true && hasTwins(work, value)) return false
  return every([items, validContains(work, node, value)], each => each)
}

function validContains(work: Work, node: Node, value: readonly unknown[]): Tri {
  if (!has(node, 'contains')) return true
  const found = value.map(item => validates(work, work.child(node, 'contains'), item))
  const sure = found.filter(each => each === true).length
  const possible = found.filter(each => each !== false).length
  const least = numberOf(node, 'minContains') ?? 1
  const most = numberOf(node, 'maxContains') ?? Infinity
  if (possible < least || sure > most) return false
  return sure >= least && possible <= most ? true : undefined
}

export function hasTwins(work: Work, value: readonly unknown[]): boolean {
  return value.some((item, i) => {
    work.spend(i)
    return value.slice(0, i).some(before => equalJson(before, item))
  })
}

function validRecord(
  work: Work,
  node: Node,
  value: Readonly<Record<string, unknown>>,
  inPlace: (node: Node) => Tri,
): Tri {
  const keys = Object.keys(value)
  if (keys.length < (numberOf(node, 'minProperties') ?? 0)) return false
  if (keys.length > (numberOf(node, 'maxProperties') ?? Infinity)) return false
  const required = listOf(node, 'required')
  work.spend(required.length)
  if (required.some(key => typeof key === 'string' && !Object.hasOwn(value, key))) return false
  for (const [key, others] of Object.entries(mapOf(node, 'dependentRequired'))) {
    if (!Object.hasOwn(value, key) || !Array.isArray(others)) continue
    if (others.some(other => !Object.hasOwn(value, String(other)))) return false
  }
  const dependent = Object.keys(mapOf(node, 'dependentSchemas')).filter(k =>
    Object.hasOwn(value, k),
  )
  return every(
    [
      every(keys, key => validProperty(work, node, key, value[key])),
      every(dependent, key => inPlace(work.child(node, 'dependentSchemas', key))),
    ],
    each => each,
  )
}

function validProperty(work: Work, node: Node, key: string, value: unknown): Tri {
  const checks: Tri[] = []
  let isCovered: Tri = false
  if (has(node, 'propertyNames'))
    checks.push(validates(work, work.child(node, 'propertyNames'), key))
  if (Object.hasOwn(mapOf(node, 'properties'), key)) {
    isCovered = true
    checks.push(validates(work, work.child(node, 'properties', key), value))
  }
  for (const pattern of Object.keys(mapOf(node, 'patternProperties'))) {
    work.spend()
    const isMatch = matches(pattern, key)
    if (isMatch === false) continue
    const check = validates(work, work.child(node, 'patternProperties', pattern), value)
    checks.push(isMatch === undefined && check === false ? undefined : check)
    if (isCovered !== true) isCovered = isMatch
  }
  if (has(node, 'additionalProperties') && isCovered !== true) {
    const check = validates(work, work.child(node, 'additionalProperties'), value)
    checks.push(isCovered === undefined && check === false ? undefined : check)
  }
  return every(checks, each => each)
}

/** Schemas that speak of the same value. */
function validParts(work: Work, node: Node, inPlace: (node: Node) => Tri): Tri {
  const parts = (keyword: string) =>
    listOf(node, keyword).map((_, i) => inPlace(work.child(node, keyword, i)))
  const checks: Tri[] = parts('allOf')
  if (has(node, '$dynamicRef')) checks.push(undefined)
  if (has(node, '$ref')) {
    const target = work.target(node)
    checks.push(target && inPlace(target))
  }
  if (has(node, 'anyOf')) checks.push(not(every(parts('anyOf'), not)))
  if (has(node, 'oneOf')) {
    const found = parts('oneOf')
    const sure = found.filter(each => each === true).length
    const isOpen = found.includes(undefined)
    checks.push(sure > 1 ? false : isOpen ? undefined : sure === 1)
  }
  if (has(node, 'not')) checks.push(not(inPlace(work.child(node, 'not'))))
  if (has(node, 'if')) {
    const test = inPlace(work.child(node, 'if'))
    const branch = (keyword: string) =>
      has(node, keyword) ? inPlace(work.child(node, keyword)) : true
    if (test !== undefined) checks.push(branch(test ? 'then' : 'else'))
    else checks.push(branch('then') === true && branch('else') === true ? true : undefined)
  }
  return every(checks, each => each)
}

/** What no part speaks of, where that can be told: undefined is said freely, since such schemas are rare. */
function validRest(work: Work, node: Node, value: unknown): Tri {
  if (has(node, 'unevaluatedItems') && Array.isArray(value) && value.length > 0) return undefined
  if (!has(node, 'unevaluatedProperties') || !isObject(value)) return true
  const isValidPart = (part: Node) => validates(work, part, value)
  return every(Object.keys(value), key => {
    const rest = validates(work, work.child(node, 'unevaluatedProperties'), value[key])
    if (rest === true) return true
    const isEvaluated = evaluates(work, node, key, isValidPart)
    if (isEvaluated === true) return true
    return isEvaluated === false && rest === false ? false : undefined
  })
}
