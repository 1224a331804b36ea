/** The decision procedure against Ajv: what it says of random schemas holds for random values, and its counter-examples are some. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import t from 'tap'
import { isSubschema } from '../../../core/contract/is-subschema.ts'
import type { JsonSchema } from '../../../core/model/agent.ts'

type Schema = JsonSchema | boolean

function ajvOf(schema: Schema) {
  const ajv = new Ajv2020({
    ...{ strict: false, validateFormats: false, validateSchema: false, meta: false, logger: false },
  })
  const validate = ajv.compile(JSON.parse(JSON.stringify(schema), plainContains) as Schema)
  return (value: unknown) => validate(value) === true
}

/** Ajv 8.20 takes [] for `contains` where a keyword before it was valid: that some item has to be there is said in full. */
function plainContains(_: string, part: unknown): unknown {
  if (typeof part !== 'object' || part === null || !('contains' in part)) return part
  const { minContains = 1, minItems = 0 } = part as { minContains?: number; minItems?: number }
  return { ...part, minItems: Math.max(minItems, minContains) }
}

const names = ['a', 'b', 'c'] as const
const name = fc.constantFrom(...names)
const text = fc.constantFrom('', 'a', 'b', 'c', 'ab', 'abc', 'x-1', 'é🙂', '0')
const small = fc.constantFrom(-3, -2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4, 6, 12, 100)
const { value } = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 3, withCrossShrink: true },
    fc.oneof(fc.constant(null), fc.boolean(), small, text),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(name, fc.constantFrom('x-1', 'other')), tie('value'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
}))
const count = fc.nat(4)
const typeName = fc.constantFrom(
  'null',
  'boolean',
  'integer',
  'number',
  'string',
  'array',
  'object',
)
const types = fc.oneof(
  { weight: 4, arbitrary: typeName },
  fc.uniqueArray(typeName, { minLength: 1, maxLength: 3 }),
)
const pattern = fc.constantFrom('^a', '^x-', '^[a-c]+$', '^(a|b)c?$', 'b', '(?=a)a')

/** Any keyword, with a bias to those that tools use. */
const { schema } = fc.letrec<{ schema: Schema; part: Schema }>(tie => {
  const part = tie('schema')
  const parts = fc.array(part, { minLength: 1, maxLength: 3 })
  const map = (key: fc.Arbitrary<string>) =>
    fc.dictionary(key, part, { maxKeys: 3, noNullPrototype: true })
  const some = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
    fc.record(model, { requiredKeys: [] })
  const object = some({
    properties: map(name),
    required: fc.uniqueArray(name, { maxLength: 2 }),
    additionalProperties: fc.oneof(fc.constant<Schema>(false), part),
    minProperties: count,
    maxProperties: count,
  })
  const rareObject = some({
    patternProperties: map(pattern),
    propertyNames: part,
    dependentRequired: fc.dictionary(name, fc.uniqueArray(name, { maxLength: 2 }), {
      maxKeys: 2,
      noNullPrototype: true,
    }),
    dependentSchemas: map(name),
    unevaluatedProperties: fc.constantFrom<Schema>(false, true),
  })
  const array = some({
    items: part,
    prefixItems: parts,
    minItems: count,
    maxItems: count,
    uniqueItems: fc.boolean(),
    contains: part,
    minContains: count,
    maxContains: fc.constantFrom(4, 5), // Ajv takes [] where minContains is the greater, which no array is valid for
  })
  const number = some({
    minimum: small,
    maximum: small,
    exclusiveMinimum: small,
    exclusiveMaximum: small,
    multipleOf: fc.constantFrom(1, 2, 3, 4, 6, 0.5),
  })
  const string = some({ minLength: count, maxLength: count, pattern, format: fc.constant('email') })
  const values = some({ enum: fc.array(value, { minLength: 1, maxLength: 4 }), const: value })
  const combined = some({
    allOf: parts,
    anyOf: parts,
    oneOf: parts,
    not: part,
    if: part,
    then: part,
    else: part,
    $ref: fc.constantFrom('#/$defs/one', '#/$defs/two', '#'),
  })
  const typed = fc
    .tuple(types, fc.oneof(object, array, number, string))
    .map(([type, rest]) => ({ type, ...rest }))
  return {
    part,
    schema: fc.oneof(
      { depthSize: 'small', maxDepth: 4, withCrossShrink: true },
      { weight: 2, arbitrary: types.map(type => ({ type })) },
      { weight: 1, arbitrary: fc.boolean() },
      { weight: 2, arbitrary: values },
      { weight: 8, arbitrary: typed },
      { weight: 2, arbitrary: fc.oneof(object, array, rareObject) },
      { weight: 3, arbitrary: combined },
      {
        weight: 1,
        arbitrary: fc.tuple(object, rareObject).map(([a, b]) => ({ type: 'object', ...a, ...b })),
      },
    ),
  }
})
const whole = fc
  .tuple(schema, schema, schema)
  .map(([root, one, two]): Schema =>
    typeof root === 'object' && JSON.stringify(root).includes('"$ref"')
      ? { ...root, $defs: { one, two } }
      : root,
  )

