/** Watches that go on where they broke, over real sockets: nothing lost, nothing twice, and everything where that cannot be known. */
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { watchInstance } from '../../../../core/client/watch.ts'
import type { Resolution, WatchEvent } from '../../../../core/model/registry-api.ts'
import { faultyLine } from '../../../support/faulty-line.ts'
import { until } from '../../../support/mesh.ts'
import { manifestOf, openRegistry, type TestRegistry } from '../../../support/registry.ts'

const need = (capability: string) => ({ needs: { d: { capability, required: false } } })

/** What an agent keeps of its watch, and every event with its id; each connection goes on behind the last one's end. */
function watcher(t: Test, { url, id }: { url: string; id: string }) {
  const events: { event: WatchEvent; eventId: string }[] = []
  const known = {
    ...{ events, resolutions: {} as Record<string, Resolution>, lastEventId: '' as string },
    /** Deltas that told what was known. */
    repeated: [] as string[],
    manifest: undefined as number | undefined,
  }
  let abort = new AbortController()
  let ended: Promise<unknown> = Promise.resolve()
  const take = (event: WatchEvent, eventId: string) => {
    events.push({ event, eventId })
    known.lastEventId = eventId
    if (event.type === 'snapshot') {
      known.resolutions = { ...event.resolutions }
      if (event.manifest) known.manifest = event.generation // applied before the first one arrived
    }
    if (event.type === 'resolutions') {
      for (const [key, resolution] of Object.entries(event.resolutions)) {
        if (JSON.stringify(known.resolutions[key]) === JSON.stringify(resolution))
          known.repeated.push(`${eventId} ${key}`)
        known.resolutions[key] = resolution
      }
    }
    if (event.type === 'manifest') {
      if (known.manifest === event.generation) known.repeated.push(`${eventId} manifest`)
      known.manifest = event.generation
    }
  }
  t.teardown(() => abort.abort())
  return {
    known,
    types: () => events.map(({ event }) => event.type),
    /** Resolves when the registry has accepted the stream, or refused it. */
    async open(lastEventId = known.lastEventId): Promise<void> {
      abort = new AbortController()
      await new Promise<void>(resolve => {
        ended = watchInstance({
          ...{ url, id, signal: abort.signal, onEvent: take, onOpen: resolve },
          ...(lastEventId === '' ? {} : { lastEventId }),
        }).finally(resolve)
      })
    },
    async close(): Promise<void> {
      abort.abort()
      await ended
    },
    ended: () => ended,
  }
}

const joinConsumer = (registry: TestRegistry) =>
  registry.join(manifestOf('consumer', { c: need('p'), e: need('q') }), { isWatching: false })

const isBroken = async (registry: TestRegistry, id: string) =>
  until(() => !registry.mesh.watchers.has(id), { what: 'the end of the stream' })

