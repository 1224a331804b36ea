/**
 * Scenarios 34 and 35: two registries over one PostgreSQL, real agents that know both, and what is done to registries and database.
 * A consumer is called all the while: none of its calls may fail.
 */
import t, { type Test } from 'tap'
import { createRegistryClient } from '../../core/client/registry-client.ts'
import { watchInstance } from '../../core/client/watch.ts'
import { toolsIn } from '../../core/model/manifest.ts'
import { digestOf } from '../../core/manifest/digest.ts'
import type { WatchEvent } from '../../core/model/registry-api.ts'
import { agentFiles, createMesh, freePort, until, type Running } from '../support/mesh.ts'
import { startPostgres } from '../support/postgres.ts'
import { manifestOf } from '../support/registry.ts'
import { callTool } from '../support/run-agents.ts'

const AGENTS = 50
const APPLIES = 1_000
const KILLS = 20

const postgres = await startPostgres(t)

const provider = agentFiles('clock', { handler: 'return { hour: 12 }' })
const consumer = agentFiles('reader', {
  handler: 'return await deps.clock({})',
  toolSpec: 'dependencies: { clock: { capability: clock, deadline: 5s } }',
})

async function open(t: Test) {
  const mesh = await createMesh(t)
  const env = { DATABASE_URL: postgres?.database() }
  const ports = [await freePort(), await freePort()]
  const urls = ports.map(port => `http://127.0.0.1:${port}`)
  const [a = '', b = ''] = urls
  const start = (i: number) => mesh.registry(['--port', String(ports[i])], { env })
  const registries: Running[] = await Promise.all([start(0), start(1)])
  const clientOf = (...urls: string[]) => {
    const client = createRegistryClient({ urls })
    t.teardown(() => client.close())
    return client
  }
  return {
    ...{ mesh, urls, a, b, clientOf },
    agent: (files: typeof provider, ...at: string[]) =>
      mesh.agent(files, { env: { MESH_REGISTRY_URL: at.join(',') } }),
    kill: async (i: number) => void (await registries[i]?.stop('SIGKILL')),
    restart: async (i: number) => void (registries[i] = await start(i)),
    watchers: async (url: string) => {
      const text = await (await fetch(`${url}/metrics`)).text()
      return Number(/^mesh_watchers (\d+)/m.exec(text)?.[1])
    },
  }
}

