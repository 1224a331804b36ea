/**
 * A value against the schema of its kind, with every fault of it. Ajv finds the faults, compiled ahead of time by
 * scripts/generate-validators.ts; shape-fault.ts words them.
 */
import { readFileSync } from 'node:fs'
import { validators } from '../model/generated/validators.ts'
import { packageFile } from '../model/package-file.ts'
import { faultOf, type Fault } from './fault.ts'
import { isRecord, type SchemaNode } from './record.ts'
import { shapeFaults } from './shape-fault.ts'
import { nearest } from './suggest.ts'

export const apiVersion = 'mcp-mesh.dev/v1'
export type Kind = 'Agent' | 'CallPolicy' | 'Gateway'

const schemaFiles: Record<Kind, string> = {
  Agent: 'schemas/agent.schema.json',
  CallPolicy: 'schemas/call-policy.schema.json',
  Gateway: 'schemas/gateway.schema.json',
}
const kinds = Object.keys(schemaFiles) as Kind[]

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
  const validate = validators[kind]
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
  if ('expose' in spec) return 'Gateway'
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
