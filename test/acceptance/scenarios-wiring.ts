/** Scenarios 10 and 16 to 19 on real processes: what changes, breaks, circles, is apart or does not fit. Numbers are SCENARIOS.md's. */
import t from 'tap'
import { answers, asker, optional } from '../support/asker.ts'
import { callText } from '../support/call.ts'
import { agentFiles, createMesh, until } from '../support/mesh.ts'

t.test('10: consumers see versions, tags and tools change, and nothing else changes', async t => {
  const mesh = await createMesh(t)
  await mesh.registry()
  const tool = (name: string, capability: string, tags = '', handler = './serve.js') =>
    `    - { name: ${name}, capability: ${capability}, tags: [${tags}], handler: "${handler}" }\n`
  const changing = (version: string, ...tools: string[]) => ({
    'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: changing }
spec:
  version: ${version}
  tools:
${tools.join('')}`,
    'serve.js': 'export default () => "served"\nexport const unnamed = () => "unnamed"\n',
  })
  const folder = mesh.write('changing', changing('1.0.0', tool('serve', 'service', 'slow')))
  const provider = await mesh.agent(`${folder}/mesh.yaml`)
  const agent = await mesh.agent(
    asker({
      newer: optional('version: ^2'),
      fast: optional('tags: [fast]'),
      any: optional('tags: [-hidden]'),
      more: '{ capability: extra, required: false }',
    }),
  )
  /** Waits until exactly these of the consumer's dependencies are filled. */
  const sees = (...filled: string[]) => {
    const expected = Object.fromEntries(
      ['newer', 'fast', 'any', 'more'].map(name => [
        name,
        filled.includes(name) ? 'served' : 'undefined',
      ]),
    )
    const what = JSON.stringify(expected)
    return until(async () => JSON.stringify(await answers(agent, expected)) === what, { what })
  }
  const apply = (...change: Parameters<typeof changing>) => {
    mesh.write('changing', changing(...change))
    return mesh.meshctl(['apply', '-f', folder, '--wait'])
  }
  const changes = async (...change: Parameters<typeof changing>) => {
    const { code, stderr } = await apply(...change)
    t.equal(code, 0, stderr)
  }
  const instances = async () =>
    (await mesh.agents()).flatMap(({ status }) => status.instances.map(({ id }) => id)).sort()
  await sees('any')
  const before = await instances()
  await changes('2.0.0', tool('serve', 'service', 'slow'))
  await sees('newer', 'any')
  await changes('2.0.0', tool('serve', 'service', 'fast'))
  await sees('newer', 'fast', 'any')
  await changes('2.0.0', tool('serve', 'service', 'fast'), tool('second', 'extra'))
  await sees('newer', 'fast', 'any', 'more')
  await changes('1.1.0', tool('second', 'extra'), tool('serve', 'service', 'fast, hidden'))
  await sees('fast', 'more')
  await changes('1.2.0', tool('second', 'service'))
  await sees('any')

  // The module is loaded, but the manifest of the start did not name this export (docs/adr/0005).
  const other = tool('second', 'extra', '', './serve.js#unnamed')
  const refused = await apply('2.1.0', tool('serve', 'service', 'fast'), other)
  t.not(refused.code, 0)
  t.match(
    refused.stderr,
    /MESH_AGENT_DRIFTED: agent "changing" cannot follow generation 7: .*tool "second": the handler \.\/serve\.js#unnamed is not loaded/,
  )
  await sees('any')
  await changes('2.1.0', tool('serve', 'service', 'fast'), tool('second', 'extra'))
  await sees('newer', 'fast', 'any', 'more')
  t.strictSame(await instances(), before, 'the same instances served all of it')
  t.ok(before.includes(provider.instance), 'and the provider is one of them')
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
