/** Scenarios 10 and 16 to 19 on real processes: what changes, breaks, circles, is apart or does not fit. Numbers are SCENARIOS.md's. */
import t from 'tap'
import { answers, asker, optional } from '../support/asker.ts'
import { callText } from '../support/call.ts'
import { agentFiles, createMesh, until } from '../support/mesh.ts'

t.test('10: consumers see new versions and tags of an agent that nothing else changes', async t => {
  const mesh = await createMesh(t)
  await mesh.registry()
  const changing = (version: string, tags: string) => ({
    'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: changing }
spec:
  version: ${version}
  tools:
    - { name: serve, capability: service, tags: [${tags}], handler: ./serve.js }
`,
    'serve.js': 'export default () => "serve"\nexport const extra = () => "extra"\n',
  })
  const folder = mesh.write('changing', changing('1.0.0', 'slow'))
  await mesh.agent(`${folder}/mesh.yaml`)
  const agent = await mesh.agent(
    asker({
      newer: optional('version: ^2'),
      fast: optional('tags: [fast]'),
      more: '{ capability: extra, required: false }',
      any: optional('tags: [-hidden]'),
    }),
  )
  const sees = (expected: Record<string, string>) =>
    until(async () => JSON.stringify(await answers(agent, expected)) === JSON.stringify(expected), {
      what: JSON.stringify(expected),
    })
  const apply = async (...change: Parameters<typeof changing>) => {
    mesh.write('changing', changing(...change))
    const { code, stderr } = await mesh.meshctl(['apply', '-f', folder])
    t.equal(code, 0, stderr)
  }
  await sees({ newer: 'undefined', fast: 'undefined', more: 'undefined', any: 'serve' })
  await apply('2.0.0', 'slow')
  await sees({ newer: 'serve', fast: 'undefined', more: 'undefined', any: 'serve' })
  await apply('2.0.0', 'fast')
  await sees({ newer: 'serve', fast: 'serve', more: 'undefined', any: 'serve' })
})

t.test('16: when the end of a chain dies all of it is unavailable, and it recovers', async t => {
  const mesh = await createMesh(t)
  await mesh.registry()
  const link = (name: string, next: string) =>
    mesh.agent(
      agentFiles(name, {
        handler: 'return `${await deps.next({})} ' + name + '`',
        toolSpec: `dependencies: { next: { capability: ${next} } }`,
      }),
    )
  const end = () => mesh.agent(agentFiles('end', { handler: 'return "end"' }))
  const last = await end()
  await link('middle', 'end')
  const first = await link('first', 'middle')
  await until(async () => (await callText(first.endpoint, 'first')) === 'end middle first')
  await last.stop('SIGKILL')
  const ready = async () =>
    (await mesh.agents())
      .find(a => a.metadata.name === 'first')
      ?.status.conditions.find(c => c.type === 'Ready')
  const broken = await until(async () => {
    const condition = await ready()
    return condition?.status === 'False' ? condition : undefined
  })
  t.match(broken.message, /middle\/middle -> next is unresolved/, 'the first broken edge is named')
  const why = await mesh.meshctl(['why', 'first'])
  t.equal(why.code, 1)
  t.match(
    why.stdout,
    /left out {2}middle\/middle@1.0.0 .* at availability: .*middle\/middle -> next/,
  )
  await end()
  await until(async () => (await callText(first.endpoint, 'first')) === 'end middle first')
  t.equal((await ready())?.status, 'True')
})

t.test('17: a required cycle is refused by name, and taken once it is mended', async t => {
  const mesh = await createMesh(t)
  await mesh.registry()
  const files = (name: string, needs: string, more = '') =>
    agentFiles(name, {
      handler: `return ${JSON.stringify(name)}`,
      toolSpec: `dependencies: { it: { capability: ${needs}${more} } }`,
    })
  await mesh.agent(files('chicken', 'egg'))
  const folder = mesh.write('egg', files('egg', 'chicken'))
  const refused = await mesh.meshctl(['apply', '-f', folder])
  t.not(refused.code, 0)
  t.match(refused.stderr, /MESH_DEPENDENCY_CYCLE/)
  t.match(refused.stderr, /egg\/egg -> chicken\/chicken -> egg\/egg/)
  await t.rejects(mesh.agent(`${folder}/mesh.yaml`), { code: 'MESH_DEPENDENCY_CYCLE' })
  mesh.write('egg', files('egg', 'chicken', ', required: false'))
  const taken = await mesh.meshctl(['apply', '-f', folder])
  t.equal(taken.code, 0, taken.stderr)
  const egg = await mesh.agent(`${folder}/mesh.yaml`)
  t.equal(await callText(egg.endpoint, 'egg'), 'egg')
})

t.test('18: each namespace sees its own providers only', async t => {
  const mesh = await createMesh(t)
  await mesh.registry()
  const inNamespace = (files: Record<string, string>, namespace: string) => ({
    ...files,
    'mesh.yaml': files['mesh.yaml']!.replace(
      /name: ([a-z-]+) }/,
      `name: $1, namespace: ${namespace} }`,
    ),
  })
  const one = await mesh.agent(inNamespace(asker({ ask: optional('tags: []') }), 'one'))
  const two = await mesh.agent(inNamespace(asker({ ask: optional('tags: []') }), 'two'))
  const serve = (answer: string, namespace: string) =>
    mesh.agent(
      inNamespace(
        agentFiles('server', {
          tool: 'serve',
          handler: `return ${JSON.stringify(answer)}`,
          toolSpec: 'capability: service',
        }),
        namespace,
      ),
    )
  const first = await serve('of one', 'one')
  await until(async () => (await callText(one.endpoint, 'ask')) === 'of one')
  t.equal(await callText(two.endpoint, 'ask'), 'undefined')
  const why = await mesh.meshctl(['why', 'asker', '-n', 'two'])
  t.match(
    why.stdout,
    /left out {2}server\/serve@1.0.0 .* at namespace: it is in namespace "one", not "two"/,
  )
  await serve('of two', 'two')
  await until(async () => (await callText(two.endpoint, 'ask')) === 'of two')
  t.equal(await callText(one.endpoint, 'ask'), 'of one')
  await first.stop()
  await until(async () => (await callText(one.endpoint, 'ask')) === 'undefined')
  t.equal(await callText(two.endpoint, 'ask'), 'of two', 'the same name in another namespace stays')
})

t.test('19: a provider whose schemas do not fit is left out, and why says so', async t => {
  const mesh = await createMesh(t)
  await mesh.registry()
  const text = (type: string, more = '') =>
    `{ type: object, properties: { text: { type: ${type} }${more} }, required: [text] }`
  const server = (name: string, schema: string, version = '1.0.0') =>
    agentFiles(name, {
      tool: 'serve',
      handler: `return { text: ${JSON.stringify(name)} }`,
      toolSpec: `capability: service\nversion: ${version}\noutputSchema: ${schema}`,
    })
  const loose = mesh.write('loose', server('loose', text('[string, integer]'), '2.0.0'))
  await mesh.agent(`${loose}/mesh.yaml`)
  const expects = (match: string) =>
    optional(`expects: { outputSchema: ${text('string')}, match: ${match} }`)
  const asking = asker({ subset: expects('subset'), strict: expects('strict') })
  const agent = await mesh.agent({
    ...asking,
    'ask.js': 'export default async (args, { it }) => (it ? (await it({})).text : "undefined")\n',
  })
  const filled = (expected: Record<string, string>) =>
    until(async () => JSON.stringify(await answers(agent, expected)) === JSON.stringify(expected), {
      what: JSON.stringify(expected),
    })
  await until(async () => (await mesh.meshctl(['why', 'asker'])).stdout.includes('left out'))
  const none = { subset: 'undefined', strict: 'undefined' }
  t.strictSame(await answers(agent, none), none)
  const subset = await mesh.meshctl(['why', 'asker', 'subset/it'])
  t.match(
    subset.stdout,
    /left out {2}loose\/serve@2.0.0 .* at schema: its result at "text" may be integer or string, and string is taken/,
  )
  const strict = await mesh.meshctl(['why', 'asker', 'strict/it'])
  t.match(strict.stdout, /at schema: its outputSchema is not the expected one, and match is strict/)
  const shown = (await mesh.agents()).find(a => a.metadata.name === 'asker')
  t.match(shown?.status.resolutions[0]?.reason, /loose\/serve .* may be integer or string/)

  await mesh.agent(server('wide', text('string', ', more: { type: integer }')))
  await filled({ subset: 'wide', strict: 'undefined' })
  await mesh.agent(server('same', text('string')))
  await filled({ subset: 'wide', strict: 'same' })

  mesh.write('loose', server('loose', text('string'), '2.0.0'))
  const applied = await mesh.meshctl(['apply', '-f', loose])
  t.equal(applied.code, 0, applied.stderr)
  await filled({ subset: 'loose', strict: 'loose' })
})
