import { request as httpRequest } from 'node:http'
import {
  Client as Client2,
  StreamableHTTPClientTransport as Http2,
} from '@modelcontextprotocol/client'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as Http1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import t from 'tap'
import type { Handler } from '../../../runtime/handler.ts'
import { eventually } from '../../support/run-agents.ts'
import { modernCall, serveTools } from '../../support/serve-tools.ts'

const state = { made: 0, ended: 0 }
const tools: Record<string, Handler> = {
  async *tell() {
    yield 'one'
    yield { two: 2 }
    return 'told'
  },
  async *flood() {
    try {
      for (;;) {
        state.made++
        yield 'x'.repeat(100_000)
      }
    } finally {
      state.ended++
    }
  },
}
const info = { name: 'test', version: '1.0.0' }

t.test('clients of the SDK, old and new, are told each chunk as text', async t => {
  const { url } = await serveTools(t, { tools })
  const expected = [
    { progress: 1, message: 'one' },
    { progress: 2, message: '{"two":2}' },
  ]
  const seen: object[] = []
  const onprogress = (note: object) => seen.push(note)
  const v1 = new Client1(info)
  await v1.connect(new Http1(new URL(url)))
  t.teardown(() => v1.close())
  const call = { name: 'tell', arguments: {} }
  const told = { content: [{ type: 'text', text: 'told' }] }
  t.match(await v1.callTool(call, undefined, { onprogress }), told)
  t.match(seen.splice(0), expected)
  t.match(await v1.callTool(call), told, 'and nothing where it did not ask')
  for (const mode of ['legacy', 'auto'] as const) {
    const v2 = new Client2(info, { versionNegotiation: { mode } })
    await v2.connect(new Http2(new URL(url)))
    t.teardown(() => v2.close())
    t.match(await v2.callTool(call, { onprogress }), told)
    t.match(seen.splice(0), expected, mode)
  }
})

for (const [name, isFast, isModern] of [
  ['fast path', true, true],
  ['SDK, 2026-07-28', false, true],
  ['SDK, before', false, false],
] as const) {
  t.test(`${name}: nobody reads, so nothing more is made; gone, so it ends`, async t => {
    const { url } = await serveTools(t, { tools, isFast })
    Object.assign(state, { made: 0, ended: 0 })
    const { headers, body } = modernCall('flood', {}, { meta: { progressToken: 1 } })
    const legacy = {
      headers: { 'content-type': 'application/json', accept: headers['accept'] },
      body: { ...body, params: { name: 'flood', _meta: { progressToken: 1 } } },
    }
    const asked = isModern ? { headers, body } : legacy
    const calling = httpRequest(url, { method: 'POST', headers: asked.headers })
    calling.on('error', () => undefined) // it is destroyed below
    calling.end(JSON.stringify(asked.body))
    calling.on('response', response => response.pause())
    let last = -1
    await eventually(async () => {
      const isStill = state.made === last && last > 0
      last = state.made
      if (!isStill) await new Promise(resolve => setTimeout(resolve, 100))
      return isStill
    }, 'it stands still')
    t.ok(last < 200, `${last} chunks of 100 kB were made for a caller that reads none`)
    calling.destroy()
    await eventually(() => state.ended === 1, 'its finally runs')
  })
}