/** A schema near to another one: most random pairs have nothing to do with each other. */
const pair = fc.oneof(
  fc.tuple(whole, whole),
  fc.tuple(whole, whole, fc.nat(20)).map(([a, b, at]): [Schema, Schema] => [a, graft(a, b, at)]),
  fc.tuple(whole, whole, fc.nat(20)).map(([a, b, at]): [Schema, Schema] => [graft(a, b, at), a]),
)

/** The first schema with one part left out, or in its place the other. */
function graft(into: Schema, other: Schema, at: number): Schema {
  if (typeof into === 'boolean') return other
  const keys = Object.keys(into)
  const key = keys[at % Math.max(1, keys.length)]
  if (key === undefined) return other
  const { [key]: old, ...rest } = into
  if (key === 'properties' && at % 2 === 1) {
    const map = old as Record<string, Schema>
    const [first] = Object.keys(map)
    if (first !== undefined) {
      return { ...rest, properties: { ...map, [first]: graft(map[first]!, other, at >> 1) } }
    }
  }
  if (key === 'items' && at % 2 === 1)
    return { ...rest, items: graft(old as Schema, other, at >> 1) }
  return rest
}

const found = { yes: 0, no: 0, unknown: 0, refuted: 0 }
const runs = Number(process.env.FUZZ_RUNS ?? 500)

t.test('a yes holds for every value, a no has a value that shows it, as Ajv sees it', async t => {
  fc.assert(
    fc.property(pair, fc.array(value, { minLength: 20, maxLength: 40 }), ([from, to], values) => {
      let isFrom, isTo
      try {
        ;[isFrom, isTo] = [ajvOf(from), ajvOf(to)]
      } catch {
        return fc.pre(false)
      }
      const verdict = isSubschema(from, to)
      found[verdict.answer]++
      try {
        if (verdict.answer === 'no') {
          if (!isFrom(verdict.value))
            throw new Error(`${JSON.stringify(verdict)} is not valid for the first`)
          if (isTo(verdict.value))
            throw new Error(`${JSON.stringify(verdict)} is valid for the second`)
        }
        for (const each of values) {
          if (!isFrom(each) || isTo(each)) continue
          if (verdict.answer === 'yes') throw new Error(`said yes, but ${JSON.stringify(each)}`)
          if (verdict.answer === 'unknown') found.refuted++
          break
        }
      } catch (error) {
        // Ajv follows a circle, or writes a variable that it does not declare (unevaluatedProperties in a oneOf).
        if (error instanceof RangeError || error instanceof ReferenceError) return fc.pre(false)
        throw error
      }
      return true
    }),
    { numRuns: runs },
  )
  t.comment(JSON.stringify(found))
  t.pass()
})
