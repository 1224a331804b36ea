/** Balancing, ranks and ejection. */
import t from 'tap'
import type { Endpoint } from '../../../core/model/registry-api.ts'
import type { Call } from '../../../runtime/proxy/call.ts'
import { createLoad, EndpointLoad } from '../../../runtime/proxy/load.ts'
import { ejectFailed } from '../../../runtime/proxy/ejection.ts'
import { createSessionOwners } from '../../../runtime/proxy/session-owners.ts'
import { endpoint, fail, hang, request, result, retries, stacked } from '../../support/layers.ts'

const names = (count: number) => Array.from({ length: count }, (_, i) => `e${i}`)
const counted = (seen: readonly string[]) => {
  const counts: Record<string, number> = {}
  for (const name of seen) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
const ejection = { failures: 3, forMs: 60, maxShare: 0.5 }
const ok: Call = async () => result

t.test('all calls go to the leading group, and to the next in rank when it is tried', async t => {
  const leading = [endpoint('a', { score: 5 }), endpoint('b', { score: 5 })]
  const rest = [endpoint('c', { score: 5, version: '0.9.0' }), endpoint('d')]
  const { call, seen } = stacked({}, [...leading, ...rest], ok)
  for (let i = 0; i < 40; i++) await call(request())
  t.strictSame([...new Set(seen)].sort(), ['a', 'b'])
  const all = { retries: retries({ attempts: 4 }) }
  const failing = stacked(all, [...leading, ...rest], fail('MESH_ENDPOINT_UNREACHABLE'))
  await t.rejects(failing.call(request()))
  t.strictSame(failing.seen.slice(0, 2).sort(), ['a', 'b'])
  t.strictSame(failing.seen.slice(2), ['c', 'd'])
})

t.test('p2c: of two the one with fewer calls in flight', async t => {
  const release: (() => void)[] = []
  const { call, seen } = stacked({}, [endpoint('a'), endpoint('b')], () => {
    return new Promise(resolve => release.push(() => resolve(result)))
  })
  const calls = [call(request()), call(request()), call(request()), call(request())]
  t.strictSame(counted(seen), { a: 2, b: 2 })
  for (const end of release) end()
  await Promise.all(calls)
})

t.test(
  'p2c: the slow one gets few calls, and a stall is noticed with its first answer',
  async t => {
    let slow = ''
    const endpoints = names(5).map(name => endpoint(name))
    const { call, seen } = stacked({}, endpoints, async ({ endpoint }) => {
      await new Promise(resolve => setTimeout(resolve, endpoint?.instance === slow ? 60 : 2))
      return result
    })
    const load = async (calls: number) => {
      seen.length = 0
      let left = calls
      const caller = async () => {
        while (left-- > 0) await call(request())
      }
      await Promise.all([caller(), caller(), caller(), caller()])
      return counted(seen)
    }
    const before = await load(200)
    for (const name of names(5)) t.ok(before[name]! > 5, `${name}: ${before[name]}`)
    slow = 'e2'
    const after = await load(200)
    t.ok((after['e2'] ?? 0) <= 8, `the slow one got ${after['e2']} of 200`)
  },
)

t.test('an endpoint that fails fast is not taken for a fast one', async t => {
  const { call, seen } = stacked({}, [endpoint('a'), endpoint('b')], async request => {
    if (request.endpoint?.instance === 'a') return fail('MESH_CALL_INTERRUPTED')(request)
    await new Promise(resolve => setTimeout(resolve, 2))
    return result
  })
  for (let i = 0; i < 30; i++) await call(request()).catch(() => undefined)
  t.ok((counted(seen)['a'] ?? 0) <= 2, `it got ${counted(seen)['a']} of 30`)
})

t.test('a thousand endpoints: each gets calls, none gets many', async t => {
  const release: (() => void)[] = []
  const endpoints = names(1_000).map(name => endpoint(name))
  const { call, seen } = stacked({ timeoutMs: 60_000, deadlineMs: 60_000 }, endpoints, () => {
    return new Promise(resolve => release.push(() => resolve(result)))
  })
  const calls = Array.from({ length: 3_000 }, () => call(request()))
  const counts = Object.values(counted(seen))
  t.ok(counts.length > 900, `${counts.length} of 1000 got calls`)
  t.ok(Math.max(...counts) <= 6, `${Math.max(...counts)} calls for one of them`)
  for (const end of release) end()
  await Promise.all(calls)
})

t.test('round-robin: in turn', async t => {
  const endpoints = ['a', 'b', 'c'].map(name => endpoint(name))
  const { call, seen } = stacked({ balance: 'round-robin' }, endpoints, ok)
  for (let i = 0; i < 7; i++) await call(request())
  t.equal(seen.join(''), 'abcabca')
})

t.test('consistent-hash: a value stays where it is, and few move when one leaves', async t => {
  const policy = { balance: 'consistent-hash', hashOn: 'session' } as const
  const placed = async (endpoints: Endpoint[]) => {
    const { call, seen } = stacked(policy, endpoints, ok)
    for (let i = 0; i < 1_000; i++) await call(request({ args: { session: `s${i}` } }))
    return seen
  }
  const endpoints = names(10).map(name => endpoint(name))
  const first = await placed(endpoints)
  t.strictSame(await placed(endpoints.toReversed()), first, 'whatever their order')
  for (const [name, count] of Object.entries(counted(first)))
    t.ok(count > 50 && count < 170, `${name} has ${count} of 1000`)
  const fewer = await placed(endpoints.filter(({ instance }) => instance !== 'e3'))
  const moved = fewer.filter((name, i) => name !== first[i]).length
  t.equal(moved, counted(first)['e3'], 'only those of the one that left')
  const restarted = endpoints.map(e => ({ ...e, instance: `${e.instance}-new` }))
  const after = (await placed(restarted)).map(name => name.replace('-new', ''))
  t.strictSame(after, first, 'a restart at the same address moves nothing')
  const { call, seen } = stacked(policy, endpoints, ok)
  for (const session of [1, '1', { a: 1 }, [1], null, false]) {
    await call(request({ args: { session } }))
    await call(request({ args: { session: structuredClone(session) } }))
  }
  for (let i = 0; i < seen.length; i += 2) t.equal(seen[i], seen[i + 1])
})

t.test('consistent-hash: a call without the argument goes anywhere', async t => {
  const policy = { balance: 'consistent-hash', hashOn: 'session' } as const
  const { call, seen } = stacked(
    policy,
    names(5).map(name => endpoint(name)),
    ok,
  )
  for (let i = 0; i < 100; i++) await call(request())
  t.ok(new Set(seen).size > 2)
})

t.test('consistent-hash: while its endpoint is ejected a value has one other place', async t => {
  const policy = { balance: 'consistent-hash', hashOn: 's', ejection, retries: retries() } as const
  let dead = ''
  const { call, seen } = stacked(
    policy,
    names(6).map(name => endpoint(name)),
    request =>
      request.endpoint?.instance === dead
        ? fail('MESH_ENDPOINT_UNREACHABLE')(request)
        : Promise.resolve(result),
  )
  const args = { s: 'x' }
  await call(request({ args }))
  const [home] = seen
  dead = home!
  for (let i = 0; i < 4; i++) await call(request({ args }))
  t.equal(seen[1], home)
  t.equal(new Set(seen.slice(2)).size, 1, 'all at the next one')
  t.notOk(seen.slice(2).includes(dead))
})

t.test('after failures in a row an endpoint is out for a while, each time longer', async t => {
  const load = createLoad()
  const endpoints = [endpoint('a', { score: 1 }), endpoint('b')]
  let isBroken = true
  const leaf: Call = request =>
    isBroken && request.endpoint?.instance === 'a'
      ? fail('MESH_CALL_INTERRUPTED')(request)
      : Promise.resolve(result)
  const { call, seen, edge } = stacked({ ejection }, endpoints, leaf, { load })
  for (let i = 0; i < 3; i++) await t.rejects(call(request()))
  const state = load.of(endpoints[0]!)
  const first = state.ejectedUntil
  t.equal(edge.ejections, 1)
  for (let i = 0; i < 5; i++) await call(request())
  t.equal(seen.join(''), 'aaabbbbb')
  await new Promise(resolve => setTimeout(resolve, 65))
  await t.rejects(call(request()), 'back, and one failure is enough now')
  t.ok(state.ejectedUntil - first >= 120, `longer: ${state.ejectedUntil - first}`)
  const other = stacked({ ejection }, endpoints, leaf, { load })
  await other.call(request())
  t.equal(other.seen.join(''), 'b', 'a rewire does not forget it')
  isBroken = false
  await new Promise(resolve => setTimeout(resolve, 125))
  await call(request())
  t.equal(seen.at(-1), 'a')
  t.equal(state.failures, 0)
})

t.test(
  'a success between failures counts, and what says nothing of the endpoint does not',
  async t => {
    const endpoints = [endpoint('a', { score: 1 }), endpoint('b')]
    let leaf: Call = fail('MESH_CALL_INTERRUPTED')
    const { call, seen, edge } = stacked({ ejection }, endpoints, request => leaf(request))
    for (let i = 0; i < 9; i++) {
      leaf = i % 3 === 2 ? ok : fail('MESH_TIMEOUT_ELAPSED')
      await call(request()).catch(() => undefined)
    }
    for (const code of ['MESH_CALL_REFUSED', 'MESH_TOOL_BUSY', 'MESH_CALL_CANCELLED'] as const) {
      leaf = fail(code)
      for (let i = 0; i < 4; i++) await t.rejects(call(request()), { code })
    }
    leaf = async () => ({ content: [], isError: true })
    for (let i = 0; i < 4; i++) await call(request())
    t.strictSame([...new Set(seen)], ['a'])
    t.equal(edge.ejections, 0)
  },
)

t.test('one that can not be reached is out for a moment with its first failure', async t => {
  const endpoints = [endpoint('a', { score: 1 }), endpoint('b')]
  const { call, seen } = stacked({ ejection, retries: retries() }, endpoints, request =>
    request.endpoint?.instance === 'a'
      ? fail('MESH_ENDPOINT_UNREACHABLE')(request)
      : Promise.resolve(result),
  )
  for (let i = 0; i < 4; i++) await call(request())
  t.equal(seen.join(''), 'abbbb')
  const none = stacked({ retries: retries() }, endpoints, request =>
    request.endpoint?.instance === 'a'
      ? fail('MESH_ENDPOINT_UNREACHABLE')(request)
      : Promise.resolve(result),
  )
  for (let i = 0; i < 2; i++) await none.call(request())
  t.equal(none.seen.join(''), 'abab', 'a policy without ejection remembers nothing')
})

t.test('never more than the share, and never the last one', async t => {
  const outOf = (count: number, maxShare: number) => {
    const all = names(count).map(() => ({ load: new EndpointLoad() }))
    const policy = { failures: 1, forMs: 1_000, maxShare }
    const failure = { isUnexecuted: false, now: 5 }
    return all.filter(({ load }) => ejectFailed(load, all, policy, failure)).length
  }
  t.strictSame(
    [outOf(10, 0.5), outOf(10, 0.25), outOf(10, 1), outOf(2, 0.1), outOf(1, 1), outOf(3, 0.34)],
    [5, 2, 9, 1, 0, 1],
  )
})

t.test('ejections grow ten-fold at most and start afresh after a long while well', async t => {
  const all = [{ load: new EndpointLoad() }, { load: new EndpointLoad() }]
  const [{ load }] = all as [{ load: EndpointLoad }]
  const policy = { failures: 1, forMs: 100, maxShare: 1 }
  const lengths: number[] = []
  let now = 5_000
  for (let i = 0; i < 12; i++) {
    ejectFailed(load, all, policy, { isUnexecuted: false, now })
    lengths.push(load.ejectedUntil - now)
    now = load.ejectedUntil + 1
  }
  t.strictSame(lengths, [100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000, 1_000, 1_000])
  now += 1_001
  ejectFailed(load, all, policy, { isUnexecuted: false, now })
  t.equal(load.ejectedUntil - now, 100)
})

t.test('peak EWMA: a longer latency counts at once, shorter ones bring it down slowly', async t => {
  const load = new EndpointLoad()
  t.equal(load.cost(0), 0, 'unknown and idle: try it')
  load.inFlight = 1
  t.ok(load.cost(0) > 1_000, 'unknown and busy: not one more')
  load.observe(100, 0)
  t.equal(load.cost(0), 200, 'latency times the calls that there would be')
  load.inFlight = 0
  load.observe(10, 1_000)
  const after = load.cost(1_000)
  t.ok(after > 90 && after < 95, `${after}`)
  load.observe(500, 1_000)
  t.equal(load.cost(1_000), 500)
  t.ok(load.cost(11_000) < 200, 'it fades while it is left alone')
  load.atLeast(10, 1_000)
  t.equal(load.cost(1_000), 500, 'an attempt that was cut off proves nothing good')
  load.atLeast(900, 1_000)
  t.equal(load.cost(1_000), 900)
})

t.test('what is forgotten: instances that are in no resolution any more', async t => {
  const load = createLoad()
  const [a, b] = [endpoint('a'), endpoint('b')]
  const states = [load.of(a), load.of(b), load.of({ ...a, tool: 'y' })]
  t.not(states[0], states[2], 'each tool takes its own time')
  load.keep(new Set(['a']))
  t.equal(load.of(a), states[0])
  t.not(load.of(b), states[1])
})

t.test('a cancelled attempt says nothing against its endpoint', async t => {
  const load = createLoad()
  const a = endpoint('a', { score: 1 })
  const { call } = stacked({ ejection, deadlineMs: 10 }, [a, endpoint('b')], hang, { load })
  for (let i = 0; i < 4; i++) await t.rejects(call(request()), { code: 'MESH_DEADLINE_EXCEEDED' })
  t.match(load.of(a), { failures: 0, inFlight: 0, ejectedUntil: 0 })
})

t.test(
  'one that hangs is ejected also where the deadline comes before the attempt timeout',
  async t => {
    const endpoints = [endpoint('a', { score: 1 }), endpoint('b')]
    const policy = { ejection, deadlineMs: 20, timeoutMs: 20 }
    const { call, seen } = stacked(policy, endpoints, request =>
      request.endpoint?.instance === 'a' ? hang(request) : Promise.resolve(result),
    )
    for (let i = 0; i < 3; i++) await t.rejects(call(request()), { code: 'MESH_DEADLINE_EXCEEDED' })
    await call(request())
    t.equal(seen.join(''), 'aaab')
  },
)

const sticky = (name: string, more: Partial<Endpoint> = {}) =>
  endpoint(name, { session: 'session_id', deduplicates: true, ...more })
const told = (id: string, more: object) => ({
  ...result,
  _meta: { 'mcp-mesh.dev/session': { id, ...more } },
})

t.test('a session is called at the owner that its answers name', async t => {
  const endpoints = names(5).map(name => sticky(name))
  const owners = new Map<string, string>()
  const { call, seen } = stacked({ balance: 'auto' }, endpoints, async ({ args, endpoint }) => {
    const given = args['session_id']
    const id = typeof given === 'string' ? given : `new-${owners.size}`
    const owner = owners.get(id) ?? endpoint?.instance ?? ''
    owners.set(id, owner)
    return told(id, { owner })
  })
  for (let i = 0; i < 20; i++) await call(request())
  t.ok(new Set(seen).size > 1, 'sessions begin everywhere')
  const begun = [...owners]
  seen.length = 0
  for (const [session_id] of begun) await call(request({ args: { session_id } }))
  t.strictSame(
    seen,
    begun.map(([, owner]) => owner),
    'and go on at their owner',
  )
  seen.length = 0
  owners.set('foreign', 'e3')
  for (let i = 0; i < 3; i++) await call(request({ args: { session_id: 'foreign' } }))
  t.strictSame(seen.slice(1), ['e3', 'e3'], 'learned with the first answer')
  owners.set('foreign', 'nobody')
  for (let i = 0; i < 10; i++) await call(request({ args: { session_id: 'foreign' } }))
  t.equal(
    new Set(seen.slice(4)).size,
    1,
    'an owner that is none of the endpoints counts for nothing',
  )
})

t.test('a call whose owner is gone goes on to another, and the next one follows it', async t => {
  let owner = 'e1'
  const gone = new Set<string>()
  const { call, seen } = stacked(
    { balance: 'auto', retries: retries() },
    names(3).map(name => sticky(name)),
    async made => {
      const at = made.endpoint?.instance ?? ''
      if (gone.has(at)) return fail('MESH_ENDPOINT_UNREACHABLE')(made)
      if (gone.has(owner)) owner = at
      return told('s', { owner })
    },
  )
  const args = { session_id: 's' }
  await call(request({ args }))
  await call(request({ args }))
  t.equal(seen.at(-1), 'e1')
  gone.add('e1')
  await call(request({ args }))
  t.equal(seen.at(-2), 'e1')
  t.not(seen.at(-1), 'e1')
  const before = seen.length
  await call(request({ args }))
  t.strictSame(seen.slice(before), [owner])
})

t.test('so many owners are remembered, those that were used last', async t => {
  const owners = createSessionOwners(3)
  const at = sticky('a')
  for (const id of ['1', '2', '3']) owners.learn(at, told(id, { owner: 'a' }))
  t.equal(owners.of('session_id', { session_id: '1' }), 'a')
  owners.learn(at, told('4', { owner: 'b' }))
  const known = (id: unknown) => owners.of('session_id', { session_id: id })
  t.strictSame(['1', '2', '3', '4', 5, undefined].map(known), [
    ...['a', undefined, 'a', 'b'],
    ...[undefined, undefined],
  ])
  owners.learn(at, told('1', { hasEnded: true }))
  t.equal(known('1'), undefined, 'it has ended')
  for (const about of [null, 7, {}, { id: 7, owner: 'a' }, { id: 'x'.repeat(300), owner: 'a' }])
    owners.learn(at, { ...result, _meta: { 'mcp-mesh.dev/session': about } })
  owners.learn(at, told('9', { owner: 'x'.repeat(300) }))
  t.strictSame(['3', '4', '9', 'x'.repeat(300)].map(known), ['a', 'b', undefined, undefined])
  owners.learn(endpoint('plain'), told('8', { owner: 'plain' }))
  t.equal(known('8'), undefined, 'a tool without sessions has none to tell of')
})
