/** What a dependency expects against what a tool declares: the cases that people meet, in words that they read. */
import t from 'tap'
import { mismatchOf, type Schemas } from '../../../core/contract/contract.ts'
import { isSubschema } from '../../../core/contract/is-subschema.ts'
import { exampleOf, matches } from '../../../core/contract/safe-pattern.ts'
import type { Expectation, JsonSchema } from '../../../core/model/agent.ts'

const any: JsonSchema = { type: 'object' }
const string = { type: 'string' }
const object = (properties: Record<string, unknown>, required: string[] = [], more = {}) => ({
  ...{ type: 'object', properties, required, ...more },
})
const expecting = (more: Partial<Expectation>): Expectation => ({
  ...{ inputSchema: undefined, outputSchema: undefined, match: 'subset' as const, ...more },
})
const tool = (more: Partial<Schemas>): Schemas => ({
  ...{ inputSchema: any, outputSchema: undefined, ...more },
})
const said = (expects: Partial<Expectation>, declared: Partial<Schemas>) => {
  const found = mismatchOf(expecting(expects), tool(declared))
  return found && [found.answer, found.reason]
}

t.test('of an answer, all that the provider may give has to be expected', async t => {
  const text = object({ text: string }, ['text'])
  for (const [name, expected, declared, answer] of [
    ['the same', text, text, undefined],
    [
      'more than is read',
      text,
      object({ text: string, n: { type: 'integer' } }, ['text', 'n']),
      undefined,
    ],
    ['an integer where a number is read', { type: 'number' }, { type: 'integer' }, undefined],
    [
      'a property that the provider does not know',
      object({ text: string, lang: string }, ['text']),
      text,
      undefined,
    ],
    [
      'another type',
      text,
      object({ text: { type: 'integer' } }, ['text']),
      ['no', 'its result at "text" may be integer, and string is taken'],
    ],
    [
      'a number where an integer is read',
      { type: 'integer' },
      { type: 'number' },
      ['no', 'its result may be number, and integer is taken'],
    ],
    [
      'optional where it is read',
      text,
      object({ text: string }),
      ['no', 'its result may lack "text"'],
    ],
    [
      'null where it is not',
      text,
      object({ text: { type: ['string', 'null'] } }, ['text']),
      ['no', 'its result at "text" may be null or string, and string is taken'],
    ],
    [
      'a value more in a list of values',
      { enum: ['eu', 'us'] },
      { enum: ['eu', 'us', 'asia'] },
      ['no', 'its result may be "asia", which breaks enum: ["eu","us"]'],
    ],
    [
      'deep inside',
      { type: 'array', items: object({ id: string }, ['id']) },
      { type: 'array', items: object({ id: { anyOf: [string, { type: 'integer' }] } }, ['id']) },
      ['no', 'its result at "[0].id" may be integer or null'],
    ],
    [
      'a pattern against another',
      { type: 'string', pattern: '^[0-9]{4}$' },
      { type: 'string', pattern: '^\\d{4}$' },
      ['unknown', 'its result may break pattern: "^[0-9]{4}$", which can\'t be decided'],
    ],
    [
      'no schema',
      string,
      undefined,
      ['no', 'it declares no outputSchema, and the consumer expects one'],
    ],
  ] as [string, JsonSchema, JsonSchema | undefined, [string, string] | undefined][]) {
    const found = said({ outputSchema: expected }, { outputSchema: declared })
    if (name !== 'deep inside') t.strictSame(found, answer, name)
    else t.match(found, ['no', /^its result at "\[0\].id" may be /], name)
  }
})

