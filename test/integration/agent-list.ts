/** Lists of agents by labels and pages, and their watch, over real sockets and through meshctl. */
import t from 'tap'
import type { AgentList, AgentWatchEvent, Problem } from '../../core/model/registry-api.ts'
import { parseSelector } from '../../core/registry/label-selector.ts'
import { cli, startCli } from '../support/cli.ts'
import { until } from '../support/mesh.ts'
import { manifestOf, openRegistry } from '../support/registry.ts'

function labelled(name: string, labels: Record<string, string>, namespace = 'default') {
  const manifest = manifestOf(name, undefined, { namespace })
  return { ...manifest, metadata: { ...manifest.metadata, labels } }
}

t.test('selectors are read as kubectl reads them', async t => {
  const docs = { team: 'docs', 'mesh.dev/tier': 'a', empty: '' }
  const table: [string, boolean][] = [
    ...(['', 'team', 'team=docs', 'team==docs', 'team = docs', 'team!=web', '!zone'] as const).map(
      text => [text, true] as [string, boolean],
    ),
    ...(
      [
        'zone!=a',
        'zone notin (a, b)',
        'team in (docs,web)',
        'team in ( docs )',
        'mesh.dev/tier=a,!zone,team',
        'empty=',
        'empty in (,x)',
        'in=',
      ] as const
    ).map(text => [text, text !== 'in='] as [string, boolean]),
    ...(['zone', '!team', 'team=web', 'team!=docs', 'team notin (docs)', 'team,zone'] as const).map(
      text => [text, false] as [string, boolean],
    ),
    ['zone in (a)', false],
    ['zone in ()', false],
  ]
  for (const [text, matches] of table) t.equal(parseSelector(text)(docs), matches, `"${text}"`)
})

t.test('a selector that cannot be read is refused with the place', async t => {
  const table: [string, RegExp][] = [
    ['a in x)', /at 6: "\(" is expected, not "x"/],
    ['a in (x', /at 8: "," or "\)" is expected, not its end/],
    ['a=b c=d', /at 5: "," or an operator .* is expected, not "c"/],
    ['a,', /at 3: a key is expected, not its end/],
    ['=b', /at 1: a key is expected, not "="/],
    ['!=b', /at 1: a key is expected, not "!="/],
    ['a=b&c', /at 4: "&" has no place/],
    ['a>3', /at 2: ">" has no place/],
    ['a'.repeat(5_000), /longer than 4096/],
  ]
  for (const [text, message] of table)
    t.throws(() => parseSelector(text), { code: 'MESH_SELECTOR_INVALID', message }, text)
})

t.test('pages: all agents once, in order, while others come and go', async t => {
  const registry = await openRegistry(t)
  const page = async (query: string) =>
    (await (await fetch(`${registry.url}/v1/agents?${query}`)).json()) as AgentList & Problem
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
    await registry.client.apply(labelled(name, { odd: String('ace'.includes(name)) }))
  await registry.client.apply(labelled('a', {}, 'default-2'))
  const names = ({ items }: AgentList) => items.map(({ metadata }) => metadata.name)

  const first = await page('limit=2&labelSelector=odd')
  t.strictSame(names(first), ['a', 'b'])
  await registry.client.deleteAgent('default', 'b')
  await registry.client.apply(labelled('aa', { odd: 'true' }))
  const second = await page(`limit=2&labelSelector=odd&continue=${first.continue}`)
  t.strictSame(names(second), ['c', 'd'], 'the last key is gone, and it goes on behind it')
  const third = await page(`limit=2&labelSelector=odd&continue=${second.continue}`)
  t.match([names(third), third.continue], [['e', 'f'], undefined], 'no page is empty')
  t.strictSame(names(await page('labelSelector=odd=true')), ['a', 'aa', 'c', 'e'])
  t.equal((await page('')).items.length, 7)

  t.match(await page('labelSelector=a%20in'), { status: 400, code: 'MESH_SELECTOR_INVALID' })
  t.match(await page('continue=nothing'), { status: 400, code: 'MESH_USAGE_INVALID' })
  t.match(await page('limit=-1'), { status: 400, code: 'MESH_USAGE_INVALID' })
  t.match(await page('limit=1&limit=2'), { status: 400, detail: /twice/ })

  const many = await openRegistry(t)
  for (let from = 0; from < 510; from += 30) {
    const names = Array.from({ length: 30 }, (_, i) => `n${from + i}`)
    await Promise.all(names.map(name => many.client.apply(labelled(name, {}))))
  }
  const { items } = await many.client.agents({ namespace: 'default' })
  t.equal(new Set(items.map(({ metadata }) => metadata.name)).size, 510, 'a client follows pages')
})

