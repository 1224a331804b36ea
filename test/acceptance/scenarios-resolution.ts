/** Scenarios of resolution and values on real processes. Numbers are SCENARIOS.md's; tables of the same stand in test/core/resolver. */
import t from 'tap'
import { callRaw, callText } from '../support/call.ts'
import { answers, asker, optional } from '../support/asker.ts'
import { agentFiles, createMesh, until, type Mesh } from '../support/mesh.ts'

/** Starts a provider that answers with its own name. */
const provider = (
  mesh: Mesh,
  name: string,
  { version = '1.0.0', tags = [] as string[], capability = 'service' } = {},
) =>
  mesh.agent(
    agentFiles(name, {
      tool: 'serve',
      handler: `return ${JSON.stringify(name)}`,
      toolSpec: `capability: ${capability}\nversion: ${version}\ntags: [${tags.join(', ')}]`,
    }),
  )

t.test('13: tags are required, preferred, excluded, any-of; alternatives in order', async t => {
  const mesh = await createMesh(t)
  await mesh.registry()
  await provider(mesh, 'plain', { tags: ['system'] })
  await provider(mesh, 'fast', { tags: ['system', 'fast'] })
  await provider(mesh, 'old', { tags: ['system', 'fast', 'turbo', 'deprecated'] })
  await provider(mesh, 'cold', { tags: ['cold'], capability: 'archive' })
  const expected = {
    required_tag: 'old',
    preferred: 'fast',
    excluded: 'plain',
    any_of: 'old',
    nothing: 'undefined',
    first_that_resolves: 'cold',
  }
  const agent = await mesh.agent(
    asker({
      required_tag: optional('tags: [turbo]'),
      preferred: optional('tags: [system, +fast, -deprecated]'),
      excluded: optional('tags: [system, -fast]'),
      any_of: optional('tags: [[turbo, warp]]'),
      nothing: optional('tags: [warp]'),
      first_that_resolves: `[${optional('tags: [warp]')}, { capability: archive, tags: [cold], required: false }]`,
    }),
  )
  await until(
    async () => JSON.stringify(await answers(agent, expected)) === JSON.stringify(expected),
    {
      timeoutMs: 60_000,
    },
  ).catch(() => undefined)
  t.strictSame(await answers(agent, expected), expected)
  const shown = (await mesh.agents()).find(a => a.metadata.name === 'asker')
  const nothing = shown?.status.resolutions.find(r => r.tool === 'nothing')
  t.match(nothing?.reason, /warp/, 'the reason names the tag that nobody has')
  t.match(shown?.status.conditions.find(c => c.type === 'DependenciesResolved')?.message, /nothing/)
})

t.test('14: ^1 picks the newest 1.x, a bare version is exact, none means the highest', async t => {
  const mesh = await createMesh(t)
  await mesh.registry()
  await provider(mesh, 'v1-0', { version: '1.0.0' })
  await provider(mesh, 'v1-9', { version: '1.9.3' })
  await provider(mesh, 'v2-0', { version: '2.0.0' })
  const expected = { caret: 'v1-9', exact: 'v1-0', none: 'v2-0', gap: 'undefined' }
  const agent = await mesh.agent(
    asker({
      caret: optional('version: ^1'),
      exact: optional('version: 1.0.0'),
      none: '{ capability: service, required: false }',
      gap: optional('version: ">=1.10 <2"'),
    }),
  )
  await until(
    async () => JSON.stringify(await answers(agent, expected)) === JSON.stringify(expected),
    {
      timeoutMs: 60_000,
    },
  ).catch(() => undefined)
  t.strictSame(await answers(agent, expected), expected)
})

t.test(
  '15: of three dependencies the two that resolve are right, whatever the third does',
  async t => {
    const mesh = await createMesh(t)
    await mesh.registry()
    await provider(mesh, 'one', { capability: 'one' })
    await provider(mesh, 'three', { capability: 'three' })
    const agent = await mesh.agent({
      'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: asker }
spec:
  version: 1.0.0
  settle: 1ms
  tools:
    - name: all
      handler: ./all.js
      dependencies:
        one: { capability: one }
        two: { capability: two, required: false }
        three: { capability: three }
`,
      'all.js':
        'export default async (args, { one, two, three }) => [one && (await one({})), two, three && (await three({}))].join()\n',
    })
    await until(async () => (await callText(agent.endpoint, 'all')) === 'one,,three')
    t.equal(await callText(agent.endpoint, 'all'), 'one,,three')
    await provider(mesh, 'two', { capability: 'two' })
    await until(async () => (await callText(agent.endpoint, 'all')).startsWith('one,'))
  },
)

t.test('25: values come back exactly as they went in', async t => {
  const mesh = await createMesh(t)
  await mesh.registry()
  await mesh.agent({
    'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: values }
spec:
  version: 1.0.0
  tools: [{ name: value, handler: ./value.js }]
`,
    'value.js': `export const values = {
  list: [], object: {}, empty: '', zero: 0, nil: null, no: false, nothing: undefined, number: -1.5e-7,
  nested: { a: [null, { b: '' }], '': 1, __proto__x: [] }, digits: '0', json: '{"a":1}', unicode: 'ä 漢字 🙂 \\u0000 \\u2028',
  lines: 'event: x\\n\\ndata: y\\r\\n', big: 'x🙂'.repeat(10 * 1024 * 1024 / 5), content: { content: [{ type: 'text', text: 'no' }] },
}
export default ({ key }) => values[key]
`,
  })
  const agent = await mesh.agent({
    'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: asker }
spec:
  version: 1.0.0
  tools:
    - name: compare
      handler: ./compare.js
      timeout: 60s
      dependencies: { value: { capability: value, timeout: 30s, deadline: 30s } }
`,
    'compare.js': `import { isDeepStrictEqual } from 'node:util'
import { values } from '../agent-1/value.js'
export default async (args, { value }) => {
  const wrong = []
  for (const [key, sent] of Object.entries(values)) {
    const got = await value({ key })
    if (!isDeepStrictEqual(got, sent)) wrong.push({ key, got: String(JSON.stringify(got)).slice(0, 80) })
  }
  return { compared: Object.keys(values).length, wrong }
}
`,
  })
  await until(async () => !(await callRaw(agent.endpoint, 'compare')).isError)
  t.strictSame((await callRaw(agent.endpoint, 'compare')).structuredContent, {
    compared: 15,
    wrong: [],
  })
})