t.test('what came while the stream was away is told once, what did not is not', async t => {
  const registry = await openRegistry(t)
  const { id } = await joinConsumer(registry)
  const agent = watcher(t, { url: registry.url, id })
  const breakOff = async () => {
    await agent.close()
    await isBroken(registry, id)
  }
  await agent.open()
  await until(() => agent.types().length === 1)

  await breakOff()
  await agent.open()
  const provider = await registry.join(manifestOf('provider', { p: {} }))
  await until(() => agent.types().length === 2)
  t.strictSame(agent.types(), ['snapshot', 'resolutions'], 'nothing was missed: no snapshot')

  await breakOff()
  await provider.announce({ endpoint: 'http://127.0.0.1:9/one' })
  await provider.announce({ endpoint: 'http://127.0.0.1:9/two' })
  await agent.open()
  await until(() => agent.types().length === 3)
  t.match(agent.known.events[2]?.event, {
    type: 'resolutions',
    resolutions: { 'c/d': { endpoints: [{ url: 'http://127.0.0.1:9/two' }] } },
  })
  const told = agent.known.events[2]?.event as Extract<WatchEvent, { type: 'resolutions' }>
  t.strictSame(Object.keys(told.resolutions), ['c/d'], 'only what changed')

  await breakOff()
  await registry.client.apply(
    manifestOf('consumer', { c: need('p'), e: need('q') }, { version: '2.0.0' }),
  )
  await provider.announce({ endpoint: 'http://127.0.0.1:9/three' })
  await agent.open()
  await until(() => agent.types().length === 5)
  t.strictSame(agent.types().slice(3), ['resolutions', 'manifest'])
  const [first, second] = agent.known.events.slice(3).map(({ eventId }) => eventId)
  t.not(first, second, 'a stream may break between two events: each has an id of its own')

  await breakOff()
  await agent.open(first)
  await until(() => agent.types().length === 6)
  t.equal(agent.types()[5], 'manifest', 'the one that did not arrive is told again')
  await breakOff()
  await agent.open()
  await registry.client.deleteAgent('default', 'consumer')
  await until(() => agent.types().length === 7)
  t.strictSame(agent.types().slice(6), ['deleted'])
  await breakOff()
  await agent.open()
  await provider.announce({ endpoint: 'http://127.0.0.1:9/four' })
  await breakOff()
  t.equal(agent.types().length, 7, 'one that was told to leave is told no more')
})

t.test('everything, where what was missed cannot be known', async t => {
  const store = { kind: 'file', path: `${t.testdir()}/registry.db` } as const
  const registry = await openRegistry(t, { store, times: { settleMs: 60_000 } })
  const consumer = await joinConsumer(registry)
  const agent = watcher(t, { url: registry.url, id: consumer.id })
  const opens = async (lastEventId: string, types: string[], what: string) => {
    const { length } = agent.types()
    await agent.open(lastEventId)
    await until(() => agent.types().length >= length + types.length, { what })
    await agent.close()
    await isBroken(registry, consumer.id)
    t.strictSame(agent.types().slice(length), types, what)
  }
  await opens('', ['snapshot'], 'a first watch')
  const first = agent.known.lastEventId
  t.match(first, /^[0-9a-f]{8}-\d+$/)
  await opens(first, [], 'the last event')
  const [run, revision] = first.split('-')
  const odd = [
    '7',
    'x',
    revision!,
    `ffffffff-${revision}`,
    `${run}-999999`,
    `${run}-`,
    'a'.repeat(99),
  ]
  for (const id of odd) await opens(id, ['snapshot'], `an id of nobody: ${id}`)
  await registry.join(manifestOf('provider', { p: {} }))
  await opens('', ['snapshot'], 'without an id')
  await opens(first, ['snapshot'], 'one from before the last snapshot')

  const seen = agent.known.lastEventId
  consumer.manifest = manifestOf('consumer', { c: need('p') })
  await consumer.announce({ rejoin: true })
  await opens(seen, ['snapshot'], 'it serves another manifest since')
  t.strictSame(Object.keys(agent.known.resolutions), ['c/d'])
  await registry.client.leave(consumer.id)
  await consumer.announce({ rejoin: true })
  await opens(agent.known.lastEventId, ['snapshot'], 'it had left since')
  await registry.close()

  const second = await openRegistry(t, { store, times: { settleMs: 400 } })
  const { id } = await joinConsumer(second)
  const later = watcher(t, { url: second.url, id })
  await later.open(agent.known.lastEventId)
  await until(() => later.types().length === 1)
  await later.close()
  t.match(later.known.events[0]?.event, { type: 'snapshot', settling: true }, 'another process')
  await until(() => !second.mesh.settling)
  await later.open()
  await until(() => later.types().length === 2)
  t.match(later.known.events[1]?.event, { type: 'snapshot', settling: false }, 'it has settled')
})

