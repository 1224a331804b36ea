/** diff, describe, why, wait and drain: meshctl against a real registry. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { unifiedDiff } from '../../core/cli/output/unified-diff.ts'
import { cli, startCli } from '../support/cli.ts'
import { until } from '../support/mesh.ts'
import { manifestOf, openRegistry } from '../support/registry.ts'

async function open(t: Test) {
  const registry = await openRegistry(t, { times: { graceMs: 50 } })
  const options = { env: { MESH_REGISTRY_URL: registry.url } }
  return { ...registry, options, run: (...args: string[]) => cli(args, options) }
}

t.test('a diff shows what changes with three lines around it', async t => {
  const lines = Array.from({ length: 20 }, (_, i) => `l${i}`)
  t.strictSame(unifiedDiff(lines, lines), [])
  t.strictSame(unifiedDiff([], ['a']), ['@@ -0,0 +1,1 @@', '+a'])
  t.strictSame(unifiedDiff(['a'], []), ['@@ -1,1 +0,0 @@', '-a'])
  t.strictSame(unifiedDiff(lines, [...lines.slice(0, 9), 'new', ...lines.slice(10)]), [
    ...['@@ -7,7 +7,7 @@', ' l6', ' l7', ' l8', '-l9', '+new', ' l10', ' l11', ' l12'],
  ])
  t.equal(
    unifiedDiff(lines, ['x', ...lines.slice(1, 19), 'y']).filter(l => l.startsWith('@@')).length,
    2,
  )
  const huge = Array.from({ length: 5_000 }, (_, i) => `${i}`)
  t.equal(
    unifiedDiff(
      huge,
      huge.map(line => `${line}x`),
    ).length,
    10_001,
  )
})

t.test('diff', async t => {
  const { client, run } = await open(t)
  const folder = t.testdir({ 'handler.ts': 'export default () => 1\n' })
  const file = `${folder}/mesh.yaml`
  const write = (version: string) =>
    writeFileSync(
      file,
      `spec:\n  version: ${version}\n  auth: { bearer: "\${env:TOKEN}" }\n  tools: [{ name: a, handler: ./handler.ts }]\n` +
        'apiVersion: mcp-mesh.dev/v1\nkind: Agent\nmetadata: { name: a }\n',
    )
  write('1.0.0')
  t.match(await run('diff', '-f', file), {
    code: 1,
    out: /^--- agent\/a .*\(not there yet\)\n\+\+\+ /,
  })
  t.equal((await run('apply', '-f', file)).code, 0)
  t.match(await run('diff', '-f', file), { code: 0, out: '', said: 'nothing differs' })
  write('1.1.0')
  const { code, out } = await run('diff', '-f', file)
  t.equal(code, 1)
  t.match(out.split('\n').slice(0, 2), [
    /^--- agent\/a in namespace default \(generation 1\)$/,
    /^\+\+\+ .*mesh.yaml$/,
  ])
  t.strictSame(
    out.split('\n').filter(line => /^[+-] /.test(line)),
    ['-  version: 1.0.0', '+  version: 1.1.0'],
  )
  t.equal((await client.agent('default', 'a')).metadata.generation, 1, 'nothing was changed')
  t.match(await run('diff'), { code: 2, err: /diff was given no file/ })
  t.match(await run('diff', '-f', `${folder}/nothing.yaml`), { code: 3 })
})

t.test('describe and why', async t => {
  const { join, run, client } = await open(t)
  const first = {
    capability: 'date',
    version: '^2',
    tags: ['system', ['eu', 'us'] as [string, string]],
  }
  const user = manifestOf('user', {
    ask: {
      needs: {
        day: [first, { capability: 'date' }],
        more: { capability: 'none', required: false },
      },
    },
  })
  await client.apply(manifestOf('sleeper', { s: { needs: { d: { capability: 'date' } } } }))
  await join({ ...user, metadata: { ...user.metadata, labels: { team: 'docs' } } })
  const old = await join(manifestOf('old', { date: { tags: ['system', 'eu'] } }))
  const bare = await join(manifestOf('bare', { date: {} }, { version: '2.0.0' }))
  await client.drain(bare.id)
  const { code, out } = await run('why', 'user')
  t.equal(code, 0)
  t.match(out.split('\n'), [
    'ask/day (required): filled by alternative 2 of 2',
    '  1. date, version ^2, tags system,eu|us',
    /^ {5}left out {2}old\/date@1\.0\.0 \(old-\w+\) at version: its version 1\.0\.0 is not in "\^2"$/,
    /^ {5}left out {2}bare\/date@2\.0\.0 \(bare-\w+\) at state: it is draining$/,
    '  2. date, version *',
    /^ {5}fits {6}old\/date@1\.0\.0 \(old-\w+\), score 0, http/,
    /^ {5}left out {2}bare\/date/,
    'ask/more (optional): nothing fills it',
    '  1. none, version *',
    '     nobody offers it',
  ])
  t.match(await run('why', 'agent/user', 'ask/more'), { code: 0, out: /^ask\/more/ })
  const json = JSON.parse((await run('why', 'user', 'day', '-o', 'json')).out) as object
  t.match(json, { items: [{ alternative: 1, alternatives: [{ endpoints: [] }, {}] }] })
  t.match(await run('why', 'user', 'dya'), { code: 4, err: /did you mean "day"/ })
  t.match(await run('why', 'usre'), { code: 4, err: /did you mean "user"/ })
  t.match(await run('why', 'sleeper'), { code: 0, out: /no instance of the agent runs/ })

  const described = await run('describe', 'agent', 'user')
  t.match(described, { code: 0, err: '' })
  for (const part of [
    /^Name: +user$/m,
    /^Labels: +team=docs$/m,
    /^Phase: +Ready$/m,
    /^ {2}DependenciesResolved +False .*OptionalUnresolved/m,
    /^ {2}user-\w+ +ready/m,
    /^ {2}user:ask +day +date +old:date@1\.0\.0$/m,
    /^ {2}\w+ +Rewired +ask\/day: from nothing to old\/date@1\.0\.0/m,
  ])
    t.match(described.out, part)
  t.match(await run('describe', 'agent/sleeper'), { out: /^Instances: none$/m })
  t.match(await run('describe', 'user'), { code: 2, err: /describe does not take "user"/ })
  old.kill()
  await until(async () => (await run('why', 'user')).code === 1, {
    what: 'a required one unfilled',
  })
})

t.test('wait', async t => {
  const { client, join, run, options, mesh } = await open(t)
  await client.apply(manifestOf('a'))
  t.match(await run('wait', 'agent/a', '--timeout', '150ms'), {
    code: 1,
    err: /MESH_WAIT_ELAPSED: agent "a" was not Ready within 0\.15 s: no instance runs/,
  })
  const waiting = startCli(['wait', 'agent', 'a', '--for=phase=Ready'], options)
  await until(() => mesh.agentWatchers.count === 1, { what: 'its watch' })
  const agent = await join(manifestOf('a'))
  t.equal(await waiting.code, 0)
  t.strictSame(waiting.out, ['agent/a in phase Ready'])
  t.match(await run('wait', 'agent/a', '--for', 'condition=Drifted=False'), { code: 0 })
  t.match(await run('wait', 'agent/nobody'), { code: 4, err: /no agent "nobody"/ })
  const deletion = startCli(['wait', 'agent/a', '--for=delete'], options)
  await client.deleteAgent('default', 'a')
  agent.kill()
  t.equal(await deletion.code, 0)
  t.strictSame(deletion.out, ['agent/a deleted'])
  t.match(await run('wait', 'agent/nobody', '--for=delete'), { code: 0 })
  t.equal(mesh.agentWatchers.count, 0, 'no watch is left')
  t.match(await run('wait', 'agent/a', '--for', 'luck'), {
    code: 2,
    err: /"luck" is nothing to wait for/,
  })
  t.match(await run('wait', 'agent'), { code: 2 })
})

t.test('a wait outlives the registry, and says at its end that none answers', async t => {
  const store = { kind: 'file' as const, path: join(t.testdir(), 'mesh.db') }
  const first = await openRegistry(t, { store })
  const second = await openRegistry(t)
  const env = { MESH_REGISTRY_URL: `${first.url},${second.url}` }
  await first.client.apply(manifestOf('a'))
  await second.client.apply(manifestOf('a'))
  const waiting = startCli(['wait', 'agent/a'], { env })
  await until(() => first.mesh.agentWatchers.count === 1, { what: 'its watch' })
  await first.close()
  await until(() => second.mesh.agentWatchers.count === 1, { what: 'its watch at the other' })
  const lost = startCli(['wait', 'agent/a', '--for', 'delete', '--timeout', '600ms'], { env })
  await second.join(manifestOf('a'))
  t.match([await waiting.code, waiting.out], [0, ['agent/a Ready']])
  await until(() => second.mesh.agentWatchers.count === 1, { what: 'the watch of the other wait' })
  await second.close()
  t.equal(await lost.code, 5)
  t.match(lost.err, [/MESH_REGISTRY_UNREACHABLE/])

  const { port } = new URL(first.url)
  const again = await openRegistry(t, { store, port: Number(port) })
  const back = startCli(['wait', 'agent/a'], { env: { MESH_REGISTRY_URL: again.url } })
  await until(() => again.mesh.agentWatchers.count === 1, { what: 'its watch' })
  await again.close()
  const restarted = await openRegistry(t, { store, port: Number(port) })
  await restarted.join(manifestOf('a'))
  t.match([await back.code, back.out], [0, ['agent/a Ready']])
})

t.test('drain', async t => {
  const { join, run, state } = await open(t)
  const agent = await join(manifestOf('a'))
  t.match(await run('drain', agent.id), { code: 0, out: `instance/${agent.id} draining` })
  t.equal(await state(agent.id), 'draining')
  t.match(await run('drain', `${agent.id.slice(0, -1)}`), {
    code: 4,
    err: new RegExp(`did you mean "${agent.id}"`),
  })
})

t.test('graph: a tree, and the source of a picture', async t => {
  const { join, run, client } = await open(t)
  t.match(await run('graph'), { code: 0, out: '', said: 'no agent runs or is wanted' })
  const date = { capability: 'date', required: false }
  await join(
    manifestOf('hello', {
      greet: { capability: 'greeting', needs: { date, mail: { capability: 'mail' } } },
    }),
  )
  await join(manifestOf('calendar', { today: { capability: 'date', version: '1.2.0' } }))
  const edges = async () => (await client.graph('default')).edges.map(({ to }) => to)
  await until(async () => (await edges())[0] !== undefined)
  t.strictSame((await run('graph')).out.split('\n'), [
    'calendar  Ready, 1 of 1 instances ready',
    '└─ today  date 1.2.0',
    'hello  Degraded, 1 of 1 instances ready',
    '└─ greet  greeting 1.0.0  broken',
    '   ├─ date (optional) -> calendar.today 1.2.0',
    '   └─ mail -> nothing: no instance offers "mail" in namespace "default"',
  ])
  // The pictures as a whole are snapshots of test/core/cli/graph.ts.
  const dot = (await run('graph', '-o', 'dot')).out
  t.match(dot, /^digraph mesh \{[^]*label="default\/hello \(Degraded, 1\/1\)"[^]*\}$/)
  t.match(dot, /"default\/hello\/greet" -> "default\/calendar\/today" \[label="date/)
  t.match(dot, /"default\/hello\/greet" -> "mail" \[label="mail \(nothing\)"/)
  const mermaid = (await run('graph', '-o', 'mermaid')).out
  t.match(
    mermaid,
    /^flowchart LR[^]* n3 -\.->\|"date \(optional\)"\| n1[^]* n3 --x\|"mail \(nothing\)"\| n4/,
  )
  t.strictSame(JSON.parse((await run('graph', '-o', 'json')).out), await client.graph('default'))
  t.match(await run('graph', '-n', 'other'), { code: 0, out: '' })
})
