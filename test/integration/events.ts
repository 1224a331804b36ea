/** The audit trail and the graph, over real sockets and through meshctl. */
import t from 'tap'
import { followEvents } from '../../core/client/follow-events.ts'
import type { AuditWatchEvent, Graph } from '../../core/model/operations-api.ts'
import { Audit } from '../../core/registry/control/audit.ts'
import { EventIds } from '../../core/registry/control/event-id.ts'
import { cli, startCli } from '../support/cli.ts'
import { until } from '../support/mesh.ts'
import { manifestOf, openRegistry } from '../support/registry.ts'

const need = (capability: string, more: object = {}) => ({
  needs: { d: { capability, ...more } },
})
const provider = (name: string, version: string) =>
  manifestOf(name, { tool: { capability: 'date' } }, { version })

t.test('who came and went, what was wanted, and every change of mind with its reason', async t => {
  const registry = await openRegistry(t, { times: { graceMs: 50 } })
  const { client } = registry
  const user = await registry.join(manifestOf('user', { ask: need('date', { required: false }) }))
  const old = await registry.join(provider('old', '1.0.0'))
  await registry.join(provider('old', '1.0.0'))
  const fresh = await registry.join(provider('new', '2.0.0'))
  await until(() => user.endpoints('ask/d').length === 3, { what: 'three endpoints' })
  fresh.kill()
  await until(() => user.endpoints('ask/d').length === 2, { what: 'two endpoints' })
  await until(async () => (await registry.state(fresh.id)) === undefined, { what: 'its end' })
  await client.drain(old.id)
  await client.leave(old.id)
  await client.apply(provider('old', '1.1.0'))
  await client.rollBack('default', 'old')
  await client.deleteAgent('default', 'old')
  await until(() => user.endpoints('ask/d').length === 0, { what: 'no endpoint' })

  const { items, missed } = await client.events()
  t.match(
    items.map(({ type, agent, message }) => `${agent} ${type} ${message}`),
    [/^user Joined user-\w+: serves at http/, /^user Rewired|^old Joined/, /./],
  )
  const rewired = items.flatMap(({ rewiring }) => rewiring ?? [])
  t.match(rewired, [
    { from: undefined, to: { agent: 'old', version: '1.0.0' }, reason: /fills it now/ },
    { from: { agent: 'old' }, to: { agent: 'new' }, reason: '2.0.0 is newer than 1.0.0' },
    {
      from: { agent: 'new' },
      to: { agent: 'old' },
      reason: /new\/tool@2\.0\.0 is out: it is suspect/,
    },
    { from: { agent: 'old' }, to: undefined, reason: /it is draining/ },
  ])
  t.strictSame(
    items
      .filter(({ type, agent }) => agent !== 'user' && type !== 'Rewired')
      .map(e => `${e.agent} ${e.type}`),
    [
      ...['old Joined', 'old Joined', 'new Joined', 'new Suspect', 'new Gone'],
      ...['old Draining', 'old Left', 'old Applied', 'old RolledBack', 'old Deleted'],
    ],
  )
  t.equal(missed, false)
  t.match(items.find(({ type }) => type === 'RolledBack')?.message, /generation 3, .*that of 1/)

  const revisions = items.map(({ revision }) => revision)
  t.strictSame(
    revisions,
    [...new Set(revisions)].toSorted((a, b) => a - b),
  )
  const paged = []
  for (let after = '0', page; (page = await client.events({ after, limit: 3 })).items.length > 0;) {
    paged.push(...page.items)
    after = page.next
  }
  t.strictSame(paged, items, 'page by page it is the same')
  t.equal((await client.events({ after: '0', limit: 1 })).missed, false, 'there was nothing before')
  t.strictSame((await client.events({ agent: 'new' })).items.length, 3)
  t.strictSame((await client.events({ namespace: 'other' })).items, [])
  t.strictSame((await client.events({ limit: 2 })).items, items.slice(-2), 'the newest')
  await t.rejects(client.events({ limit: 0 }), { code: 'MESH_USAGE_INVALID' })
})

