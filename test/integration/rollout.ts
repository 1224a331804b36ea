/** The history of an agent, from the store to meshctl, on both stores. */
import t, { type Test } from 'tap'
import type { Problem } from '../../core/model/registry-api.ts'
import type { StoreLocation } from '../../core/registry/store/configuration.ts'
import { cli } from '../support/cli.ts'
import { until } from '../support/mesh.ts'
import { startPostgres } from '../support/postgres.ts'
import { manifestOf, openRegistry } from '../support/registry.ts'

const version = (version: string) => manifestOf('a', { a: {} }, { version })

function suite(t: Test, place: (t: Test) => StoreLocation) {
  t.test('a rollback is a new generation, which running instances are sent', async t => {
    const registry = await openRegistry(t, { store: place(t) })
    const { client } = registry
    const agent = await registry.join(version('1.0.0'))
    t.match((await client.revisions('default', 'a')).items, [
      { generation: 1, origin: 'announced' },
    ])
    await client.apply(version('1.1.0'))
    await client.apply(version('1.2.0'))
    t.match(await client.rollBack('default', 'a'), { result: 'configured', generation: 4 })
    await until(() => agent.events.some(e => e.type === 'manifest' && e.generation === 4), {
      what: 'the manifest of generation 4',
    })
    t.match(await client.rollBack('default', 'a', 1), { generation: 5 })
    const { items } = await client.revisions('default', 'a')
    t.match(
      items.map(({ generation, origin, from, manifest }) => [
        ...[generation, origin, from, manifest.spec.version],
      ]),
      [
        [1, 'announced', undefined, '1.0.0'],
        [2, 'applied', undefined, '1.1.0'],
        [3, 'applied', undefined, '1.2.0'],
        [4, 'rollback', 2, '1.1.0'],
        [5, 'rollback', 1, '1.0.0'],
      ],
    )
    t.ok(items.every(({ at }) => Math.abs(Date.now() - Date.parse(at)) < 60_000))
    t.match(await client.agent('default', 'a'), { spec: { version: '1.0.0' } })
    t.match(await client.rollBack('default', 'a', 1), { result: 'unchanged', generation: 5 })
  })

  t.test('history outlives the registry, and not its agent', async t => {
    const location = place(t)
    const first = await openRegistry(t, { store: location })
    await first.client.apply(version('1.0.0'))
    await first.client.apply(version('1.1.0'))
    await first.close()
    const { client } = await openRegistry(t, { store: location })
    t.match(await client.rollBack('default', 'a'), { generation: 3 })
    await client.deleteAgent('default', 'a')
    await t.rejects(client.revisions('default', 'a'), { code: 'MESH_RESOURCE_MISSING' })
    await client.apply(version('2.0.0'))
    t.match((await client.revisions('default', 'a')).items, [{ generation: 1 }])
  })
}

t.test('on SQLite', async t =>
  suite(t, t => ({ kind: 'file', path: `${t.testdir()}/registry.db` })),
)

t.test('on PostgreSQL', async t => {
  const postgres = await startPostgres(t)
  if (postgres) suite(t, () => ({ kind: 'postgres', url: postgres.database() }))
})

t.test('what a rollback refuses', async t => {
  const registry = await openRegistry(t)
  await registry.client.apply(version('1.0.0'))
  const send = async (body?: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${registry.url}/v1/namespaces/default/agents/a/rollback`, {
      method: 'POST',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    })
    const { code, mend } = (await response.json()) as Problem
    return [response.status, code, mend]
  }
  t.match(await send(), [404, 'MESH_REVISION_MISSING', /kept are 1;/])
  t.match(await send('{"generation":7}'), [404, 'MESH_REVISION_MISSING', /kept are 1;/])
  t.match(await send('{"generation":0}'), [400, 'MESH_BODY_INVALID'])
  t.match(await send('{"to":1}'), [400, 'MESH_BODY_INVALID', /"generation": 3/])
  t.match(await send('{"generation":1}', { 'if-match': '9' }), [409, 'MESH_GENERATION_CONFLICT'])
  await t.rejects(registry.client.rollBack('default', 'nobody'), { code: 'MESH_RESOURCE_MISSING' })
})

t.test('meshctl rollout', async t => {
  const registry = await openRegistry(t)
  const run = (...args: string[]) => cli(args, { env: { MESH_REGISTRY_URL: registry.url } })
  await registry.client.apply(version('1.0.0'))
  await registry.client.apply(version('1.1.0'))
  await registry.client.apply(version('1.2.0'))
  t.match(await run('rollout', 'undo', 'a'), {
    code: 0,
    out: 'agent/a rolled back (generation 4)',
  })
  t.match(await run('rollout', 'undo', 'agent/a', '--to-generation', '2'), {
    code: 0,
    out: 'agent/a unchanged: it is what is wanted',
  })
  const { out } = await run('rollout', 'history', 'a')
  t.match(out.split('\n'), [
    /^GENERATION +VERSION +ORIGIN +AGE +DIGEST$/,
    /^1 +1\.0\.0 +applied +\d+ms|\d+s +sha256:/,
    /^2 +1\.1\.0 +applied/,
    /^3 +1\.2\.0 +applied/,
    /^4 +1\.1\.0 +rollback to 2/,
  ])
  const json = await run('rollout', 'history', 'a', '-o', 'json')
  t.match(JSON.parse(json.out), { items: { length: 4 } })
  t.match(await run('rollout', 'undo', 'a', '--to-generation', '9'), {
    code: 4,
    err: /generation 9 of agent "a" is not kept[\s\S]*kept are 1, 2, 3, 4/,
  })
  t.match(await run('rollout', 'undo', 'aa'), { code: 4, err: /did you mean "a"/ })
  t.match(await run('rollout', 'redo', 'a'), { code: 2, err: /does not know "redo"/ })
})
