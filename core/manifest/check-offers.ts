/**
 * The meaning of resources and prompts: each has one source, no two share a name or URI, what completions and texts name is
 * there, and dependencies have a handler to be given to. Tolerant of parts that the schema already found fault with.
 */
import { keyOf } from '../model/consumer.ts'
import { checkDependencies } from './check-dependency.ts'
import { durationFaults } from './check-values.ts'
import type { PolicyLevel } from './effective-policy.ts'
import { faultOf, pathText, type Fault, type Path } from './fault.ts'
import { isRecord, list, record } from './record.ts'
import { nearest } from './suggest.ts'
import { templateFault, variablesOf } from './uri-template.ts'

type Values = Readonly<Record<string, unknown>>

/** Faults of an agent's resources and prompts; `levels` is what lies under the policies of their dependencies. */
export function checkOffers(spec: Values, levels: readonly PolicyLevel[]): Fault[] {
  const resources = list(spec.resources).map(record)
  const prompts = list(spec.prompts).map(record)
  return [
    ...(isRecord(spec.cache) ? durationFaults(spec.cache, ['spec', 'cache'], ['ttl'], 0) : []),
    ...(spec.server === undefined ? [] : besideServer(spec)),
    ...resources.flatMap((one, i) => resourceFaults(one, ['spec', 'resources', i])),
    ...duplicates(resources, 'resources', ['uri', 'uriTemplate']),
    ...prompts.flatMap((one, i) => promptFaults(one, ['spec', 'prompts', i])),
    ...duplicates(prompts, 'prompts', ['name']),
    ...resources.flatMap((one, i) => slotFaults(one, ['spec', 'resources', i], levels)),
    ...prompts.flatMap((one, i) => slotFaults(one, ['spec', 'prompts', i], levels)),
    ...sharedKeys(resources),
  ]
}

function besideServer(spec: Values): Fault[] {
  return ['resources', 'prompts']
    .filter(key => key in spec)
    .map(key => {
      const message = `spec.${key} stands beside spec.server; what the wrapped server offers is all that is served`
      const mend = `remove it, or offer them by an agent of their own`
      return faultOf('MESH_FIELD_INVALID', ['spec', key], message, { at: 'key', mend })
    })
}

function resourceFaults(resource: Values, path: Path): Fault[] {
  const { uri, uriTemplate, complete, cache } = resource
  const faults = [
    ...oneOf(resource, path, ['uri', 'uriTemplate'], 'uri: docs://readme'),
    ...oneOf(resource, path, ['file', 'text', 'handler'], 'file: ./README.md'),
    ...(isRecord(cache) ? durationFaults(cache, [...path, 'cache'], ['ttl'], 0) : []),
  ]
  const at = [...path, 'uriTemplate']
  if (typeof uriTemplate === 'string') {
    const fault = templateFault(uriTemplate)
    const mend = 'write a template such as users://{id}/profile'
    if (fault !== undefined)
      return [...faults, faultOf('MESH_FIELD_INVALID', at, `${pathText(at)} ${fault}`, { mend })]
    if ('handler' in resource === false && ('file' in resource || 'text' in resource)) {
      const message = `${pathText(at)} has variables, which a file or text makes no use of`
      const mend = 'write a handler, or a uri in place of the uriTemplate'
      faults.push(faultOf('MESH_FIELD_INVALID', at, message, { at: 'key', mend }))
    }
  }
  const known = typeof uriTemplate === 'string' ? variablesOf(uriTemplate) : []
  const where = `a variable of ${typeof uriTemplate === 'string' ? `"${uriTemplate}"` : String(uri)}`
  return [...faults, ...unknownKeys(complete, [...path, 'complete'], known, where)]
}

