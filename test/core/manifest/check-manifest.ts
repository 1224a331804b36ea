/** What the registry takes: the same checks without a file, on values that anybody may send. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { checkManifest } from '../../../core/manifest/check-manifest.ts'
import { canonicalJson, digestOf } from '../../../core/manifest/digest.ts'
import { parseHandler } from '../../../core/manifest/handler-ref.ts'
import { lower } from '../../../core/manifest/lower.ts'
import { parseTags } from '../../../core/manifest/parse-tags.ts'
import { textRuleOf } from '../../../core/manifest/text-fault.ts'
import { shippedPolicies } from '../../../core/manifest/policies.ts'
import { parseDuration } from '../../../core/model/duration.ts'
import type { AgentManifest } from '../../../core/model/generated/manifest.ts'

const manifest = (spec: object = {}, tool: object = {}): AgentManifest => ({
  apiVersion: 'mcp-mesh.dev/v1',
  kind: 'Agent',
  metadata: { name: 'hello' },
  spec: { version: '1.0.0', tools: [{ name: 'hello', handler: './h.ts', ...tool }], ...spec },
})
const faultsOf = (value: unknown) =>
  checkManifest(value).faults?.map(({ code, path }) => [code, path.join('.')])

t.test('a sound manifest gives its agent; no handler is looked for', async t => {
  const checked = checkManifest(manifest())
  if (checked.faults) return t.fail(JSON.stringify(checked.faults))
  t.strictSame(checked.manifest, manifest())
  t.strictSame(checked.agent, lower(manifest()))
})

t.test('what a text has to be is told in words, for each pattern of the schemas', async t => {
  const patterns = new Set<string>()
  const collect = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if ('pattern' in node && typeof node.pattern === 'string') patterns.add(node.pattern)
    Object.values(node).forEach(collect)
  }
  for (const name of ['agent', 'call-policy', 'gateway'])
    collect(JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8')))
  t.ok(patterns.size > 20)
  const places = { keyword: 'pattern', instancePath: '', schemaPath: '', params: {} }
  for (const pattern of patterns)
    t.type(textRuleOf({ ...places, parentSchema: { pattern } }, []), 'string', pattern)

  const told = (spec: object) => checkManifest(manifest(spec)).faults?.map(fault => fault.message)
  t.strictSame(told({ resources: [{ uri: 'docs readme', name: 'x', text: 'x' }] }), [
    'spec.resources[0].uri is "docs readme"; it takes a URI with its scheme, without spaces and braces',
  ])
  t.strictSame(
    told({ server: { command: ['x'], env: { 'LOG-AT': 'x' } }, tools: [{ name: 'x' }] }),
    [
      'spec.server.env has the key "LOG-AT"; a key there takes the name of a variable: letters, digits and "_", and no digit at the start',
    ],
  )
})

t.test('faults name their code and the path of the value', async t => {
  const table: [unknown, [string, string][]][] = [
    [undefined, [['MESH_FIELD_TYPE', '']]],
    [null, [['MESH_FIELD_TYPE', '']]],
    [[], [['MESH_FIELD_TYPE', '']]],
    ['text', [['MESH_FIELD_TYPE', '']]],
    [{ ...manifest(), kind: 'CallPolicy' }, [['MESH_KIND_UNKNOWN', 'kind']]],
    [{ ...manifest(), kind: 'Federation' }, [['MESH_KIND_UNKNOWN', 'kind']]],
    [{ ...manifest(), kind: 'Gateway' }, [['MESH_FIELD_UNKNOWN', 'spec.tools']]],
    [{ ...manifest(), status: {} }, [['MESH_FIELD_UNKNOWN', 'status']]],
    [manifest({ settle: '5' }), [['MESH_DURATION_INVALID', 'spec.settle']]],
    [
      manifest({}, { inputSchema: { type: 'strin' } }),
      [['MESH_SCHEMA_INVALID', 'spec.tools.0.inputSchema.type']],
    ],
    [
      manifest({}, { outputSchema: { $ref: './file.json' } }),
      [['MESH_SCHEMA_INVALID', 'spec.tools.0.outputSchema.$ref']],
    ],
    [
      manifest({}, { inputSchema: { $ref: 'https://x.org/s' } }),
      [['MESH_SCHEMA_REMOTE', 'spec.tools.0.inputSchema.$ref']],
    ],
    [manifest({ http: { host: '0.0.0.0' } }), [['MESH_BIND_UNSAFE', 'spec.http.host']]],
    [
      manifest({
        tools: [
          { name: 'a', handler: './h.ts' },
          { name: 'a', handler: './h.ts', tag: [] },
        ],
      }),
      [
        ['MESH_FIELD_UNKNOWN', 'spec.tools.1.tag'],
        ['MESH_TOOL_DUPLICATE', 'spec.tools.1.name'],
      ],
    ],
  ]
  for (const [value, expected] of table)
    t.strictSame(faultsOf(value), expected, JSON.stringify(value))
})

t.test(
  'what is nested deeper than 64 levels is refused before anything recurses into it',
  async t => {
    let deep: unknown = 1
    for (let i = 0; i < 100_000; i++) deep = [deep]
    t.strictSame(faultsOf(manifest({}, { inputSchema: { default: deep } })), [
      ['MESH_MANIFEST_TOO_LARGE', ''],
    ])
  },
)

t.test('a secret is not repeated', async t => {
  const sent = manifest({ auth: { bearer: 's3cret-value' } })
  t.notMatch(JSON.stringify(checkManifest(sent)), /s3cret/)
})

t.test('keys of the prototype are keys like others', async t => {
  const sent = JSON.parse('{"__proto__": 1, "constructor": 2, "kind": "Agent"}') as unknown
  t.match(
    faultsOf(sent)?.map(([code]) => code),
    ['MESH_FIELD_UNKNOWN', 'MESH_FIELD_UNKNOWN'],
  )
  const agent = checkManifest(manifest({}, { dependencies: { constructor: { capability: 'x' } } }))
  t.strictSame(agent.faults, undefined)
})

t.test('whatever is sent, the answer is an agent or faults', async t => {
  const broken = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.jsonValue())
  const whole = manifest(
    { http: { port: 1 }, policy: { timeout: '1s' } },
    {
      tags: ['a'],
      dependencies: { date: [{ capability: 'x', tags: ['a', ['b']], version: '^1' }] },
      inputSchema: { properties: { a: { type: 'string' } } },
    },
  )
  const check = (value: unknown) => {
    const checked = checkManifest(value)
    if (!checked.faults) return checked.agent.name.length > 0
    return checked.faults.every(f => f.code && f.message && f.mend && Array.isArray(f.path))
  }
  fc.assert(fc.property(fc.jsonValue(), check))
  fc.assert(
    fc.property(broken, ([at, value]) => check(replaced(whole, at, value))),
    { numRuns: 500 },
  )
  t.pass('held')
})

/** The value with its `at`th node, counted in depth, replaced. */
function replaced(value: unknown, at: number, by: unknown): unknown {
  let count = at
  const visit = (node: unknown): unknown => {
    if (count-- === 0) return by
    if (Array.isArray(node)) return node.map(visit)
    if (typeof node !== 'object' || node === null) return node
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child)]))
  }
  return visit(value)
}