t.test(
  'a stream that breaks at any byte: in the end all is known, and nothing was told twice',
  async t => {
    const registry = await openRegistry(t, { times: { graceMs: 60_000, keepAliveMs: 60_000 } })
    const capabilities = Array.from({ length: 6 }, (_, i) => `p${i}`)
    const tools = Object.fromEntries(capabilities.map(name => [`use-${name}`, need(name)]))
    let run = 0
    let cuts = 0
    let resumed = 0
    const step = fc.record({
      change: fc.constantFrom('move', 'join', 'leave', 'apply', 'nothing'),
      at: fc.nat(5),
      cutAfter: fc.option(fc.integer({ min: 1, max: 4_000 }), { nil: Infinity }),
      isSlow: fc.boolean(),
      /** Whether the next change waits until this one has arrived. */
      waits: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async steps => {
        const round = ++run
        const namespace = `n${round}`
        const manifest = (version: string) => manifestOf('consumer', tools, { namespace, version })
        const { id } = await registry.join(manifest('1.0.0'), { isWatching: false })
        const providers = []
        for (const name of capabilities) {
          const provider = manifestOf(`of-${name}`, { [name]: {} }, { namespace })
          providers.push(await registry.join(provider))
        }
        const line = await faultyLine(t, registry.url)
        const agent = watcher(t, { url: line.url, id })
        let isOver = false
        const watching = (async () => {
          for (let wasOpened = false; !isOver; wasOpened = true) {
            if (wasOpened) cuts++
            const { length } = agent.types()
            await agent.open()
            await agent.ended()
            if (wasOpened && agent.types()[length] !== 'snapshot') resumed++
          }
        })()
        const truth = async () =>
          Object.fromEntries(
            (await registry.client.agent(namespace, 'consumer')).status.resolutions.map(each => [
              `${each.tool}/${each.dependency}`,
              each,
            ]),
          )
        const isUpToDate = async () =>
          JSON.stringify(sorted(agent.known.resolutions)) === JSON.stringify(sorted(await truth()))
        let generation = 1
        const extras: { id: string; beside: (typeof providers)[number] }[] = []
        for (const [n, { change, at, cutAfter, isSlow, waits }] of steps.entries()) {
          Object.assign(line, { cutAfter, isSlow })
          const provider = providers[at]!
          const leaving = change === 'leave' ? extras.shift() : undefined
          // Every state of a resolution is one of its own, so that one told twice shows: who leaves behind a break would
          // else restore the one from before it had joined.
          await (leaving?.beside ?? provider).announce(
            { endpoint: `http://127.0.0.1:9/${round}/${n}` },
            { isBare: true },
          )
          if (change === 'join')
            extras.push({ id: (await registry.join(provider.manifest)).id, beside: provider })
          if (leaving) await registry.client.leave(leaving.id)
          if (change === 'apply') {
            const receipt = await registry.client.apply(manifest(`1.${n + 1}.0`))
            generation = receipt.generation
          }
          if (change === 'move')
            for (const each of providers)
              await each.announce(
                { endpoint: `http://127.0.0.1:9/${round}/${n}/all` },
                { isBare: true },
              )
          if (waits) await until(isUpToDate, { what: 'what was changed' })
        }
        Object.assign(line, { cutAfter: Infinity, isSlow: false })
        await until(isUpToDate, { what: 'the last change' })
        if (generation > 1) await until(() => agent.known.manifest === generation)
        isOver = true
        await agent.close()
        await watching
        t.strictSame(agent.known.repeated, [])
        const snapshots = agent.types().filter(type => type === 'snapshot').length
        t.equal(snapshots, 1, 'one process, one manifest: one snapshot')
        const revisions = agent.known.events.map(({ event }) => event.revision)
        t.strictSame(
          revisions,
          [...new Set(revisions)].sort((a, b) => a - b),
        )
        return t.passing()
      }),
      { numRuns: 25, endOnFailure: true },
    )
    t.comment(`${cuts} breaks in ${run} runs, ${resumed} watches went on behind one`)
    t.ok(cuts > 20 && resumed > 20)
  },
)

const sorted = (of: object) => Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1))