/** Calls the consumer one call after the other until it is told to stop. */
function keepCalling(endpoint: string) {
  const failures: string[] = []
  let count = 0
  let isOver = false
  const running = (async () => {
    for (; !isOver; count++) {
      try {
        const { structuredContent } = await callTool(endpoint, 'reader')
        if (JSON.stringify(structuredContent) !== '{"hour":12}') {
          failures.push(JSON.stringify(structuredContent))
        }
      } catch (error) {
        failures.push(String(error))
      }
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  })()
  return async () => {
    isOver = true
    await running
    return { count, failures }
  }
}

const percentile = (values: number[], share: number) =>
  Math.round([...values].sort((x, y) => x - y)[Math.ceil(values.length * share) - 1] ?? 0)

t.test('two registries over one PostgreSQL', { skip: !postgres, timeout: 360_000 }, async t => {
  t.test(
    '1,000 applies while one or the other is killed: nothing acknowledged is lost',
    async t => {
      const { a, b, urls, clientOf, agent, kill, restart } = await open(t)
      await agent(provider, ...urls)
      const reader = await agent(consumer, ...urls)
      const client = clientOf(b, a)
      await until(async () => (await client.agent('default', 'reader')).status.phase === 'Ready')
      const calling = keepCalling(reader.endpoint)

      const seen = new Map<string, number>()
      const watching = new AbortController()
      const watched = (async () => {
        while (!watching.signal.aborted) {
          await client.isReachable(500)
          await client.watchAgents({
            signal: watching.signal,
            onEvent(event) {
              if (event.type === 'agent')
                seen.set(event.agent.metadata.name, event.agent.metadata.generation)
            },
          })
          await new Promise(resolve => setTimeout(resolve, 20))
        }
      })()

      const taken: { name: string; generation: number; marker: string }[] = []
      let [repeated, kills, next, isDone] = [0, 0, 0, false]
      const began = performance.now()
      const killing = (async () => {
        for (let i = 0; !isDone; i = 1 - i) {
          await new Promise(resolve => setTimeout(resolve, 400))
          await kill(i)
          kills++
          await restart(i)
        }
      })()
      const apply = async (client: ReturnType<typeof clientOf>) => {
        while (next < APPLIES) {
          const name = `agent-${next % AGENTS}`
          const marker = `apply ${next++}`
          const manifest = manifestOf(name, { tool: { description: marker } })
          for (let isTaken = false; !isTaken;) {
            try {
              taken.push({ name, marker, generation: (await client.apply(manifest)).generation })
              isTaken = true
            } catch {
              repeated++ // it was not acknowledged: whoever applies does it again
              await new Promise(resolve => setTimeout(resolve, 50))
            }
          }
        }
      }
      await Promise.all(
        [
          [a, b],
          [b, a],
          [a, b],
          [b, a],
          [a, b],
          [b, a],
        ].map(urls => apply(clientOf(...urls))),
      )
      const ms = Math.round(performance.now() - began)
      isDone = true
      await killing

      t.equal(taken.length, APPLIES)
      const lost: string[] = []
      const current = new Map<string, number>()
      for (let i = 0; i < AGENTS; i++) {
        const name = `agent-${i}`
        const { items } = await client.revisions('default', name)
        const generations = items.map(({ generation }) => generation)
        t.strictSame(
          generations,
          generations.map((_, i) => i + 1),
          `${name}: no gap`,
        )
        current.set(name, generations.length)
        for (const { name: of, marker, generation } of taken) {
          if (of !== name) continue
          const found = items.find(item => item.generation === generation)
          if (!found || toolsIn(found.manifest)[0]?.description !== marker)
            lost.push(`${name} ${marker}`)
        }
      }
      t.strictSame(lost, [])
      await until(() => [...current].every(([name, generation]) => seen.get(name) === generation), {
        what: 'the watcher to know the last generation of each',
      })
      watching.abort()
      await watched
      const { count, failures } = await calling()
      t.strictSame(failures, [])
      t.comment(
        `${APPLIES} applies in ${ms} ms, ${kills} kills, ${repeated} applies repeated, ${count} calls`,
      )
      t.ok(kills >= 3)
    },
  )

  t.test(
    'agents whose registry is killed go on at the other, and nobody takes them for gone',
    async t => {
      const { a, b, clientOf, agent, kill, watchers } = await open(t)
      const clock = await agent(provider, a, b)
      const reader = await agent(consumer, a, b)
      await until(async () => (await watchers(a)) === 2)
      const client = clientOf(b)
      const shown = async () =>
        (await client.agents()).items
          .flatMap(({ status }) => status.instances.map(i => `${i.id} ${i.state}`))
          .sort()
      const both = [`${clock.instance} ready`, `${reader.instance} ready`].sort()
      await until(async () => String(await shown()) === String(both), { what: 'both at the other' })
      const calling = keepCalling(reader.endpoint)
      await kill(0)
      const began = performance.now()
      await until(async () => (await watchers(b)) === 2, { what: 'both watches' })
      const ms = Math.round(performance.now() - began)
      for (const end = performance.now() + 5_000; performance.now() < end;) {
        t.strictSame(await shown(), both) // beyond the life of the dead registry's beat
        await new Promise(resolve => setTimeout(resolve, 500))
      }
      const events = (await client.events()).items.map(({ type }) => type)
      t.strictSame(
        events.filter(type => type === 'Gone' || type === 'Suspect'),
        [],
      )
      const { count, failures } = await calling()
      t.strictSame(failures, [])
      t.comment(`both agents at the other registry after ${ms} ms, ${count} calls`)
      t.ok(ms < 3_000)
    },
  )

  t.test(
    'while the database hangs or is down agents go on, no lease is unknown, and it recovers',
    async t => {
      const { a, b, urls, clientOf, agent, watchers } = await open(t)
      const clock = await agent(provider, a, b)
      const reader = await agent(consumer, b, a)
      const client = clientOf(a)
      await until(async () => (await client.agent('default', 'reader')).status.phase === 'Ready')
      const other = clientOf(b)
      await until(async () => (await other.agent('default', 'clock')).status.phase === 'Ready')
      const calling = keepCalling(reader.endpoint)
      const statuses = new Map<number, number>()
      const renew = async (ms: number) => {
        for (const end = performance.now() + ms; performance.now() < end;) {
          for (const url of urls) {
            for (const id of [clock.instance, reader.instance]) {
              const { status } = await fetch(`${url}/v1/instances/${id}/lease`, { method: 'PUT' })
              statuses.set(status, (statuses.get(status) ?? 0) + 1)
            }
          }
          await new Promise(resolve => setTimeout(resolve, 100))
        }
      }
      const outages = [
        { what: 'hung', begin: () => postgres?.pause(), end: () => postgres?.resume() },
        { what: 'was down', begin: () => postgres?.stop(), end: () => postgres?.start() },
      ]
      for (const { what, begin, end } of outages) {
        await begin()
        await renew(5_000)
        await t.rejects(client.apply(manifestOf(`during-${what.replace(' ', '-')}`)), {
          code: 'MESH_STORE_UNAVAILABLE',
        })
        t.equal((await fetch(`${a}/readyz`)).status, 503)
        await end()
        const began = performance.now()
        const manifest = manifestOf(`after-${what.replace(' ', '-')}`)
        await until(() => client.apply(manifest), { what: 'an apply' })
        await until(
          async () =>
            (await other.agent('default', manifest.metadata.name)).metadata.generation === 1,
        )
        t.comment(
          `PostgreSQL ${what}: applied and known to the other ${Math.round(performance.now() - began)} ms after its return`,
        )
        await renew(4_000)
      }
      t.notOk(statuses.has(410))
      t.ok(statuses.has(503) && statuses.has(204))
      for (const known of [client, other]) {
        const states = (await known.agents()).items.flatMap(({ status }) =>
          status.instances.map(({ state }) => state),
        )
        t.strictSame(states, ['ready', 'ready'])
        const events = (await known.events()).items.map(({ type }) => type)
        t.strictSame(
          events.filter(type => type === 'Gone' || type === 'Suspect'),
          [],
        )
      }
      t.equal((await watchers(a)) + (await watchers(b)), 2, 'nobody moved')
      const { count, failures } = await calling()
      t.strictSame(failures, [])
      t.comment(`renewals by status: ${JSON.stringify([...statuses])}, ${count} calls`)
    },
  )

  t.test(
    'a provider killed at one registry leaves a consumer at the other in milliseconds',
    async t => {
      const { a, b, clientOf, agent } = await open(t)
      const client = clientOf(a)
      const manifest = manifestOf('reader', {
        read: { needs: { clock: { capability: 'clock', required: false } } },
      })
      const id = 'reader-00000001'
      await client.announce({
        ...{ id, namespace: 'default', agent: 'reader', digest: digestOf(manifest), manifest },
        ...{
          endpoint: 'http://127.0.0.1:9/mcp',
          pid: 1,
          host: 'test',
          rejoin: false,
          observedGeneration: 0,
        },
      })
      let filledBy: string | undefined
      let changedAt = 0
      const end = new AbortController()
      const onEvent = (event: WatchEvent) => {
        if (event.type !== 'snapshot' && event.type !== 'resolutions') return
        filledBy = event.resolutions['read/clock']?.endpoints[0]?.instance
        changedAt = performance.now()
      }
      const watching = watchInstance({ url: a, id, signal: end.signal, onEvent })
      const times: number[] = []
      for (let i = 0; i < KILLS; i++) {
        const clock = await agent(provider, b)
        await client.renewLease(id) // starting the providers takes longer than a lease lasts
        await until(() => filledBy === clock.instance, { what: 'the provider' })
        const began = performance.now()
        const ended = clock.stop('SIGKILL')
        await until(() => filledBy === undefined, { what: 'its end' })
        times.push(changedAt - began)
        await ended
      }
      end.abort()
      await watching
      t.comment(
        `SIGKILL to rewired, across registries: p50 ${percentile(times, 0.5)} ms, p99 ${percentile(times, 0.99)} ms`,
      )
      t.ok(percentile(times, 0.99) < 1_000, 'out of the pick in well under a second')
    },
  )
})
