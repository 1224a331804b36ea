import t from 'tap'
import { Cancellation } from '../../../runtime/proxy/cancellation.ts'
import { relayCall } from '../../../runtime/gateway/relay-call.ts'
import { mcpCall } from '../../../runtime/proxy/mcp-call.ts'
import { createPools } from '../../../runtime/proxy/pools.ts'
import { serveTools } from '../../support/serve-tools.ts'

t.test('plain calls stay where node:http is not, whatever else goes to the same agent', async t => {
  const serving = await serveTools(t, {
    tools: {
      echo: ({ value }) => value,
      async *counts() {
        yield* [1, 2]
        return 3
      },
    },
  })
  const pools = createPools()
  t.teardown(() => pools.destroy())
  const client = { name: 'caller', version: '1.0.0' }
  const own = { bearer: undefined, headers: {}, secrets: [] }
  const call = mcpCall({ pools, client }, 'caller.tool -> served', own)
  const chunks: unknown[] = []
  const stream = {
    hasBegun: false,
    isWaiting: true,
    watch: () => undefined,
    take: (note: unknown) => void chunks.push(note),
  }
  const ask = async (tool: string, args: Record<string, unknown>, more: object = {}) => {
    const endpoint = { instance: 'served-1', url: serving.url, tool, version: '1.0.0' }
    const signal = new Cancellation()
    const result = await call({ endpoint, args, signal, expiresAt: Infinity, ...more } as never)
    return result.structuredContent
  }
  t.equal(await ask('echo', { value: 1 }), 1)
  t.equal(serving.plain(), 1)
  t.equal(await ask('counts', {}, { stream }), 3)
  t.equal(chunks.length, 2)
  t.equal(await ask('echo', { value: 2, more: 'x'.repeat(64 * 1024) }), 2)
  t.equal(serving.plain(), 1)
  for (let i = 2; i < 5; i++) {
    t.equal(await ask('echo', { value: i }), i)
    t.equal(serving.plain(), i)
  }
  const { origin } = new URL(serving.url)
  const before = [pools.get(origin, 'plain'), pools.get(origin, 'other')]
  pools.keep(new Set([origin]))
  t.strictSame([pools.get(origin, 'plain'), pools.get(origin, 'other')], before)
  pools.keep(new Set())
  t.not(pools.get(origin, 'plain'), before[0])
  t.not(pools.get(origin, 'other'), before[1])
})

t.test(
  'what a gateway passes on takes a plain connection only if an agent reads it so',
  async t => {
    const serving = await serveTools(t, { tools: { echo: ({ value }) => value } })
    const pools = createPools()
    t.teardown(() => pools.destroy())
    const call = relayCall({
      ...{
        pools,
        edge: 'gateway -> served',
        method: 'tools/call',
        name: 'echo',
        bearer: undefined,
      },
    })
    const endpoint = { instance: 'served-1', url: serving.url, tool: 'echo', version: '1.0.0' }
    const io = (name: string) => `io.modelcontextprotocol/${name}`
    const meta = { [io('protocolVersion')]: '2026-07-28', [io('clientCapabilities')]: {} }
    const ask = async (value: number, more: object = {}, params: object = {}) => {
      const passed = { id: 'a', params: { ...params, _meta: { ...meta, ...more } }, headers: [] }
      const signal = new Cancellation()
      const given = { endpoint, args: { value }, signal, expiresAt: Infinity, passed }
      const answer = (await call(given as never)) as unknown as { bytes: Buffer }
      t.match(JSON.parse(answer.bytes.toString()), {
        id: 'a',
        result: { structuredContent: value },
      })
    }
    await ask(1)
    t.equal(serving.plain(), 1)
    const client = { name: 'c', version: '1', title: 'C' }
    for (const [more, params] of [
      [{ [io('clientCapabilities')]: { roots: {} } }],
      [{ [io('clientInfo')]: client }],
      [{ 'example.com/own': 1 }],
      [{}, { more: 1 }],
    ]) {
      await ask(2, more, params)
      t.equal(serving.plain(), 1, JSON.stringify([more, params]))
    }
    for (let i = 2; i < 5; i++) {
      await ask(i)
      t.equal(serving.plain(), i, 'and those have none of the connections that plain calls use')
    }
  },
)
