/** What is remembered of older clients, in both stores alike; and what instances with one Redis tell each other. */
import t, { type Test } from 'tap'
import { memoryClientStore } from '../../../runtime/clients/memory-store.ts'
import { redisClientStore } from '../../../runtime/clients/redis-store.ts'
import { mostUris, type ClientStore, type Told } from '../../../runtime/clients/store.ts'
import { openRedis } from '../../../runtime/sessions/redis-link.ts'
import { StoreLost } from '../../../runtime/sessions/store.ts'
import { createLog } from '../../../runtime/telemetry/log.ts'
import { until } from '../../support/mesh.ts'
import { startRedis } from '../../support/redis.ts'

const log = createLog('info', () => undefined)

async function remembers(t: Test, store: ClientStore) {
  t.strictSame(await store.look('a'), { hasEnded: false, logLevel: undefined })
  await store.setLogLevel('a', 'info')
  t.strictSame(await store.look('a'), { hasEnded: false, logLevel: 'info' })
  t.equal(await store.subscribe('a', 'docs://it'), true)
  t.equal(await store.subscribe('a', 'docs://it'), true)
  t.equal(await store.subscribe('a', 'docs://other'), true)
  await store.unsubscribe('a', 'docs://other')
  const { uris, logLevel } = await store.read('a')
  t.strictSame([[...uris], logLevel], [['docs://it'], 'info'])
  for (let i = 1; i < mostUris; i++) await store.subscribe('a', `x://${i}`)
  t.equal(await store.subscribe('a', 'x://more'), false)
  t.equal(await store.subscribe('a', 'x://1'), true, 'one that it has already')
  t.strictSame([...(await store.read('b')).uris], [], 'another session knows nothing of it')
  await store.end('a')
  t.match(await store.look('a'), { hasEnded: true })
  t.equal((await store.read('a')).uris.size, 0)
  t.equal(await store.answer('b', 'never-asked', {}), false)
}

t.test('in memory', t => remembers(t, memoryClientStore()))

t.test('in Redis', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const open = (instance: string, agent = 'default/a') => {
    const store = redisClientStore(openRedis(redis.url, log), { agent, instance })
    t.teardown(() => store.close())
    const told: Told[] = []
    store.onTold(one => void told.push(one))
    const listens = new Promise<void>(resolve => store.onBack(resolve))
    return { store, told, listens }
  }
  const [one, two, other] = [open('one'), open('two'), open('one', 'default/b')]
  await Promise.all([one.listens, two.listens, other.listens])
  t.strictSame(await one.store.key?.(), await two.store.key?.(), 'they seal with one key')
  t.notSame(await one.store.key?.(), await other.store.key?.(), 'each agent with its own')
  await remembers(t, one.store)
  t.match(await two.store.look('a'), { hasEnded: true }, 'known to the other one')
  await until(() => two.told.length > 0)
  t.match(two.told[0], { kind: 'changed', session: 'a' })
  t.strictSame([one.told, other.told], [[], []], 'nobody else is told')

  await one.store.asks('b', 'q')
  t.equal(await one.store.answerTo('b', 'q'), undefined)
  two.told.length = 0
  t.equal(await two.store.answer('c', 'q', { result: 1 }), false, 'not by another session')
  t.equal(await two.store.answer('b', 'q', { result: 2 }), true)
  await until(() => one.told.length > 0)
  t.match(one.told, [{ kind: 'answered', session: 'b', question: 'q' }])
  t.strictSame(await one.store.answerTo('b', 'q'), { result: 2 })
  await one.store.settle('b', 'q')
  t.equal(await two.store.answer('b', 'q', { result: 3 }), false, 'nobody waits any more')

  await one.store.speak('b')
  t.equal((await two.store.read('b')).speaker, 'one')
  t.equal(await two.store.isAlive('one'), true)
  await two.store.hush('b')
  t.equal((await two.store.read('b')).speaker, 'one', 'only the speaker itself falls silent')
  await one.store.hush('b')
  t.equal((await two.store.read('b')).speaker, undefined)
  await redis.stop()
  t.type(await one.store.look('a').catch((error: unknown) => error), StoreLost)
})
