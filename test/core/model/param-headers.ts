import t from 'tap'
import { declaredHeaders, headerValue, paramHeaders } from '../../../core/model/param-headers.ts'

const property = (name: unknown, type: unknown = 'string') => ({ type, 'x-mcp-header': name })
const object = (properties: Record<string, unknown>) => ({ type: 'object', properties })

t.test('declarations on arguments and on what lies in them', async t => {
  const schema = object({
    region: property('Region'),
    place: object({ zone: property('Zone', 'integer') }),
    'x-mcp-header': { type: 'string' },
    plain: { type: 'string' },
  })
  t.strictSame(declaredHeaders(schema), {
    headers: [
      { path: ['region'], header: 'Mcp-Param-Region' },
      { path: ['place', 'zone'], header: 'Mcp-Param-Zone' },
    ],
  })
  t.strictSame(declaredHeaders(true), { headers: [] })
})

t.test('a broken declaration makes the tool one that cannot be called, and says which', async t => {
  for (const [schema, fault] of [
    [object({ a: property('') }), 'a: x-mcp-header is no name of a header'],
    [object({ a: property(7) }), 'a: x-mcp-header is no name of a header'],
    [object({ a: property('My Region') }), 'a: x-mcp-header is no name of a header'],
    [object({ a: property('Région') }), 'a: x-mcp-header is no name of a header'],
    [object({ a: property('A\t1') }), 'a: x-mcp-header is no name of a header'],
    [
      object({ a: property('A', 'object') }),
      'a: x-mcp-header is only for a string, an integer or a boolean',
    ],
    [
      object({ a: property('A', 'number') }),
      'a: x-mcp-header is only for a string, an integer or a boolean',
    ],
    [
      object({ a: property('A', ['string', 'null']) }),
      'a: x-mcp-header is only for a string, an integer or a boolean',
    ],
    [object({ a: property('My'), b: property('mY') }), 'b: x-mcp-header "mY" stands twice'],
    [
      { type: 'object', 'x-mcp-header': 'A' },
      'the schema: x-mcp-header is only for what `properties` alone lead to',
    ],
    [
      object({ a: { type: 'array', items: property('A') } }),
      'a.items: x-mcp-header is only for what `properties` alone lead to',
    ],
    [
      { anyOf: [object({ a: property('A') })] },
      'anyOf.a: x-mcp-header is only for what `properties` alone lead to',
    ],
    [
      { $defs: { id: property('A') } },
      '$defs: x-mcp-header is only for what `properties` alone lead to',
    ],
  ] as const) {
    t.strictSame(declaredHeaders(schema), { headers: [], fault })
  }
})

t.test('what is there goes into headers, what is absent or no such value does not', async t => {
  const declared = ['s', 'i', 'b', 'n', 'u', 'o'].map(name => ({
    path: [name],
    header: `Mcp-Param-${name}`,
  }))
  t.strictSame(paramHeaders(declared, { s: 'x', i: -3, b: false, n: null, o: {} }), [
    ...['Mcp-Param-s', 'x', 'Mcp-Param-i', '-3', 'Mcp-Param-b', 'false'],
  ])
  t.strictSame(paramHeaders(declared, undefined), [])
  t.strictSame(paramHeaders([{ path: ['a', 'b'], header: 'H' }], { a: { b: 1 } }), ['H', '1'])
  t.strictSame(paramHeaders([{ path: ['a', 'b'], header: 'H' }], { a: 'text' }), [])
  t.strictSame(paramHeaders([{ path: ['constructor', 'name'], header: 'H' }], {}), [])
})

t.test('a value that no header can carry goes as base64', async t => {
  for (const text of ['us-west1', 'us west 1', 'a=b?c', '=?base64?', '?='])
    t.equal(headerValue(text), text)
  for (const text of [
    '',
    ' padded ',
    '\tindented',
    'line1\r\nline2',
    'Hello, 世界',
    '=?base64?eA==?=',
    '\u007f',
  ]) {
    const value = headerValue(text)
    t.match(value, /^=\?base64\?[A-Za-z0-9+/=]*\?=$/)
    t.equal(Buffer.from(value.slice(9, -2), 'base64').toString(), text)
  }
})