t.test('every default is filled in', async t => {
  t.strictSame(lower(manifest({}, { dependencies: { date: { capability: 'date_service' } } })), {
    name: 'hello',
    namespace: 'default',
    labels: {},
    version: '1.0.0',
    description: '',
    icons: [],
    http: { host: '127.0.0.1', port: 0, path: '/mcp', advertise: undefined },
    bearer: undefined,
    seal: undefined,
    cache: undefined,
    server: undefined,
    gateway: undefined,
    health: undefined,
    session: { store: 'auto', onStoreLoss: 'fail' },
    settleMs: 2000,
    resources: [],
    prompts: [],
    tools: [
      {
        name: 'hello',
        title: undefined,
        icons: [],
        handler: { path: './h.ts', exportName: 'default' },
        description: '',
        capability: 'hello',
        version: '1.0.0',
        tags: [],
        inputSchema: { type: 'object' },
        outputSchema: undefined,
        annotations: {},
        isRepeatable: false,
        timeoutMs: 60_000,
        concurrency: undefined,
        session: undefined,
        task: undefined,
        returns: 'value',
        dependencies: [
          {
            name: 'date',
            required: true,
            alternatives: [
              {
                capability: 'date_service',
                version: '*',
                tags: { required: [], preferred: [], excluded: [], anyOf: [] },
                expects: undefined,
                pins: undefined,
                timeoutMs: 3000,
                deadlineMs: 10_000,
                retries: {
                  attempts: 3,
                  backoff: { initialMs: 50, maxMs: 2000 },
                  on: ['unavailable', 'timeout'],
                  budget: 0.2,
                },
                hedge: undefined,
                breaker: { failures: 10, openMs: 5000 },
                concurrency: undefined,
                ejection: { failures: 5, forMs: 10_000, maxShare: 0.5 },
                balance: 'auto',
                hashOn: undefined,
                headers: {},
                stream: 'auto',
                bearer: undefined,
              },
            ],
          },
        ],
      },
    ],
  })
})

