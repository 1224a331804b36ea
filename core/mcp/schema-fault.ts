/** What keeps a JSON Schema of a server from being given to others: bounded, and compiled without anything being fetched. */
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { messageOf } from '../model/error.ts'

const maxSchemaBytes = 256 * 1024
const maxDepth = 64

const drafts = {
  7: new Ajv({ strict: false, logger: false }),
  2020: new Ajv2020({ strict: false, logger: false }),
}

/** Why a schema is none that others should be given; undefined for a sound one. */
export function schemaFault(schema: unknown): string | undefined {
  return formFault(schema) ?? compileFault(schema as Record<string, unknown>)
}

/** The same without compiling it, which takes longer than all else together. */
export function formFault(schema: unknown): string | undefined {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    return 'is no JSON Schema'
  if (isDeeperThan(schema, maxDepth)) return `is nested deeper than ${maxDepth} levels`
  if (JSON.stringify(schema).length > maxSchemaBytes)
    return `is longer than ${maxSchemaBytes / 1024} KiB`
  const { isOld, rest } = dialectOf(schema as Record<string, unknown>)
  const meta = drafts[isOld ? 7 : 2020]
  if (meta.validateSchema(rest)) return undefined
  return `is no JSON Schema: ${meta.errorsText(meta.errors, { dataVar: 'it' })}`
}

function compileFault(schema: Record<string, unknown>): string | undefined {
  const { isOld, rest } = dialectOf(schema)
  // An own instance for each: two tools may use one $id. No loader is given, so nothing is ever fetched.
  const own = new (isOld ? Ajv : Ajv2020)({
    strict: false,
    logger: false,
    validateSchema: false,
    validateFormats: false,
  })
  try {
    own.compile(rest)
    return undefined
  } catch (error) {
    return `does not compile: ${messageOf(error)}`
  }
}

function dialectOf({ $schema, ...rest }: Record<string, unknown>) {
  return { isOld: typeof $schema === 'string' && /draft-0[4-7]/.test($schema), rest }
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some(child => isDeeperThan(child, depth - 1))
}
