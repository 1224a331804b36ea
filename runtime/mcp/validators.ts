/**
 * Compiles JSON Schemas once and words what does not fit so that a model can act on it: each fault with its path. The
 * network is never asked: a remote `$ref` does not compile.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { JsonSchema } from '../../core/model/agent.ts'
import { MeshError, messageOf } from '../../core/model/error.ts'

/** The faults of a value, `[]` when it fits. Each is a line for people and models. */
export type Check = (value: unknown) => string[]

/** So many faults are told; a huge wrong list does not make a huge answer. */
const maxFaults = 20

/** `subject` is what faults call the value itself: "arguments", "value". Throws MESH_SCHEMA_INVALID. */
export function compileCheck(schema: JsonSchema, subject: string, where: string): Check {
  const validate = compile(schema, where)
  return value => {
    if (validate(value) === true) return []
    const errors = validate.errors ?? []
    const lines = [...new Set(errors.map(error => describe(error, subject)))]
    if (lines.length <= maxFaults) return lines
    return [...lines.slice(0, maxFaults), `and ${lines.length - maxFaults} more`]
  }
}

function compile(schema: JsonSchema, where: string): ValidateFunction {
  // An own instance for each schema: two schemas may use one $id. Against the meta-schema it was checked with its manifest;
  // to compile that again for each tool would be most of the cost of a start.
  const ajv = new Ajv2020({
    ...{ strict: false, allErrors: true, logger: false },
    ...{ addUsedSchema: false, validateSchema: false },
  })
  addFormats.default(ajv)
  try {
    return ajv.compile(schema)
  } catch (cause) {
    throw new MeshError('MESH_SCHEMA_INVALID', `${where}: ${messageOf(cause)}`, undefined, {
      cause,
    })
  }
}

function describe(error: ErrorObject, subject: string): string {
  const place =
    subject + error.instancePath.replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~')
  const params = error.params as Record<string, unknown>
  switch (error.keyword) {
    case 'required':
      return `${place}.${String(params['missingProperty'])} is missing`
    case 'additionalProperties':
      return `${place}.${String(params['additionalProperty'])} is not taken`
    case 'unevaluatedProperties':
      return `${place}.${String(params['unevaluatedProperty'])} is not taken`
    case 'enum':
      return `${place} must be one of ${JSON.stringify(params['allowedValues'])}`
    case 'const':
      return `${place} must be ${JSON.stringify(params['allowedValue'])}`
    default:
      return `${place} ${error.message ?? 'does not fit'}`
  }
}