t.test('what is kept of a list is never older than what it shows', async t => {
  const registry = await openRegistry(t, { times: { graceMs: 60_000 } })
  const { client, mesh } = registry
  const list = async () => (await fetch(`${registry.url}/v1/agents`)).text()
  const need = { d: { capability: 'p', required: false } }
  const user = await registry.join(manifestOf('user', { u: { needs: need } }))
  const provider = await registry.join(manifestOf('p'))
  const second = await registry.join(manifestOf('p'))
  const unhealthy = { reason: 'tired' }
  const steps: [string, () => unknown][] = [
    ['moved', () => provider.announce({ endpoint: 'http://127.0.0.1:9/moved' })],
    ['unhealthy', () => provider.announce({ unhealthy })],
    ['for another reason', () => provider.announce({ unhealthy: { reason: 'ill — très' } })],
    ['well', () => provider.announce()],
    ['suspect', () => provider.kill()],
    ['back', () => provider.watch()],
    ['applied', () => client.apply(manifestOf('p', undefined, { version: '2.0.0' }))],
    ['drifted', () => second.announce({ drift: { generation: 2, reason: 'no handler' } })],
    ['draining', () => client.drain(second.id)],
    ['left', () => client.leave(second.id)],
    ['labelled', () => client.apply(labelled('p', { team: 'docs' }))],
    ['deleted', () => client.deleteAgent('default', 'p')],
    ['the last has left', () => client.leave(provider.id)],
    ['alone', () => client.leave(user.id)],
  ]
  let before = await list()
  for (const [name, change] of steps) {
    await change()
    const shown = await until(
      async () => {
        const now = await list()
        return withoutRevision(now) === withoutRevision(before) ? '' : now
      },
      { what: `another list: ${name}` },
    )
    for (const entry of mesh.desired.after(undefined)) entry.json = undefined
    t.equal(shown, await list(), name)
    before = shown
  }
  t.equal(withoutRevision(before), '{"items":[]')
})

const withoutRevision = (list: string) => list.slice(0, list.lastIndexOf(',"revision"'))

t.test('a watch: all that match, then what changes, and what is gone', async t => {
  const registry = await openRegistry(t)
  await registry.client.apply(labelled('a', { team: 'docs' }))
  await registry.client.apply(labelled('b', { team: 'web' }))
  await registry.client.apply(labelled('c', { team: 'docs' }, 'other'))
  const events: AgentWatchEvent[] = []
  const abort = new AbortController()
  t.teardown(() => abort.abort())
  const ended = registry.client.watchAgents({
    ...{ namespace: 'default', selector: 'team=docs', signal: abort.signal },
    onEvent: event => void events.push(event),
  })
  const next = async (type: string) => {
    await until(() => events.some(event => event.type === type), { what: type })
    return events.splice(0)
  }
  t.match(await next('complete'), [{ type: 'agent', agent: { metadata: { name: 'a' } } }, {}])
  const joined = await registry.join(labelled('a', { team: 'docs' }))
  await until(() => events.some(e => e.type === 'agent' && e.agent.status.phase === 'Ready'), {
    what: 'the change',
  })
  events.splice(0)
  joined.kill()
  const isSuspect = (event: AgentWatchEvent) =>
    event.type === 'agent' && event.agent.status.instances[0]?.state === 'suspect'
  await until(() => events.some(isSuspect), { what: 'the suspect' })
  events.splice(0)
  await registry.client.apply(labelled('b', { team: 'docs' }))
  const isB = (event: AgentWatchEvent) =>
    event.type === 'agent' && event.agent.metadata.name === 'b'
  await until(() => events.some(isB), { what: 'b, which matches now' })
  events.splice(0)
  await registry.client.apply(labelled('b', { team: 'web' }))
  t.match((await next('gone')).at(-1), { type: 'gone', namespace: 'default', name: 'b' })
  await registry.client.deleteAgent('default', 'a')
  t.match((await next('gone')).at(-1), { type: 'gone', name: 'a' })
  const revisions = events.map(({ revision }) => revision)
  t.strictSame(
    revisions,
    revisions.toSorted((a, b) => a - b),
  )
  await registry.close()
  await ended
  t.equal(registry.mesh.agentWatchers.count, 0)
})