t.test(
  'of arguments, all that is sent has to be taken, and only what is named is sent',
  async t => {
    const zone = object({ zone: string })
    for (const [name, expected, declared, answer] of [
      ['the same', zone, zone, undefined],
      ['any object', zone, any, undefined],
      [
        'an optional parameter more',
        zone,
        object({ zone: string, form: { enum: ['a'] } }),
        undefined,
      ],
      [
        'nothing but what is named',
        zone,
        object({ zone: string }, [], { additionalProperties: false }),
        undefined,
      ],
      [
        'a required parameter more',
        zone,
        object({ zone: string, form: string }, ['form']),
        ['no', 'what the consumer sends may lack "form"'],
      ],
      [
        'sent though not taken',
        object({ zone: string, lang: string }),
        object({ zone: string }, [], { additionalProperties: false }),
        ['no', 'what the consumer sends at "lang" may be there (""), and nothing is taken'],
      ],
      [
        'open, and says so',
        { ...zone, additionalProperties: true },
        object({ zone: string }, [], { additionalProperties: false }),
        ['no', 'what the consumer sends at "other" may be there (null), and nothing is taken'],
      ],
      [
        'shorter than is taken',
        zone,
        object({ zone: { type: 'string', minLength: 1 } }),
        ['no', 'what the consumer sends at "zone" may be "", which breaks minLength: 1'],
      ],
      [
        'closed through references and parts',
        { $ref: '#/$defs/zone', $defs: { zone: { allOf: [zone, object({ at: string })] } } },
        object({ zone: string, at: string, form: { type: 'integer' } }),
        undefined,
      ],
    ] as [string, JsonSchema, JsonSchema, [string, string] | undefined][]) {
      t.strictSame(said({ inputSchema: expected }, { inputSchema: declared }), answer, name)
    }
  },
)

t.test('strict is the same schema, whatever it says to people', async t => {
  const one = object({ a: { ...string, title: 'A' }, b: { enum: [1, 2] } }, ['a', 'b'])
  const same = {
    ...{ description: 'text', required: ['b', 'a'], type: ['object'], $comment: 'x' },
    properties: { b: { enum: [2, 1] }, a: { type: 'string', examples: ['x'] } },
  }
  t.equal(said({ match: 'strict', outputSchema: one }, { outputSchema: same }), undefined)
  const titled = object({ title: string })
  for (const [name, declared] of Object.entries({
    'a property named as an annotation': object({}),
    'a narrower schema': object({ title: { ...string, maxLength: 3 } }),
  })) {
    t.strictSame(
      said({ match: 'strict', outputSchema: titled }, { outputSchema: declared }),
      ['no', 'its outputSchema is not the expected one, and match is strict'],
      name,
    )
  }
  t.match(said({ match: 'strict', inputSchema: titled }, {}), ['no', /^its inputSchema is not/])
})

t.test('lists of a thousand values are compared', async t => {
  const codes = Array.from({ length: 1_000 }, (_, i) => `code-${i}`)
  t.equal(isSubschema({ enum: codes }, { enum: [...codes].reverse() }).answer, 'yes')
  t.match(isSubschema({ enum: codes }, { enum: codes.slice(0, -1) }), {
    answer: 'no',
    value: 'code-999',
  })
})

t.test('places in both schemas', async t => {
  const found = mismatchOf(
    expecting({ outputSchema: object({ list: { type: 'array', items: string } }) }),
    tool({
      outputSchema: {
        ...object({ list: { type: 'array', items: { $ref: '#/$defs/id' } } }),
        $defs: { id: { type: 'integer' } },
      },
    }),
  )
  t.match(found, {
    side: 'outputSchema',
    expected: ['properties', 'list', 'items', 'type'],
    declared: ['properties', 'list', 'items'],
  })
})

t.test('recursion through references is followed to its end', async t => {
  const tree = (value: object) => ({
    $ref: '#/$defs/node',
    $defs: {
      node: object({ value, below: { type: 'array', items: { $ref: '#/$defs/node' } } }, ['value']),
    },
  })
  t.equal(isSubschema(tree({ type: 'integer' }), tree({ type: 'number' })).answer, 'yes')
  t.match(isSubschema(tree({ type: 'number' }), tree({ type: 'integer' })), {
    answer: 'no',
    at: ['value'],
  })
  t.equal(isSubschema({ $ref: '#' }, { $ref: '#' }).answer, 'unknown', 'a circle on the spot')
})