t.test('the defaults are those that the schema tells people', async t => {
  const schema = JSON.parse(readFileSync('schemas/agent.schema.json', 'utf8')) as {
    $defs: Record<string, { properties: Record<string, { default?: unknown }> }>
  }
  const told = (definition: string, key: string) =>
    schema.$defs[definition]!.properties[key]!.default
  const agent = lower(manifest({}, { dependencies: { d: { capability: 'x' } } }))
  const tool = agent.tools[0]!
  t.strictSame(agent.namespace, told('Metadata', 'namespace'))
  t.strictSame(agent.labels, told('Metadata', 'labels'))
  t.strictSame(agent.http.host, told('Http', 'host'))
  t.strictSame(agent.http.port, told('Http', 'port'))
  t.strictSame(agent.http.path, told('Http', 'path'))
  t.strictSame(agent.settleMs, parseDuration(told('AgentSpec', 'settle') as string))
  t.strictSame(tool.timeoutMs, parseDuration(told('Tool', 'timeout') as string))
  t.strictSame(tool.inputSchema, told('Tool', 'inputSchema'))
  t.strictSame(tool.tags, told('Tool', 'tags'))
  t.strictSame(tool.task, undefined)
  const ofTask = (key: string) =>
    (
      schema.$defs['ToolTask'] as unknown as {
        anyOf: { properties?: Record<string, { default: unknown }> }[]
      }
    ).anyOf[1]!.properties![key]!.default
  for (const task of [true, {}]) {
    const long = lower(manifest({}, { task })).tools[0]!
    t.strictSame(long.timeoutMs, 3_600_000)
    t.strictSame(long.task, {
      ttlMs: parseDuration(ofTask('ttl') as string),
      pollIntervalMs: parseDuration(ofTask('pollInterval') as string),
      max: ofTask('max'),
      required: ofTask('required'),
      beginsLate: ofTask('begin') === 'handler',
    })
  }
  t.strictSame(tool.dependencies[0]!.required, told('Dependency', 'required'))
  t.strictSame(tool.dependencies[0]!.alternatives[0]!.version, told('Dependency', 'version'))
})

t.test(
  'a dependency says first how its calls behave, then the agent, then the shipped default',
  async t => {
    const table: [object | string | undefined, object, number, number][] = [
      [undefined, {}, 3000, 10_000],
      ['critical', {}, 900, 3000],
      ['patient', { deadline: '1h' }, 30_000, 3_600_000],
      [{ timeout: '4s' }, {}, 4000, 10_000],
      [{ timeout: '4s', deadline: '5s' }, { timeout: '2s' }, 2000, 5000],
      [undefined, { deadline: '500ms' }, 500, 500],
    ]
    for (const [policy, own, timeoutMs, deadlineMs] of table) {
      const spec = policy === undefined ? {} : { policy }
      const agent = lower(manifest(spec, { dependencies: { d: { capability: 'x', ...own } } }))
      const found = agent.tools[0]!.dependencies[0]!.alternatives[0]!
      t.match(found, { timeoutMs, deadlineMs }, JSON.stringify({ policy, own }))
    }
  },
)

t.test('handlers and tag terms are read', async t => {
  t.strictSame(parseHandler('./a.ts#b'), { path: './a.ts', exportName: 'b' })
  t.strictSame(parseTags(['a', '+b', '-c', ['d', 'e']]), {
    required: ['a'],
    preferred: ['b'],
    excluded: ['c'],
    anyOf: [['d', 'e']],
  })
})

t.test('an inputSchema without a type is one of an object, as MCP wants it', async t => {
  const agent = lower(manifest({}, { inputSchema: { properties: {} } }))
  t.strictSame(agent.tools[0]!.inputSchema, { type: 'object', properties: {} })
})

t.test('of the shipped policies the default has every value', async t => {
  t.strictSame([...shippedPolicies().keys()].sort(), ['critical', 'default', 'patient'])
  t.matchSnapshot(
    JSON.stringify(Object.fromEntries(shippedPolicies()), null, 2),
    'shipped policies',
  )
})

t.test('the digest tells manifests apart, and not the order of their keys', async t => {
  const one = manifest({}, { inputSchema: { type: 'object', title: 'x' } })
  const other = manifest({}, { inputSchema: { title: 'x', type: 'object' } })
  t.equal(digestOf(one), digestOf(other))
  t.not(digestOf(one), digestOf(manifest({}, { inputSchema: { type: 'object', title: 'y' } })))
  t.equal(
    canonicalJson({ b: [1, { d: null, c: undefined }], a: 'é' }),
    '{"a":"é","b":[1,{"d":null}]}',
  )
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      t.strictSame(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))
    }),
    { numRuns: 50 },
  )
})