t.test('a watch of one agent tells of no other, and waits for it to come', async t => {
  const registry = await openRegistry(t)
  await registry.client.apply(manifestOf('ab'))
  const events: string[] = []
  const abort = new AbortController()
  const ended = registry.client.watchAgents({
    ...{ namespace: 'default', name: 'a', signal: abort.signal },
    onEvent: event =>
      void events.push(
        event.type === 'agent' ? `${event.agent.metadata.name} is there` : event.type,
      ),
  })
  const told = (...expected: string[]) =>
    until(() => String(events) === String(expected), { what: String(expected) })
  await told('complete')
  await registry.client.apply(manifestOf('a', undefined, { namespace: 'other' }))
  await registry.client.deleteAgent('default', 'ab')
  await registry.client.apply(manifestOf('a'))
  await told('complete', 'a is there')
  await registry.client.deleteAgent('default', 'a')
  await told('complete', 'a is there', 'gone')
  abort.abort()
  await ended
})

t.test('meshctl: -l, delete -l, get -w', async t => {
  const registry = await openRegistry(t)
  const env = { MESH_REGISTRY_URL: registry.url }
  await registry.client.apply(labelled('a', { team: 'docs' }))
  await registry.client.apply(labelled('b', { team: 'web' }))
  t.match(await cli(['list', '-l', 'team in (docs)', '-o', 'name'], { env }), { out: 'agent/a' })
  t.match(await cli(['get', 'agents', '-l', '!team'], { env }), {
    said: 'no agent is meant by --selector !team',
  })
  t.match(await cli(['get', 'capabilities', '-l', 'team=web', '-o', 'name'], { env }), {
    out: 'capability/b',
  })
  t.match(await cli(['list', '-l', 'team=docs,'], { env }), {
    code: 2,
    err: /MESH_SELECTOR_INVALID: .* at 11: a key is expected/,
  })
  t.match(await cli(['get', 'edges', '-w'], { env }), { code: 2, err: /-w watches agents/ })

  const watch = startCli(['get', 'agents', '-w', '-l', 'team'], { env })
  const shows = (row: RegExp) =>
    until(() => watch.out.some(line => row.test(line)), { what: String(row) })
  await shows(/^b +Offline/)
  t.match(watch.out, [/^NAME +PHASE/, /^a +Offline/, /^b +Offline/])
  const agent = await registry.join(labelled('a', { team: 'docs' }))
  await shows(/^a +Ready +1\.0\.0 +1\/1/)
  t.match(await cli(['delete', 'agents', '-l', 'team=docs'], { env }), { out: 'agent/a deleted' })
  await shows(/^a +Gone/)
  watch.stop()
  t.equal(await watch.code, 0)
  const one = startCli(['get', 'agents', 'b', '-w'], { env })
  await until(() => one.out.some(line => /^b +Offline/.test(line)), { what: 'its watch' })
  await registry.client.apply(labelled('c', {}))
  await registry.client.deleteAgent('default', 'b')
  await until(() => one.out.some(line => /^b +Gone/.test(line)), { what: 'its end' })
  t.match(one.out, [/^NAME/, /^b +Offline/, /^b +Gone/], 'of no other agent')
  one.stop()
  t.equal(await one.code, 0)
  agent.kill()
  t.match(await cli(['delete', '-f', 'x.yaml', '-l', 'team'], { env }), { code: 2 })
})