t.test(
  'what an instance says of its health, and that a watch which is back heals nobody',
  async t => {
    const registry = await openRegistry(t)
    const agent = await registry.join(manifestOf('a'))
    await agent.announce({ unhealthy: { reason: 'disk full' } })
    await agent.announce({ unhealthy: { reason: 'disk fuller' } })
    agent.kill()
    await until(async () => (await registry.state(agent.id)) === 'suspect')
    await agent.watch()
    t.equal(await registry.state(agent.id), 'unhealthy')
    const { name, namespace = 'default' } = agent.manifest.metadata
    const { status } = await registry.client.agent(namespace, name)
    t.match(
      status.conditions.find(({ type }) => type === 'Degraded'),
      { status: 'True', reason: 'InstancesNotReady', message: /is unhealthy \(disk fuller\)/ },
    )
    await agent.announce()
    const { items } = await registry.client.events({ agent: 'a' })
    t.strictSame(
      items.map(({ type, message }) => `${type} ${message.slice(agent.id.length)}`).slice(1),
      [
        'Unhealthy : disk full',
        'Suspect : its watch broke',
        'Recovered : its watch is back, but it is unhealthy',
        'Healthy : its check passes again',
      ],
    )
  },
)

t.test('a reader goes on behind what it has seen', async t => {
  const registry = await openRegistry(t)
  const seen: number[] = []
  let last = ''
  const read = async (after: string, count: number) => {
    const abort = new AbortController()
    const onEvent = (told: AuditWatchEvent, id: string) => {
      last = id
      if (told.type === 'event') seen.push(told.event.revision)
      if (seen.length === count) abort.abort()
    }
    await registry.client.watchEvents({ after, signal: abort.signal, onEvent })
  }
  const { next } = await registry.client.events()
  const first = read(next, 2)
  await registry.client.apply(manifestOf('a'))
  await registry.client.apply(manifestOf('b'))
  await first
  await registry.client.apply(manifestOf('c'))
  await read(last, 3)
  const { items } = await registry.client.events()
  t.strictSame(
    seen,
    items.map(event => event.revision),
    'nothing lost, nothing repeated',
  )
})

t.test('an id of another registry passes over nothing: it is missed, and all is told', async t => {
  const [first, second] = [await openRegistry(t), await openRegistry(t)]
  for (let i = 1; i < 20; i++)
    await first.client.apply(manifestOf('a', undefined, { version: `1.0.${i}` }))
  await second.client.apply(manifestOf('b'))
  const { items, next: foreign } = await first.client.events()
  const own = await second.client.events()
  t.ok(items.at(-1)!.revision > own.items[0]!.revision, 'its number is the larger one')

  t.match(await second.client.events({ after: foreign }), { missed: true, items: own.items })
  t.match(await second.client.events({ after: own.next }), { missed: false, items: [] })
  t.equal(
    (await first.client.events({ after: foreign })).missed,
    false,
    'its own registry knows it',
  )
  for (const after of ['7', 'x', 'a-b']) {
    await t.rejects(second.client.events({ after }), { code: 'MESH_USAGE_INVALID' }, after)
  }
  for (const lastEventId of [foreign, '7']) {
    const told: string[] = []
    const abort = new AbortController()
    await followEvents({
      ...{ url: second.url, path: '/v1/events?watch=true', lastEventId, signal: abort.signal },
      onEvent({ type }) {
        if (told.push(type) === 2) abort.abort()
      },
    })
    t.strictSame(told, ['missed', 'event'], `Last-Event-ID: ${lastEventId}`)
  }
})

t.test('meshctl events -w goes on at another registry, and shows nothing twice', async t => {
  const first = await openRegistry(t)
  const second = await openRegistry(t)
  await second.client.apply(manifestOf('before'))
  await first.client.apply(manifestOf('a'))
  const watch = startCli(['events', '-w'], {
    env: { MESH_REGISTRY_URL: `${first.url},${second.url}` },
  })
  await until(() => watch.out.length === 2, { what: 'what was' })
  await first.close()
  await until(() => watch.said.some(line => /may be missing/.test(line)), { what: 'the warning' })
  await second.client.apply(manifestOf('c'))
  await until(() => watch.out.length === 3, { what: 'news of the other' })
  t.match(watch.out, [/AGE/, / Applied +a /, / Applied +c /])
  watch.stop()
  t.equal(await watch.code, 0)
})

