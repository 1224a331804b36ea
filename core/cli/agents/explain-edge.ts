/** How the calls of a dependency behave, field by field, and where each value stands: in the registry or in files. */
import { readFile } from 'node:fs/promises'
import { durationOf } from '../../manifest/check-values.ts'
import {
  agentLevels,
  effective,
  inReadingOrder,
  type EffectivePolicy,
  type PolicyLevel,
} from '../../manifest/effective-policy.ts'
import type { Path } from '../../manifest/fault.ts'
import { parseSource } from '../../manifest/parse.ts'
import { shippedPolicies } from '../../manifest/policies.ts'
import { spanOf } from '../../manifest/positions.ts'
import { record } from '../../manifest/record.ts'
import { flow } from '../../manifest/shape-words.ts'
import { consumersIn, textOf } from '../../model/consumer.ts'
import type { Manifest } from '../../model/manifest.ts'
import type { Context } from '../command.ts'
import { oneAgent } from './one-agent.ts'
import { load } from '../manifests/faults.ts'
import { missing } from '../line/nearest.ts'

/** Of one dependency; `policy` has the fields in the order in which people read them. */
export interface ExplainedEdge {
  agent: string
  tool: string
  dependency: string
  alternatives: { capability: string; version: string; policy: ExplainedField[] }[]
}

export interface ExplainedField {
  field: string
  value: unknown
  from: string
}

type Edge = Pick<ExplainedEdge, 'agent' | 'tool' | 'dependency'>

/** What is looked at: the spec, what lies under its dependencies, and where a path of the manifest stands. */
interface Subject {
  spec: Manifest['spec']
  levels: readonly PolicyLevel[]
  /** `, mesh.yaml:14`, or nothing where no file is read. */
  placeOf: (path: Path) => string
}

/** Throws MESH_RESOURCE_MISSING with the nearest name for what is not there. */
export async function explainEdge(
  edge: Edge,
  files: readonly string[],
  context: Context,
): Promise<ExplainedEdge> {
  const { agent, tool: key, dependency } = edge
  const subject = await (files.length > 0
    ? subjectInFiles(agent, files, context)
    : subjectInRegistry(agent, context))
  const { spec, levels, placeOf } = subject
  const consumers = consumersIn({ spec })
  const consumer = consumers.find(each => each.key === key)
  if (!consumer) {
    const known = consumers.map(each => each.key)
    const what = key.includes(':') ? `"${key}" with dependencies` : `tool "${key}"`
    const found = `agent "${agent}" has no ${what}`
    throw missing({ found, name: key, known, see: `meshctl describe ${agent}` })
  }
  const slots = consumer.dependencies
  if (!Object.hasOwn(slots, dependency)) {
    const found = `${textOf(consumer)} of agent "${agent}" has no dependency "${dependency}"`
    const known = Object.keys(slots)
    throw missing({ found, name: dependency, known, see: `meshctl why ${agent}` })
  }
  const given = slots[dependency] ?? []
  const path: Path = [...consumer.path, 'dependencies', dependency]
  return {
    ...edge,
    alternatives: [given].flat().map((alternative, i) => {
      const { capability, version = '*' } = alternative
      const at = Array.isArray(given) ? [...path, i] : path
      const own = { origin: 'dependency', values: { ...alternative } }
      const fields = fieldsOf(effective([...levels, own]), (origin, field) => {
        if (origin === own.origin) return `dependency${placeOf([...at, ...stepsOf(field)])}`
        if (origin === 'spec.policy')
          return `agent policy${placeOf(['spec', 'policy', ...stepsOf(field)])}`
        return origin
      })
      return { capability, version, policy: fields }
    }),
  }
}

/** The fields, and an attempt that the deadline bounds as it does. */
function fieldsOf(
  policy: EffectivePolicy,
  whereIs: (origin: string, field: string) => string,
): ExplainedField[] {
  const [timeout, deadline] = [policy.get('timeout'), policy.get('deadline')]
  const isBounded = (durationOf(timeout?.value) ?? 0) > (durationOf(deadline?.value) ?? Infinity)
  return inReadingOrder(policy).map(([field, { value, origin }]) => {
    if (field === 'timeout' && deadline && isBounded) {
      const from = `the deadline, which is shorter than ${flow(value)} of ${whereIs(origin, field)}`
      return { field, value: deadline.value, from }
    }
    return { field, value, from: whereIs(origin, field) }
  })
}

/** The name of a header may have dots of its own. */
function stepsOf(field: string): string[] {
  return field.startsWith('headers.') ? ['headers', field.slice(8)] : field.split('.')
}

async function subjectInRegistry(agent: string, context: Context): Promise<Subject> {
  const { spec } = await oneAgent(agent, context)
  return { spec, levels: agentLevels(spec.policy, shippedPolicies()), placeOf: () => '' }
}

async function subjectInFiles(
  agent: string,
  paths: readonly string[],
  context: Context,
): Promise<Subject> {
  const { namespace, options, io } = context
  const { manifests, diagnostics } = await load(paths, context)
  const loaded = manifests.find(
    ({ agent: { name, namespace: own } }) =>
      name === agent && (options.namespace === undefined || own === namespace),
  )
  if (!loaded) {
    const broken = diagnostics.filter(({ severity }) => severity === 'error').length
    if (broken > 0) io.err(`${broken} errors in the files: see meshctl validate ${paths.join(' ')}`)
    const found = `${paths.join(', ')} describes no sound agent "${agent}"`
    const known = manifests.map(({ agent: { name } }) => name)
    throw missing({ found, name: agent, known, see: `meshctl validate ${paths.join(' ')}` })
  }
  const source = parseSource(await readFile(loaded.file, 'utf8'))
  const document = source.documents.find(({ value }) => {
    const { name, namespace: own = 'default' } = record(record(value).metadata)
    return name === loaded.agent.name && own === loaded.agent.namespace && isAgent(value)
  })
  const placeOf = (path: Path): string => {
    if (!document) return ''
    const { start } = spanOf(document.document, source.text, { path, at: 'key' })
    return ` (${loaded.file}:${source.lines.linePos(start).line})`
  }
  return { spec: loaded.manifest.spec, levels: loaded.policies, placeOf }
}

const isAgent = (value: unknown): boolean => record(value).kind === 'Agent'
