/** In which order a store is told of one session: a store whose answers a test gives, since no real one can be made to come late on demand. */
import t from 'tap'
import { createKeeper } from '../../../runtime/sessions/keep-session.ts'
import { memoryStore } from '../../../runtime/sessions/memory-store.ts'
import { HeldSession, SessionOfCall } from '../../../runtime/sessions/session.ts'
import type { Saved, SaveRequest } from '../../../runtime/sessions/store.ts'
import { createLog } from '../../../runtime/telemetry/log.ts'
import { until } from '../../support/mesh.ts'

const turn = () => new Promise(resolve => setImmediate(resolve))

function setUp(onStoreLoss: 'fail' | 'memory' = 'fail') {
  const kept = new Map<string, string | undefined>()
  const writes: { request: SaveRequest; take: (saved?: Saved) => void }[] = []
  let putBack: () => void = () => undefined
  const store = {
    ...memoryStore(),
    onBack: (listener: () => void) => void (putBack = listener),
    save: (request: SaveRequest) =>
      new Promise<Saved>(resolve => {
        const take = (saved: Saved = 'kept') => {
          if (saved === 'kept') for (const [name, text] of request.changes) kept.set(name, text)
          resolve(saved)
        }
        writes.push({ request, take })
      }),
  }
  const session = new HeldSession(
    { id: 'a', handle: 'h' },
    { fields: new Map([['v:count', '37']]), fence: 1, ttlMs: 60_000, isWhole: true },
  )
  const owned = new Map([['h', session]])
  const me = () => ({ instance: 'one', url: 'http://127.0.0.1:1/mcp' })
  const log = createLog('error', () => undefined)
  const keeper = createKeeper({ store, owned, me, onStoreLoss, log })
  const count = (value: number) => {
    const call = new SessionOfCall(session)
    call.set('count', value)
    return keeper.keep(session, call)
  }
  return { kept, writes, session, owned, keeper, count, putBack: () => putBack() }
}

t.test('what is put back never undoes what a call has set meanwhile', async t => {
  const { kept, writes, count, putBack } = setUp()
  putBack()
  await until(() => writes.length === 1)
  const counted = count(38)
  await turn()
  t.equal(writes.length, 1, 'the second write waits for the first')
  writes[0]?.take()
  await until(() => writes.length === 2)
  writes[1]?.take()
  await counted
  t.equal(kept.get('v:count'), '38')
})

t.test('it is put back as it is when its turn comes', async t => {
  const { kept, writes, count, putBack } = setUp()
  const counted = count(38)
  putBack()
  await turn()
  t.equal(writes.length, 1)
  writes[0]?.take()
  await counted
  await until(() => writes.length === 2)
  t.equal(writes[1]?.request.changes.get('v:count'), '38')
  writes[1]?.take()
  t.equal(kept.get('v:count'), '38')
})

t.test('a session that was lost meanwhile is not put back', async t => {
  const { writes, count, putBack, owned } = setUp()
  const counted = count(38)
  putBack()
  writes[0]?.take('moved')
  await t.rejects(counted, { code: 'MESH_SESSION_MOVED' })
  await turn()
  t.equal(writes.length, 1)
  t.equal(owned.size, 0)
})
