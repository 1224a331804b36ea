/** The meaning of `expects`: schemas that are some, and at least one of them. Those of tools are held to the same. */
import { declaredHeaders } from '../model/param-headers.ts'
import { faultOf, pathText, type Fault, type Path } from './fault.ts'
import { schemaFaults } from './json-schema.ts'
import { isRecord } from './record.ts'

export function checkExpectation(expects: unknown, path: Path): Fault[] {
  if (!isRecord(expects)) return []
  const { inputSchema, outputSchema } = expects
  if (inputSchema === undefined && outputSchema === undefined) {
    const message = `${pathText(path)} has neither inputSchema nor outputSchema, so nothing is expected`
    const mend = 'add outputSchema: with what is read of the answer, or remove expects'
    return [faultOf('MESH_FIELD_INVALID', path, message, { mend })]
  }
  return [
    ...inputSchemaFaults(inputSchema, [...path, 'inputSchema']),
    ...(isRecord(outputSchema) ? schemaFaults(outputSchema, [...path, 'outputSchema']) : []),
  ]
}

const jsonTypes = new Set(['string', 'number', 'integer', 'boolean', 'array', 'null'])

/** Faults of a schema of arguments, which are an object. */
export function inputSchemaFaults(schema: unknown, path: Path): Fault[] {
  if (!isRecord(schema)) return []
  const faults = schemaFaults(schema, path)
  const { fault } = declaredHeaders(schema)
  if (fault !== undefined) faults.push(faultOf('MESH_SCHEMA_INVALID', path, fault))
  const { type } = schema
  if (typeof type !== 'string' || !jsonTypes.has(type)) return faults
  const message = `the arguments of a tool are an object, and inputSchema says type "${type}"`
  const at = [...path, 'type']
  return [...faults, faultOf('MESH_SCHEMA_INVALID', at, message, { mend: 'write object' })]
}
