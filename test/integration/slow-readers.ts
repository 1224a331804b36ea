/** Readers that stop reading while the mesh changes: what the registry holds for them is bounded, and they catch up when they read again. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { createEventParser } from '../../core/client/event-stream.ts'
import { digestOf } from '../../core/manifest/digest.ts'
import { announce } from '../../core/registry/control/announce.ts'
import { until } from '../support/mesh.ts'
import { manifestOf, openRegistry } from '../support/registry.ts'

const CHANGES = 10_000

/** A stream that is opened and not read before `read`. */
async function slowReader(t: Test, url: string, path: string) {
  let response: ServerResponse | undefined
  const onRequest = (message: unknown) => {
    const started = message as { request: { url: string }; response: ServerResponse }
    if (started.request.url === path) response = started.response
  }
  subscribe('http.server.request.start', onRequest)
  const { port, host } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  await until(() => response?.headersSent === true, { what: `the stream of ${path}` })
  unsubscribe('http.server.request.start', onRequest)
  const types: string[] = []
  const newest: string[] = []
  let largest = 0
  const parse = createEventParser(({ event, data }) => {
    types.push(event)
    newest.push(data)
    newest.splice(0, newest.length - 5)
    largest = Math.max(largest, data.length)
  })
  return {
    types,
    /** Whether one of the newest events says so. */
    says: (text: string) => newest.some(data => data.includes(text)),
    largest: () => largest,
    /** Bytes that the registry holds for it now; what the kernel holds is bounded by the kernel. */
    held: () => response!.writableLength,
    isBlocked: () => response!.writableNeedDrain,
    // The chunks of the transfer coding are lines that an event stream ignores, as they have no field that it knows.
    read: () => void socket.on('data', parse),
  }
}

t.test('10,000 changes cost a reader that has stopped no more than one event', async t => {
  const registry = await openRegistry(t, { times: { keepAliveMs: 60_000 } })
  const { mesh } = registry
  const description = 'd'.repeat(8_000)
  const more = Array.from({ length: 24 }, (_, i) => [`t${i}`, { description }] as const)
  const date = { capability: 'date', required: false }
  const needs = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`d${i}`, date]))
  const user = await registry.join(manifestOf('user', { ask: { needs } }))
  const manifest = manifestOf('dates', {
    now: { capability: 'date' },
    ...Object.fromEntries(more),
  })
  const provider = await registry.join(manifest)
  const digest = digestOf(manifest)
  const says = (reason: string | undefined, url: string) =>
    announce(mesh, {
      ...{ id: provider.id, namespace: 'default', agent: 'dates', digest },
      ...{ endpoint: `http://127.0.0.1:9/${url}`, pid: 1, host: 'h', rejoin: false },
      ...{ observedGeneration: 1, ...(reason === undefined ? {} : { unhealthy: { reason } }) },
    })
  user.kill()
  const instance = await slowReader(t, registry.url, `/v1/instances/${user.id}/watch`)
  const agents = await slowReader(t, registry.url, '/v1/agents?watch=true')
  const events = await slowReader(t, registry.url, '/v1/events?watch=true')
  const readers = { instance, agents, events }
  const most = { instance: 0, agents: 0, events: 0 }
  const long = 'x'.repeat(4_000)
  for (let i = 1; i <= CHANGES; i++) {
    says(i % 2 === 0 ? undefined : `${i} ${long}`, `${i}/${long.slice(0, 1_900)}`)
    await new Promise(resolve => setImmediate(resolve))
    for (const [name, reader] of Object.entries(readers) as [keyof typeof most, typeof agents][])
      most[name] = Math.max(most[name], reader.held())
  }
  says('the last', 'mcp')
  says(undefined, 'at-last')
  t.ok(
    Object.values(readers).every(reader => reader.isBlocked()),
    'all are behind',
  )
  t.comment(JSON.stringify({ held: most }))

  for (const reader of Object.values(readers)) reader.read()
  await until(() => events.says('the last'), { what: 'the last event' })
  await until(() => agents.says('/at-last'), { what: 'the agent as it is' })
  await until(() => instance.says('/at-last'), { what: 'the resolutions as they are' })
  t.comment(
    JSON.stringify({
      told: {
        instance: instance.types.length,
        agents: agents.types.length,
        events: events.types.length,
      },
    }),
  )
  for (const [name, reader] of Object.entries(readers))
    t.ok(
      most[name as keyof typeof most] <= 2 * reader.largest() + 65_536,
      `${name}: at most one event beyond what a socket takes`,
    )
  t.ok(agents.types.length < CHANGES / 2, 'of an agent its latest state only')
  t.ok(instance.types.length < CHANGES / 2, 'of a dependency the latest resolution only')
  t.ok(events.types.includes('missed'), 'it is told that the trail was longer than what is kept')
})
