/** Policies laid over one another, named ones of a set, and what docs/policies.md says of them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { checkManifest } from '../../../core/manifest/check-manifest.ts'
import { effective } from '../../../core/manifest/effective-policy.ts'
import { loadManifests } from '../../../core/manifest/load.ts'
import { lower } from '../../../core/manifest/lower.ts'

const h = 'export default () => 1'
const policy = (name: string, spec: string) =>
  `apiVersion: mcp-mesh.dev/v1\nkind: CallPolicy\nmetadata: { name: ${name} }\nspec: ${spec}\n`
const agent = (policyText: string, dependency = '{ capability: x }') => `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: a }
spec:
  version: 1.0.0
  policy: ${policyText}
  tools: [{ name: t, handler: ./h.js, dependencies: { d: ${dependency} } }]
`

t.test('each level lies over the one before, field by field', async t => {
  const values = (...levels: Record<string, unknown>[]) =>
    Object.fromEntries(
      [...effective(levels.map((values, i) => ({ origin: `${i}`, values })))].map(
        ([field, { value, origin }]) => [field, `${JSON.stringify(value)} of ${origin}`],
      ),
    )
  const table: [Record<string, unknown>[], Record<string, string>][] = [
    [[{ timeout: '1s' }, { deadline: '2s' }], { timeout: '"1s" of 0', deadline: '"2s" of 1' }],
    [
      [{ retries: { attempts: 3, on: ['timeout', 'error'] } }, { retries: { on: ['timeout'] } }],
      { 'retries.attempts': '3 of 0', 'retries.on': '["timeout"] of 1' },
    ],
    [[{ breaker: { failures: 1, open: '1s' } }, { breaker: 'none' }], { breaker: '"none" of 1' }],
    [
      [{ breaker: { failures: 1, open: '1s' } }, { breaker: 'none' }, { breaker: { failures: 2 } }],
      { 'breaker.failures': '2 of 2' },
    ],
    [
      [{ headers: { 'X-A': '1', 'X-B': '1' } }, { headers: { 'x-a': '2' } }],
      { 'headers.x-a': '"2" of 1', 'headers.x-b': '"1" of 0' },
    ],
    [[{ timeout: 5, hedge: [], balance: null, retries: 'x' }], {}],
  ]
  for (const [levels, expected] of table) t.strictSame(values(...levels), expected)
})

t.test(
  'dependencies that say nothing share what was lowered once, and none can change it',
  async t => {
    const policyOf = (policyText: string, dependency?: string) => {
      const checked = checkManifest(parse(agent(policyText, dependency)))
      if (checked.faults) throw new Error(checked.faults[0]?.message)
      return checked.agent.tools[0]!.dependencies[0]!.alternatives[0]!
    }
    for (const shared of ['patient', '{ from: patient, breaker: { failures: 9 } }']) {
      const silent = policyOf(shared)
      const own = policyOf(shared, '{ capability: x, deadline: 1s, retries: { attempts: 7 } }')
      t.match(own, { timeoutMs: 1_000, deadlineMs: 1_000, retries: { attempts: 7 } })
      t.strictSame(policyOf(shared), silent, 'what one says is not what the next has')
      t.strictSame(own.breaker, silent.breaker)
      t.throws(() => (silent.retries.attempts = 1), TypeError)
    }
    t.equal(policyOf('patient').retries, policyOf('patient').retries, 'lowered once a process')
    const hashed = '{ capability: x, hashOn: id }'
    t.equal(policyOf('{ balance: consistent-hash, hashOn: other }', hashed).hashOn, 'id')
  },
)

t.test(
  'a policy of the set stands as values in the manifest, and gives the same agent',
  async t => {
    const dir = t.testdir({
      'policies.mesh.yaml': [
        policy('house', '{ from: patient, deadline: 90s, headers: { X-Team: docs } }'),
        policy('strict', '{ from: house, breaker: none, retries: { attempts: 2 } }'),
      ].join('---\n'),
      a: { 'mesh.yaml': agent('{ from: strict, timeout: 20s }'), 'h.js': h },
      b: { 'mesh.yaml': agent('house').replace('name: a', 'name: b'), 'h.js': h },
      c: { 'mesh.yaml': agent('patient').replace('name: a', 'name: c'), 'h.js': h },
    })
    const policies = join(dir, 'policies.mesh.yaml')
    const files = ['a', 'b', 'c'].map(name => join(dir, name, 'mesh.yaml'))
    const { manifests, diagnostics } = await loadManifests([...files, policies])
    t.strictSame(diagnostics, [])
    t.strictSame(
      manifests.map(({ manifest }) => manifest.spec.policy),
      [
        {
          ...{ from: 'patient', deadline: '90s', timeout: '20s', breaker: 'none' },
          ...{ retries: { attempts: 2 }, headers: { 'x-team': 'docs' } },
        },
        { from: 'patient', deadline: '90s', headers: { 'x-team': 'docs' } },
        'patient',
      ],
    )
    t.strictSame(
      manifests.map(m => m.policyFiles),
      [[policies], [policies], []],
    )
    for (const loaded of manifests) {
      const checked = checkManifest(loaded.manifest) // as the registry sees it, which has no such file
      t.strictSame(checked.faults, undefined)
      t.strictSame(lower(loaded.manifest), loaded.agent)
    }
    t.match(manifests[0]!.agent.tools[0]!.dependencies[0]!.alternatives[0], {
      ...{ timeoutMs: 20_000, deadlineMs: 90_000, breaker: undefined },
      retries: { attempts: 2, backoff: { initialMs: 200, maxMs: 5000 }, on: ['unavailable'] },
    })
    const alone = await loadManifests([files[1]!])
    t.strictSame(
      alone.diagnostics.map(d => [d.code, d.mend]),
      [
        [
          'MESH_POLICY_UNKNOWN',
          'write critical, or give the file that describes the CallPolicy "house" too',
        ],
      ],
    )
    const process = await loadManifests([files[1]!], { policyFiles: [policies] })
    t.equal(process.manifests[0]!.digest, manifests[1]!.digest)
  },
)

t.test('a changed policy changes the digest of the agents that name it, and no other', async t => {
  const digests = async (deadline: string) => {
    const dir = t.testdir({
      'mesh.yaml': [
        policy('house', `{ deadline: ${deadline} }`),
        agent('house'),
        agent('patient').replace('name: a', 'name: b'),
      ].join('---\n'),
      'h.js': h,
    })
    return (await loadManifests([join(dir, 'mesh.yaml')])).manifests.map(m => m.digest)
  }
  const [before, after] = [await digests('20s'), await digests('21s')]
  t.not(before[0], after[0])
  t.equal(before[1], after[1])
})

t.test('the examples of docs/policies.md load clean', async t => {
  const page = readFileSync('docs/policies.md', 'utf8')
  const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(match => match[1]!)
  t.equal(blocks.length, 1)
  const dir = t.testdir({ 'mesh.yaml': blocks.join('---\n'), 'handler.js': h })
  const { manifests, diagnostics } = await loadManifests([join(dir, 'mesh.yaml')])
  t.strictSame(diagnostics, [])
  const [figures, words] = manifests[0]!.agent.tools[0]!.dependencies
  t.match(figures!.alternatives[0], {
    ...{ timeoutMs: 2000, deadlineMs: 8000, hashOn: 'session_id', stream: 'never' },
    headers: { 'x-team': 'docs', 'x-version': 'v2', 'x-api-key': '${env:FIGURES_KEY}' },
  })
  t.match(words!.alternatives[0], { timeoutMs: 20_000, deadlineMs: 90_000, breaker: undefined })
  const fields = [...page.matchAll(/^\| `(\w+)`/gm)].map(match => match[1])
  const schema = JSON.parse(readFileSync('schemas/agent.schema.json', 'utf8')) as {
    $defs: { CallPolicySpec: { properties: object } }
  }
  const known = Object.keys(schema.$defs.CallPolicySpec.properties)
  t.strictSame(
    fields,
    known.filter(key => key !== 'from' && key !== 'hashOn'),
  )
})
