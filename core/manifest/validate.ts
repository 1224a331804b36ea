/**
 * A value against the schema of its kind, with every fault of it. Ajv finds the faults, shape-fault.ts words them.
 * The alternatives of an `anyOf` in our schemas differ by type, so each is compiled as "if it has that type": then only
 * the faults of the one that was meant are found, and no guess is needed.
 */
import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { packageFile } from '../model/package-file.ts'
import { faultOf, type Fault } from './fault.ts'
import { isRecord, type SchemaNode } from './record.ts'
import { shapeFaults } from './shape-fault.ts'
import { nearest } from './suggest.ts'

export const apiVersion = 'mcp-mesh.dev/v1'
export type Kind = 'Agent' | 'CallPolicy'

const schemaFiles: Record<Kind, string> = {
  Agent: 'schemas/agent.schema.json',
  CallPolicy: 'schemas/call-policy.schema.json',
}
const kinds = Object.keys(schemaFiles) as Kind[]
const compiled = new Map<Kind, ValidateFunction>()

/** The kind that the document is of, or is meant to be, and its faults. Without a kind it can't be checked further. */
export function validateShape(value: unknown): { kind: Kind | undefined; faults: Fault[] } {
  if (!isRecord(value)) {
    const mend = `write a manifest, starting with apiVersion: ${apiVersion}`
    const found = Array.isArray(value) ? 'a list' : 'no mapping of keys to values'
    return {
      kind: undefined,
      faults: [faultOf('MESH_FIELD_TYPE', [], `the document is ${found}`, { mend })],
    }
  }
  const faults: Fault[] = []
  if ('apiVersion' in value && value.apiVersion !== apiVersion) {
    const found = `apiVersion ${shown(value.apiVersion)} is none that the mesh knows`
    faults.push(
      faultOf('MESH_KIND_UNKNOWN', ['apiVersion'], found, { mend: `write ${apiVersion}` }),
    )
  }
  const kind = kindOf(value)
  if (!kind) {
    const meant = typeof value.kind === 'string' ? nearest(value.kind, kinds) : undefined
    const mend = meant ? `write ${meant}` : `write one of ${kinds.join(', ')}`
    const found = `kind ${shown(value.kind)} is none that the mesh knows`
    return { kind, faults: [...faults, faultOf('MESH_KIND_UNKNOWN', ['kind'], found, { mend })] }
  }
  const validate = validator(kind)
  if (!validate(value)) {
    const errors = (validate.errors ?? []).filter(error => error.keyword !== 'const')
    faults.push(...shapeFaults(errors, value, schemaOf(kind)))
  }
  return { kind, faults }
}

/** A document without a kind is taken for what it resembles. */
function kindOf(value: Record<string, unknown>): Kind | undefined {
  if ('kind' in value) return kinds.find(kind => kind === value.kind)
  const spec = isRecord(value.spec) ? value.spec : {}
  return 'timeout' in spec || 'deadline' in spec ? 'CallPolicy' : 'Agent'
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value.slice(0, 80)}"` : `(${typeof value})`
}

const schemas = new Map<Kind, SchemaNode>()

function schemaOf(kind: Kind): SchemaNode {
  let schema = schemas.get(kind)
  if (!schema) {
    const text = readFileSync(packageFile(schemaFiles[kind]), 'utf8')
    schema = JSON.parse(text) as SchemaNode
    schemas.set(kind, schema)
  }
  return schema
}

function validator(kind: Kind): ValidateFunction {
  let validate = compiled.get(kind)
  if (!validate) {
    const ajv = new Ajv2020({
      allErrors: true,
      verbose: true,
      strict: false,
      validateSchema: false,
    })
    const schema = schemaOf(kind)
    validate = ajv.compile(chooseByType(schema, schema) as SchemaNode)
    compiled.set(kind, validate)
  }
  return validate
}

/** The schema with each `anyOf` as `type: [...]` and one `if type, then` for each alternative. */
function chooseByType(node: unknown, root: SchemaNode): unknown {
  if (Array.isArray(node)) return node.map(child => chooseByType(child, root))
  if (!isRecord(node)) return node
  const copy = Object.fromEntries(
    Object.entries(node).map(([key, child]) => [key, chooseByType(child, root)]),
  )
  if (!Array.isArray(node.anyOf)) return copy
  const alternatives = copy.anyOf as SchemaNode[]
  const types = (node.anyOf as SchemaNode[]).map(alternative => typeOf(alternative, root))
  delete copy.anyOf
  return {
    ...copy,
    type: types,
    allOf: alternatives.map((then, i) => ({ if: { type: types[i] }, then })),
  }
}

function typeOf(node: SchemaNode, root: SchemaNode): unknown {
  if (node.type !== undefined || typeof node.$ref !== 'string') return node.type
  const definitions = root.$defs as Record<string, SchemaNode>
  return definitions[node.$ref.replace('#/$defs/', '')]?.type
}