t.test('hostile schemas cost no more than their steps', async t => {
  const deep = (depth: number, leaf: object): JsonSchema => {
    let schema: JsonSchema = leaf as JsonSchema
    for (let i = 0; i < depth; i++) schema = { type: 'array', items: schema }
    return schema
  }
  const doubling = (leaf: string, depth = 60) => ({
    $ref: '#/$defs/d0',
    $defs: Object.fromEntries([
      ...Array.from({ length: depth }, (_, i): [string, object] => {
        const next = { $ref: `#/$defs/d${i + 1}` }
        return [`d${i}`, { anyOf: [next, { not: next }] }]
      }),
      [`d${depth}`, { type: leaf }],
    ]),
  })
  const choices = (n: number) => ({
    allOf: Array.from({ length: n }, (_, i) => ({
      anyOf: [{ multipleOf: i + 2 }, { minimum: i, maxLength: i }],
    })),
  })
  const long = 'a'.repeat(1_500)
  for (const [name, from, to] of [
    ['nested deep', deep(5_000, string), deep(5_000, { type: 'integer' })],
    ['doubled at each step', doubling('string'), doubling('integer')],
    ['many choices', choices(40), choices(41)],
    ['a runaway pattern', { const: `${long}!` }, { pattern: '^(a+)+$' }],
    ['a polynomial pattern', { const: `${long}!` }, { pattern: '^a*a*a*a*a*$' }],
    ['long lists', { enum: Array.from({ length: 20_000 }, (_, i) => i) }, { enum: [long] }],
    ['huge lengths', { type: 'string', minLength: 1e9 }, { type: 'string', maxLength: 1e8 }],
    ['huge arrays', { type: 'array', minItems: 1e9 }, { type: 'array', items: string }],
  ] as [string, JsonSchema, JsonSchema][]) {
    const start = performance.now()
    const { answer } = isSubschema(from, to)
    const ms = performance.now() - start
    t.comment(`${name}: ${answer} in ${ms.toFixed(1)} ms`)
    t.ok(ms < 2_000, `${name} takes ${ms} ms`)
  }
})

t.test('a pair is compared once', async t => {
  let reads = 0
  const outputSchema = {
    get type() {
      reads++
      return 'string'
    },
  }
  const [expects, declared] = [expecting({ outputSchema: string }), tool({ outputSchema })]
  t.equal(mismatchOf(expects, declared), undefined)
  const first = reads
  t.ok(first > 0)
  for (let i = 0; i < 100; i++) mismatchOf(expects, declared)
  t.equal(reads, first)
})

t.test('patterns are run where they cannot run away, and written where one is wanted', async t => {
  for (const [pattern, text, expected] of [
    ['^[a-z]+$', 'abc', true],
    ['^[a-z]+$', 'ab1', false],
    ['b', 'abc', true],
    ['^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)$', '1.20', true],
    ['^(a+)+$', 'aaa', undefined],
    ['^(a|a)*$', 'aaa', undefined],
    ['(?=a)a', 'a', undefined],
    ['(a)\\1', 'aa', undefined],
    ['[', 'a', undefined],
    ['^a*a*a*$', 'a'.repeat(1_000), undefined],
  ] as const) {
    t.equal(matches(pattern, text), expected, `${pattern} ${text.slice(0, 10)}`)
  }
  for (const pattern of [
    '^[0-9a-f]{8}$',
    '^\\d{4}-\\d{2}-\\d{2}$',
    '^(cat|dog)s?$',
    'x',
    '^https?://',
    '^$',
  ]) {
    const example = exampleOf(pattern)
    t.ok(example !== undefined && new RegExp(pattern, 'u').test(example), `${pattern}: ${example}`)
  }
})