function promptFaults(prompt: Values, path: Path): Fault[] {
  const faults = oneOf(prompt, path, ['text', 'handler'], 'text: Review {{code}}')
  const names = list(prompt.arguments).map(one => record(one).name)
  names.forEach((name, i) => {
    if (typeof name !== 'string' || names.indexOf(name) === i) return
    const at = [...path, 'arguments', i, 'name']
    const message = `two arguments of the prompt are named "${name}"`
    faults.push(faultOf('MESH_OFFER_DUPLICATE', at, message, { mend: `write ${name}_2` }))
  })
  if (typeof prompt.text !== 'string') return faults
  const known = names.filter(name => typeof name === 'string')
  for (const [part, name = ''] of prompt.text.matchAll(/\{\{([^{}]*)\}\}/g)) {
    if (known.includes(name)) continue
    const message = `the text names "${part}", and the prompt has no argument "${name}"`
    const near = nearest(name, known)
    const mend = near === undefined ? `add { name: ${name} } to arguments` : `write {{${near}}}`
    faults.push(faultOf('MESH_FIELD_INVALID', [...path, 'text'], message, { mend, part }))
  }
  return faults
}

/** Faults of the dependencies of a resource or a prompt. */
function slotFaults(offer: Values, path: Path, levels: readonly PolicyLevel[]): Fault[] {
  if (!isRecord(offer.dependencies)) return []
  const at = [...path, 'dependencies']
  const completions = [
    ...Object.values(record(offer.complete)),
    ...list(offer.arguments).map(one => record(one).complete),
  ]
  const isUsed = 'handler' in offer || completions.some(one => typeof one === 'string')
  const faults = checkDependencies(offer.dependencies, at, levels)
  if (isUsed || Object.keys(offer.dependencies).length === 0) return faults
  const message = `${pathText(at)} has no handler to be given to`
  const mend = 'remove it, or write a handler'
  return [faultOf('MESH_FIELD_INVALID', at, message, { at: 'key', mend }), ...faults]
}

/** The mesh knows a resource with dependencies by its name; URIs tell all others apart. */
function sharedKeys(resources: readonly Values[]): Fault[] {
  const first = new Map<string, number>()
  return resources.flatMap(({ name, dependencies }, index) => {
    if (typeof name !== 'string' || Object.keys(record(dependencies)).length === 0) return []
    const before = first.get(name)
    if (before === undefined) {
      first.set(name, index)
      return []
    }
    const path = ['spec', 'resources', index, 'name']
    const message = `two resources with dependencies are named "${name}", and the mesh knows both as "${keyOf('resource', name)}": spec.resources[${before}] and spec.resources[${index}]`
    return [faultOf('MESH_OFFER_DUPLICATE', path, message, { mend: `write ${name}_2` })]
  })
}

/** Exactly one of the keys has to be there. */
function oneOf(values: Values, path: Path, keys: readonly string[], example: string): Fault[] {
  const given = keys.filter(key => key in values)
  const [first, second] = given
  if (first === undefined) {
    const message = `${pathText(path)} has neither ${keys.slice(0, -1).join(', ')} nor ${keys.at(-1)}`
    return [faultOf('MESH_FIELD_MISSING', path, message, { mend: `add ${example}` })]
  }
  if (second === undefined) return []
  const message = `${pathText(path)} has ${given.join(' and ')}; it takes one of them`
  const mend = `remove ${first}, or remove ${second}`
  return [faultOf('MESH_FIELD_INVALID', [...path, second], message, { at: 'key', mend })]
}

function unknownKeys(value: unknown, path: Path, known: readonly string[], what: string): Fault[] {
  return Object.keys(record(value))
    .filter(key => !known.includes(key))
    .map(key => {
      const near = nearest(key, known)
      const mend = near === undefined ? 'remove it' : `write ${near}`
      const message = `"${key}" is not ${what}`
      return faultOf('MESH_FIELD_INVALID', [...path, key], message, { at: 'key', mend })
    })
}

function duplicates(values: readonly Values[], kind: string, keys: readonly string[]): Fault[] {
  const first = new Map<string, number>()
  return values.flatMap((value, index) =>
    keys.flatMap(key => {
      const text = value[key]
      if (typeof text !== 'string') return []
      const before = first.get(text)
      if (before === undefined) {
        first.set(text, index)
        return []
      }
      const path = ['spec', kind, index, key]
      const message = `two ${kind} have the ${key} "${text}": spec.${kind}[${before}] and spec.${kind}[${index}]`
      return [faultOf('MESH_OFFER_DUPLICATE', path, message, { mend: `write another ${key}` })]
    }),
  )
}
