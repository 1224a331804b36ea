import t, { type Test } from 'tap'
import knex from 'knex'
import { libsqlDialect } from '../../../../core/registry/store/libsql-dialect.ts'
import type { StoreLocation } from '../../../../core/registry/store/configuration.ts'
import { openStore } from '../../../../core/registry/store/knex-store.ts'
import { KEPT_REVISIONS, type StoredRevision } from '../../../../core/registry/store/store.ts'
import { manifestOf } from '../../../support/registry.ts'
import { startPostgres } from '../../../support/postgres.ts'

const saved = (name: string, generation: number, more: Partial<StoredRevision> = {}) => [
  {
    ...agent(name, generation),
    ...{ origin: 'applied' as const, at: '2026-01-01T00:00:00.000Z', from: undefined },
    ...more,
  },
]
const agent = (name: string, generation: number, revision = 0) => ({
  ...{ namespace: 'default', name, generation, revision },
  ...{ digest: `sha256:${'0'.repeat(64)}`, manifest: manifestOf(name) },
})

const over = (expected: number) => ({ expected, after: 0 })

/** The one suite of the store; `place` gives a new, empty one each time. */
function suite(t: Test, place: (t: Test) => StoreLocation) {
  t.test('gives back what was saved, also after it was opened anew', async t => {
    const location = place(t)
    const first = await openStore(location)
    await first.save(saved('a', 1), over(0))
    await first.save(saved('b', 1), over(0))
    const revision = await first.save(saved('a', 2), over(1))
    await first.delete('default', 'b', 0)
    await first.delete('default', 'nobody', 0)
    await first.close()
    const second = await openStore(location)
    t.teardown(() => second.close())
    t.strictSame(await second.load(), [agent('a', 2, revision)])
    await second.ping()
  })

  t.test('refuses to save over a generation that it does not hold', async t => {
    const store = await openStore(place(t))
    t.teardown(() => store.close())
    await t.rejects(store.save(saved('a', 2), over(1)), { code: 'MESH_GENERATION_CONFLICT' })
    const revision = await store.save(saved('a', 1), over(0))
    await t.rejects(store.save(saved('a', 1), over(0)), { code: 'MESH_GENERATION_CONFLICT' })
    await t.rejects(store.save(saved('a', 3), over(2)), { code: 'MESH_GENERATION_CONFLICT' })
    t.strictSame(await store.load(), [agent('a', 1, revision)])
  })

  t.test('gives each change a number above all before it and above the one named', async t => {
    const location = place(t)
    const [first, second] = [await openStore(location), await openStore(location)]
    const far = 2 ** 40
    const given = [
      await first.save(saved('a', 1), over(0)),
      await second.save(saved('b', 1), { expected: 0, after: far }),
      await first.save(saved('a', 2), over(1)),
      await first.delete('default', 'b', far + 10),
      await second.save(saved('a', 3), over(2)),
    ]
    t.strictSame(given.slice(1), [far + 1, far + 2, far + 11, far + 12])
    t.ok((given[0] ?? 0) > 0)
    const history = (await second.history('default', 'a')).map(({ revision }) => revision)
    t.strictSame(history, [given[0], given[2], given[4]])
    await Promise.all([first.close(), second.close()])
  })

  t.test('of many that save the same generation at once, one is taken', async t => {
    const store = await openStore(place(t))
    t.teardown(() => store.close())
    await store.save(saved('a', 1), over(0))
    const saves = Array.from({ length: 8 }, () => store.save(saved('a', 2), over(1)))
    const taken = (await Promise.allSettled(saves)).filter(save => save.status === 'fulfilled')
    t.equal(taken.length, 1)
  })

  t.test('keeps the history of an agent, bounded, until it is deleted', async t => {
    const store = await openStore(place(t))
    t.teardown(() => store.close())
    const announced = saved('a', 1, { origin: 'announced' })
    const rollback = saved('a', 2, { origin: 'rollback', from: 1 })
    const revision = await store.save([...announced, ...rollback], over(0))
    await store.save(saved('b', 1), over(0))
    t.strictSame(await store.history('default', 'a'), [
      ...announced,
      ...rollback.map(each => ({ ...each, revision })),
    ])
    await t.rejects(store.save(saved('a', 9), over(8)), { code: 'MESH_GENERATION_CONFLICT' })
    t.equal((await store.history('default', 'a')).length, 2, 'a refused save leaves nothing')
    for (let i = 3; i <= KEPT_REVISIONS + 5; i++) await store.save(saved('a', i), over(i - 1))
    const kept = (await store.history('default', 'a')).map(({ generation }) => generation)
    t.equal(kept.length, KEPT_REVISIONS)
    t.match([kept[0], kept.at(-1)], [6, KEPT_REVISIONS + 5])
    await store.delete('default', 'a', 0)
    t.strictSame(await store.history('default', 'a'), [])
    t.equal((await store.history('default', 'b')).length, 1)
  })

  t.test('what was applied before there was a history begins it', async t => {
    const location = place(t)
    const first = await openStore(location)
    const revision = await first.save(saved('a', 7), over(0))
    await first.close()
    const db = knex(
      location.kind === 'postgres'
        ? { client: 'pg', connection: location.url }
        : {
            ...{ client: libsqlDialect, useNullAsDefault: true },
            connection: { filename: location.kind === 'file' ? location.path : ':memory:' },
          },
    )
    await db.schema.dropTable('revisions')
    await db('knex_migrations').where({ name: '0002-history' }).delete()
    await db.destroy()
    const second = await openStore(location)
    t.teardown(() => second.close())
    t.match(await second.history('default', 'a'), [
      { ...agent('a', 7, revision), origin: 'applied' },
    ])
  })

  t.test('reserves revisions that nobody else gets, across openings', async t => {
    const location = place(t)
    const stores = await Promise.all([
      openStore(location),
      openStore(location),
      openStore(location),
    ])
    const firsts = await Promise.all(stores.map(store => store.reserveRevisions(10)))
    await Promise.all(stores.map(store => store.close()))
    const later = await openStore(location)
    t.teardown(() => later.close())
    t.strictSame(
      firsts.sort((a, b) => a - b),
      [1, 11, 21],
      'they opened and migrated at once',
    )
    t.equal(await later.reserveRevisions(1), 31)
  })
}

t.test('SQLite in a file', async t => {
  suite(t, t => ({ kind: 'file', path: `${t.testdir()}/deep/below/registry.db` }))
  t.test('a file that is none is the store not answering', async t => {
    const path = `${t.testdir({ 'registry.db': 'this is no database, but text of some length' })}/registry.db`
    await t.rejects(openStore({ kind: 'file', path }), { code: 'MESH_STORE_UNAVAILABLE' })
  })
})

t.test('PostgreSQL', async t => {
  const postgres = await startPostgres(t)
  if (!postgres) return
  suite(t, () => ({ kind: 'postgres', url: postgres.database() }))
  t.test('says that the store does not answer while it is down, and recovers', async t => {
    const url = postgres.database()
    const store = await openStore({ kind: 'postgres', url })
    t.teardown(() => store.close())
    await store.ping()
    await postgres.stop()
    await t.rejects(store.ping(), { code: 'MESH_STORE_UNAVAILABLE' })
    await t.rejects(store.save(saved('a', 1), over(0)), { code: 'MESH_STORE_UNAVAILABLE' })
    await t.rejects(openStore({ kind: 'postgres', url }), { code: 'MESH_STORE_UNAVAILABLE' })
    await postgres.start()
    const revision = await store.save(saved('a', 1), over(0))
    t.strictSame(await store.load(), [agent('a', 1, revision)])
  })
})
