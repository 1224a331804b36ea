import t, { type Test } from 'tap'
import { createRegistryClient } from '../../core/client/registry-client.ts'
import { until } from '../support/mesh.ts'
import { startPostgres } from '../support/postgres.ts'
import { manifestOf, openRegistry, type TestRegistry } from '../support/registry.ts'

const postgres = await startPostgres(t)

/** Registries over one new database. */
async function several(t: Test, count: number): Promise<TestRegistry[]> {
  const store = { kind: 'postgres' as const, url: postgres?.database() ?? '' }
  return Promise.all(Array.from({ length: count }, () => openRegistry(t, { store })))
}

const consumer = manifestOf('reader', { read: { needs: { clock: { capability: 'clock' } } } })

t.test('several registries over one PostgreSQL', { skip: !postgres }, async t => {
  t.test('they start at once on an empty database, and each knows what one is told', async t => {
    const [a, b, c] = await several(t, 3)
    if (!a || !b || !c) return
    t.match(await a.client.apply(manifestOf('clock')), { result: 'created', generation: 1 })
    for (const { client } of [b, c]) {
      await until(async () => (await client.agents()).items.length === 1, { what: 'the agent' })
    }
    const receipts = await Promise.all(
      [a, b, c].map(({ client }, i) =>
        client.apply(manifestOf('clock', { clock: { description: `${i}` } })),
      ),
    )
    t.strictSame(
      receipts.map(({ generation }) => generation).sort(),
      [2, 3, 4],
      'nobody hears of a race',
    )
    const revisions = receipts.sort((x, y) => x.generation - y.generation).map(r => r.revision)
    t.ok(
      revisions.every((revision, i) => i === 0 || revision > (revisions[i - 1] ?? 0)),
      'they grow with the generations',
    )
    t.match(
      await b.client.apply(manifestOf('clock'), { ifMatch: 4 }),
      { generation: 5 },
      'what was acknowledged anywhere counts everywhere',
    )
    await t.rejects(c.client.apply(manifestOf('clock', { x: {} }), { ifMatch: 4 }), {
      code: 'MESH_GENERATION_CONFLICT',
    })
    await c.client.deleteAgent('default', 'clock')
    for (const { client } of [a, b]) {
      await until(async () => (await client.agents()).items.length === 0, { what: 'its end' })
    }
    t.match(await a.client.apply(manifestOf('clock')), { result: 'created', generation: 1 })
  })

  t.test('what happens to a provider at one registry reaches a consumer at the other', async t => {
    const [a, b] = await several(t, 2)
    if (!a || !b) return
    const reader = await a.join(consumer)
    const clock = await b.join(manifestOf('clock'))
    const filled = (by: string[]) =>
      until(() => String(reader.endpoints('read/clock')) === String(by), {
        what: `filled by ${String(by)}`,
      })
    await filled([clock.id])
    await b.client.drain(clock.id)
    await filled([])
    t.equal(await a.state(clock.id), 'draining')
    await b.client.leave(clock.id)
    await until(async () => (await a.state(clock.id)) === undefined)
    const other = await b.join(manifestOf('clock'))
    await filled([other.id])
    await other.announce({ unhealthy: { reason: 'no time' } })
    await filled([])
    t.equal(await a.state(other.id), 'unhealthy')
    await other.announce({})
    await filled([other.id])
    other.kill()
    await filled([])
    t.equal(await a.state(other.id), 'suspect')
    await other.watch()
    await filled([other.id])
    await a.client.drain(other.id)
    await until(async () => (await b.state(other.id)) === 'draining', {
      what: 'asked at the other registry',
    })
    await a.client.leave(other.id)
    await until(async () => (await b.state(other.id)) === undefined, {
      what: 'left at the other registry',
    })
    t.equal(await other.ended, 'closed')
  })

  t.test('an instance that announces itself elsewhere moves without a gap', async t => {
    const [a, b] = await several(t, 2)
    if (!a || !b) return
    const reader = await a.join(consumer)
    const clock = await a.join(manifestOf('clock'))
    await until(() => reader.endpoints('read/clock').length === 1)
    const count = reader.events.length
    await until(async () => (await b.state(clock.id)) === 'ready')
    await b.client.renewLease(clock.id)
    const again = b.join(manifestOf('clock'), { id: clock.id, rejoin: true })
    t.equal((await again).receipt.id, clock.id)
    await clock.ended
    const owners = [a, b].map(({ mesh }) => mesh.index.instances.get(clock.id)?.owner === undefined)
    t.strictSame(owners, [false, true])
    t.equal(await a.state(clock.id), 'ready')
    t.equal(
      (await a.client.agents()).items.find(i => i.metadata.name === 'clock')?.status.instances
        .length,
      1,
    )
    t.equal(reader.events.length, count, 'its consumer heard of nothing')
    await clock.watch()
    t.equal(await clock.ended, 'unknown', 'it is judged at the other registry')
  })

  t.test('two that announce different manifests of one name at once agree on one', async t => {
    const [a, b] = await several(t, 2)
    if (!a || !b) return
    await Promise.all([
      a.join(manifestOf('clock', { one: {} })),
      b.join(manifestOf('clock', { two: {} })),
    ])
    const tool = ({ mesh }: TestRegistry) => mesh.desired.get('default/clock')?.desired?.digest
    await until(() => tool(a) === tool(b), { what: 'agreement' })
    await until(async () => {
      const both = await Promise.all([a, b].map(({ client }) => client.agent('default', 'clock')))
      return both.every(({ status }) => status.instances.length === 2 && status.phase === 'Drifted')
    })
    t.pass('and each shows the other as drifted')
  })

  t.test('a deleted agent is told to leave, wherever it is', async t => {
    const [a, b] = await several(t, 2)
    if (!a || !b) return
    const clock = await b.join(manifestOf('clock'))
    await until(async () => (await a.state(clock.id)) === 'ready')
    await a.client.deleteAgent('default', 'clock')
    await until(() => clock.events.some(({ type }) => type === 'deleted'), { what: 'deleted' })
  })

  t.test('one that starts knows at once who lives, and does not settle for long', async t => {
    const store = { kind: 'postgres' as const, url: postgres?.database() ?? '' }
    const a = await openRegistry(t, { store })
    const clock = await a.join(manifestOf('clock'))
    await until(() => !a.mesh.settling)
    const b = await openRegistry(t, { store, times: { settleMs: 60_000 } })
    t.equal(await b.state(clock.id), 'ready')
    t.equal(b.mesh.settling, true)
    await until(() => !b.mesh.settling, { timeoutMs: 30_000, what: 'the end of settling' })
  })

  t.test(
    'instances of a registry that is gone are suspect, then gone, and leave nothing behind',
    async t => {
      const store = { kind: 'postgres' as const, url: postgres?.database() ?? '' }
      const a = await openRegistry(t, { store, times: { graceMs: 500 } })
      const b = await openRegistry(t, { store, times: { graceMs: 500 } })
      const clock = await b.join(manifestOf('clock'))
      await until(async () => (await a.state(clock.id)) === 'ready')
      clock.kill()
      await b.close()
      await until(async () => (await a.state(clock.id)) === undefined, { what: 'its end' })
      const shared = a.mesh.store.shared
      await until(async () => (await shared?.changesAfter(0))?.items.length === 0, {
        what: 'an empty store',
      })
    },
  )

  t.test(
    'while the store is down nobody is told that it is unknown, and all recovers by itself',
    async t => {
      const [a, b] = await several(t, 2)
      if (!a || !b || !postgres) return
      const clock = await a.join(manifestOf('clock'))
      const reader = await a.join(consumer)
      await until(async () => (await b.state(clock.id)) === 'ready')
      await postgres.stop()
      await until(() => !a.mesh.peers.isUp && !b.mesh.peers.isUp, { what: 'the outage' })
      await a.client.renewLease(clock.id)
      const elsewhere = createRegistryClient({ urls: [b.url] })
      t.teardown(() => elsewhere.close())
      await t.rejects(elsewhere.renewLease(clock.id), { code: 'MESH_STORE_UNAVAILABLE' })
      await t.rejects(elsewhere.renewLease('nobody'), { code: 'MESH_STORE_UNAVAILABLE' })
      await t.rejects(a.client.apply(manifestOf('x')), { code: 'MESH_STORE_UNAVAILABLE' })
      const second = await b.join(manifestOf('clock'))
      t.equal(await b.state(second.id), 'ready', 'who runs is taken without it')
      await postgres.start()
      await until(() => reader.endpoints('read/clock').length === 2, { what: 'both clocks' })
      t.match(await a.client.apply(manifestOf('x')), { generation: 1 })
      await t.rejects(elsewhere.renewLease('nobody'), { code: 'MESH_LEASE_EXPIRED' })
    },
  )
})
