/** A member of the mesh on a real registry: what it is told when its stream breaks, and when its registry is another one. */
import t from 'tap'
import { createRegistryClient } from '../../core/client/registry-client.ts'
import { digestOf } from '../../core/manifest/digest.ts'
import type { WatchEvent } from '../../core/model/registry-api.ts'
import { joinMesh } from '../../runtime/membership.ts'
import { createLog } from '../../runtime/telemetry/log.ts'
import { faultyLine } from '../support/faulty-line.ts'
import { until } from '../support/mesh.ts'
import { manifestOf, openRegistry } from '../support/registry.ts'

t.test('a stream that comes back goes on where it broke', async t => {
  const times = { graceMs: 60_000, settleMs: 0 }
  const registry = await openRegistry(t, { times })
  const line = await faultyLine(t, registry.url)
  const client = createRegistryClient({ urls: [line.url] })
  const manifest = manifestOf('a', { a: { needs: { d: { capability: 'p', required: false } } } })
  const events: WatchEvent[] = []
  const member = joinMesh({
    ...{ client, token: undefined, log: createLog('error') },
    describe: () => ({
      manifest,
      announcement: {
        ...{ id: 'a-1', namespace: 'default', agent: 'a', digest: digestOf(manifest) },
        ...{ endpoint: 'http://127.0.0.1:9/mcp', pid: 1, host: 'h', observedGeneration: 1 },
      },
    }),
    onEvent: event => void events.push(event),
    onRefused: error => t.fail(error.message),
  })
  t.teardown(async () => {
    await member.leave()
    await client.close()
  })
  t.equal(await member.first, 'connected')
  const types = () => events.map(({ type }) => type)
  t.strictSame(types(), ['snapshot'])

  line.cut()
  await until(async () => (await registry.state('a-1')) === 'suspect', { what: 'the break' })
  await until(async () => (await registry.state('a-1')) === 'ready', { what: 'its return' })
  await registry.join(manifestOf('p'))
  await until(() => events.length === 2, { what: 'the delta' })
  t.strictSame(types(), ['snapshot', 'resolutions'])

  await registry.client.leave('a-1')
  await until(() => events.length === 3, { what: 'its second announcement' })
  t.strictSame(types().at(-1), 'snapshot', 'to a registry that forgot it, it is new')
})
