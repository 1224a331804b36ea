/** The parts of the stores that need no Redis: addresses, what memory may hold, and the keys of calls that a session knows. */
import t from 'tap'
import type { Invocation } from '../../../runtime/mcp/invoke.ts'
import { Cancellation } from '../../../runtime/proxy/cancellation.ts'
import { AnsweredCalls, keyedCallOf } from '../../../runtime/sessions/answered-calls.ts'
import { mostInMemory } from '../../../core/model/session-list.ts'
import { memoryStore } from '../../../runtime/sessions/memory-store.ts'
import { parseRedisAddress } from '../../../runtime/sessions/redis-address.ts'

t.test('an address of Redis is read, or refused without a word of it', async t => {
  const plain = { username: undefined, password: undefined, isTls: false, database: 0, name: '' }
  const node = (host: string, port: number) => ({ host, port })
  const good: [string, object][] = [
    ['redis://localhost', { ...plain, kind: 'single', nodes: [node('localhost', 6379)] }],
    [
      'rediss://me:p%40ss@host:7000/3',
      {
        ...{ kind: 'single', isTls: true, username: 'me', password: 'p@ss', database: 3, name: '' },
        nodes: [node('host', 7000)],
      },
    ],
    [
      'redis://:secret@[::1]:7',
      { ...plain, kind: 'single', password: 'secret', nodes: [node('::1', 7)] },
    ],
    [
      'redis-sentinel://a,b:7/main',
      { ...plain, kind: 'sentinel', name: 'main', nodes: [node('a', 26379), node('b', 7)] },
    ],
    [
      'rediss-cluster://u:p@a:1,b:2,c:3/',
      {
        ...{ kind: 'cluster', isTls: true, username: 'u', password: 'p', database: 0, name: '' },
        nodes: [node('a', 1), node('b', 2), node('c', 3)],
      },
    ],
  ]
  for (const [url, address] of good) t.strictSame(parseRedisAddress(url), address, url)
  const bad = [
    ...['', 'localhost:6379', 'http://hunter2', 'redis://', 'redis://a,b', 'redis://a/x'],
    ...['redis-sentinel://a', 'redis-sentinel://a:x/main', 'redis-cluster://a/1', 'redis://a?x=1'],
    ...['redis://u:%zz@a', 'redis://hunter2 b', 'redis-ring://a'],
  ]
  for (const url of bad) {
    t.throws(
      () => parseRedisAddress(url),
      { code: 'MESH_FIELD_INVALID', message: /REDIS_URL/ },
      url,
    )
    try {
      parseRedisAddress(url)
    } catch (error) {
      t.notMatch((error as Error).message, /hunter2/)
    }
  }
})

t.test('memory keeps so many sessions and no more, and room comes back', async t => {
  let now = 0
  const store = memoryStore(() => now)
  const open = (id: number) =>
    store.open({ id: String(id), me: { instance: 'a', url: '' }, ttlMs: 1_000, create: true })
  for (let i = 0; i < mostInMemory; i++) await open(i)
  await t.rejects(open(mostInMemory), { code: 'MESH_SESSION_UNAVAILABLE' })
  t.match(await open(7), { kind: 'owned' }, 'those that are there go on')
  now = 1_001
  t.match(await open(mostInMemory), { kind: 'owned' })
})

function callOf(
  key: string,
  {
    tool = 'add',
    args = {},
    afterMs,
  }: Partial<{ tool: string; args: object; afterMs: number }> = {},
) {
  const repeat = afterMs === undefined ? {} : { 'mcp-mesh.dev/repeat': { instance: 'x', afterMs } }
  const spec = { name: tool, isRepeatable: false, timeoutMs: 1_000 }
  const keyed = keyedCallOf({
    ...{ tool: { spec }, args, signal: new Cancellation(), timeoutMs: 1_000 },
    meta: { 'mcp-mesh.dev/idempotency-key': key, ...repeat },
  } as unknown as Invocation)
  if (!keyed) throw new Error('no key')
  return keyed
}
const answer = (text: string) => ({ content: [{ type: 'text' as const, text }] })
const code = (of: string) => ({ isError: true, _meta: { 'mcp-mesh.dev/code': of } })

t.test('a session knows the last keys of its calls, wherever it goes', async t => {
  const here = new AnsweredCalls(new Map(), true)
  const fields = new Map<string, string>()
  const run = (calls: AnsweredCalls, key: string, text = key) =>
    fields.set(...calls.fieldOf(callOf(key), answer(text)))
  run(here, 'a')
  run(here, 'long', 'x'.repeat(10_000))
  const there = new AnsweredCalls(fields, true)
  for (const calls of [here, there]) {
    t.strictSame(calls.answerTo(callOf('a')), answer('a'))
    t.match(calls.answerTo(callOf('a', { args: { by: 2 } })), code('MESH_KEY_REUSED'))
    t.match(calls.answerTo(callOf('long')), code('MESH_CALL_FORGOTTEN'))
    t.equal(calls.answerTo(callOf('b')), undefined)
    t.equal(calls.answerTo(callOf('b', { afterMs: 100 })), undefined, 'a repeat that never ran')
  }
  const taken = new AnsweredCalls(fields, false)
  t.strictSame(taken.answerTo(callOf('a')), answer('a'))
  t.match(taken.answerTo(callOf('b', { afterMs: 100 })), code('MESH_CALL_FORGOTTEN'), 'in doubt')
  t.equal(taken.answerTo(callOf('b')), undefined, 'no repeat')
  for (let i = 0; i < 40; i++) run(there, `n${i}`)
  t.equal(fields.size, 16, 'bounded in number')
  t.ok(
    [...fields.values()].every(({ length }) => length < 5_000),
    'and in size',
  )
  t.match(there.answerTo(callOf('a', { afterMs: 100 })), code('MESH_CALL_FORGOTTEN'), 'too old')
  t.strictSame(there.answerTo(callOf('n39')), answer('n39'))
})