t.test('the trail is bounded, and a reader hears that it has missed something', async t => {
  let revision = 100
  const ids = new EventIds('run')
  const audit = new Audit({ ids, nextRevision: () => ++revision, floor: 100, kept: 10 })
  const all = { namespace: undefined, agent: undefined }
  for (let i = 0; i < 50; i++)
    audit.add({ type: 'Applied', namespace: 'n', agent: `a${i % 2}`, message: String(i) })
  const { items } = audit.list(all, { after: undefined, limit: 1_000 })
  t.ok(items.length >= 10 && items.length <= 12)
  t.equal(items.at(-1)?.message, '49')
  t.equal(audit.list(all, { after: 'run-110', limit: 5 }).missed, true)
  t.equal(audit.list(all, { after: 'run-145', limit: 5 }).missed, false)
  const sent: string[] = []
  let isWritable = true
  const stream = {
    get isWritable() {
      return isWritable
    },
    send: (type: string) => {
      sent.push(type)
      isWritable = sent.length % 4 !== 0
    },
    end: () => undefined,
  }
  audit.open(stream, { ...all, agent: 'a1' }, 'run-100')
  await until(() => sent.length === 4, { what: 'a full stream' })
  isWritable = true
  audit.resume(stream)
  await until(() => sent.length >= 6, { what: 'the rest' })
  t.strictSame([sent[0], sent[1]], ['missed', 'event'])
})

t.test('the graph: agents, tools, and who fills what', async t => {
  const registry = await openRegistry(t)
  await registry.join(provider('dates', '1.0.0'))
  await registry.join(manifestOf('user', { ask: need('date'), tell: need('nothing') }))
  await registry.client.apply(manifestOf('idle', undefined, { namespace: 'other' }))
  const read = async (query = '') =>
    (await (await fetch(`${registry.url}/v1/graph${query}`)).json()) as Graph
  const { nodes, edges } = await read('?namespace=default')
  t.match(nodes, [
    { kind: 'agent', id: 'default/dates', phase: 'Ready', instances: [{ state: 'ready' }] },
    { kind: 'tool', id: 'default/dates/tool', capability: 'date', version: '1.0.0' },
    { kind: 'agent', id: 'default/user', phase: 'Degraded' },
    { kind: 'tool', id: 'default/user/ask', broken: undefined },
    { kind: 'tool', id: 'default/user/tell', broken: /no instance offers "nothing"/ },
  ])
  t.match(edges, [
    { from: 'default/user/ask', to: 'default/dates/tool', state: 'resolved', endpoints: [{}] },
    { from: 'default/user/tell', to: undefined, state: 'unresolved', reason: /"nothing"/ },
  ])
  t.equal((await read()).nodes.length, 7)
})

t.test('meshctl events, and -w', async t => {
  const registry = await openRegistry(t)
  const env = { MESH_REGISTRY_URL: registry.url }
  await registry.client.apply(manifestOf('a'))
  await registry.client.apply(manifestOf('b', undefined, { namespace: 'other' }))
  const { out } = await cli(['events', 'agent/a'], { env })
  t.match(out.split('\n'), [/^AGE +TYPE +AGENT +MESSAGE$/, /Applied +a +generation 1, version 1/])
  t.match(await cli(['events'], { env }), { out: /^((?!generation 1.*\n.*generation 1)[^])*$/ })
  const watch = startCli(['events', '-A', '-w'], { env })
  await until(() => watch.out.length === 3, { what: 'what was' })
  await registry.client.deleteAgent('default', 'a')
  await until(() => watch.out.some(line => / Deleted +default +a /.test(line)), { what: 'news' })
  watch.stop()
  t.equal(await watch.code, 0)
  t.match(await cli(['events', '--limit', '0'], { env }), { code: 2 })
})
