// Providers in processes of their own that misbehave: the others go on, and the caller is told what was wrong.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import t, { type Test } from 'tap'
import type { AgentManifest, CallPolicySpec } from '../../../core/model/generated/manifest.ts'
import { openRegistry } from '../../support/registry.ts'
import { eventually, runAgent } from '../../support/run-agents.ts'
import { ask, runGateway, send, toolsAt, type Asked } from '../../support/run-gateway.ts'

const sound = {
  name: 'sound',
  code: 'export const echo = ({ value }) => value',
  spec: { tools: [{ name: 'echo', handler: './handlers.ts#echo' }] },
}

type Manner = 'silent' | 'endless' | 'crowded' | 'restless' | 'loud'

async function mesh(t: Test, policy: CallPolicySpec = {}, manner?: Manner) {
  const registry = await openRegistry(t)
  const child = fork('test/support/faulty-provider.mjs', manner ? [manner] : [])
  t.teardown(() => child.kill('SIGKILL'))
  const [{ endpoint }] = (await once(child, 'message')) as [{ endpoint: string }]
  const manifest: AgentManifest = {
    ...{ apiVersion: 'mcp-mesh.dev/v1', kind: 'Agent', metadata: { name: 'faulty' } },
    spec: { version: '1.0.0', server: { url: endpoint } },
  }
  await registry.join(manifest, { endpoint })
  await runAgent(t, registry.url, sound)
  const front = await runGateway(t, registry.url, { spec: { policy } })
  const url = front.endpoint
  const call = (name: string, asked?: Asked) => ask(url, 'tools/call', { name }, asked)
  const goesOn = async (what: string) => {
    const params = { name: 'echo', arguments: { value: what } }
    t.match(await ask(url, 'tools/call', params), { result: { content: [{ text: what }] } }, what)
  }
  return { url, call, goesOn, child, front }
}

t.test('what no client could read is left out of the list, the rest of it stays', async t => {
  const { url, front, goesOn } = await mesh(t)
  t.strictSame(await toolsAt(url), [
    ...[
      'counts',
      'well',
      'hangs',
      'flooded',
      'floods',
      'unasked',
      'breaks',
      'dies',
      'html',
      'half',
    ],
    ...['large', 'too-large', 'echo'],
  ])
  const said = front.lines.find(line => line.includes('cannot be shown')) ?? ''
  t.match(said, /no_schema.*its inputSchema is no schema.*its description is no text.*longer than/)
  t.match(said, /odd_type.*its outputSchema is no JSON Schema.*nowhere.*does not compile.*pattern/)
  t.match(said, /icons.*as MCP has it.*hints.*as MCP has it.*argument.*inputSchema.*deep.*nested/)
  const old = new OldClient({ name: 'old', version: '1' })
  await old.connect(new OldHttp(new URL(url)))
  t.equal((await old.listTools()).tools.length, 13, 'a client of v1 reads the rest')
  await old.close()
  for (const mode of ['auto', 'legacy'] as const) {
    const options = mode === 'auto' ? { versionNegotiation: { mode } } : {}
    const client = new Client({ name: 'new', version: '1' }, options)
    await client.connect(new StreamableHTTPClientTransport(new URL(url)))
    t.equal((await client.listTools()).tools.length, 13, `a client of v2, ${mode}`)
    t.match(await client.callTool({ name: 'well' }), { content: [{ text: 'well' }] })
    await client.close()
  }
  await goesOn('with a provider that lies about its tools')
})

t.test('an answer that is none, or breaks off, is told as such', async t => {
  const { call, goesOn, url } = await mesh(t, { timeout: '1s', breaker: 'none' })
  const failed = (code: string, text = '') => ({
    result: { isError: true, content: [{ text: new RegExp(`${code}: .*${text}.*mend: `, 's') }] },
  })
  t.match(await call('hangs'), failed('MESH_TIMEOUT_ELAPSED', 'did not answer within 1s'))
  t.match(await call('half'), failed('MESH_CALL_INVALID', 'no MCP: ."jsonrpc'))
  t.match(await call('html'), failed('MESH_CALL_INVALID', 'no MCP: <html>'))
  t.match(await call('breaks'), failed('MESH_CALL_INTERRUPTED', 'may have been executed'))
  const meta = { progressToken: 7 }
  const text = await (await send(url, 'tools/call', { name: 'breaks' }, { meta })).text()
  const messages = [...text.matchAll(/^data: (.*)$/gm)].map(
    ([, data = '']) => JSON.parse(data) as object,
  )
  t.match(
    messages,
    [
      { method: 'notifications/progress', params: { progressToken: 7 } },
      { result: { isError: true, content: [{ text: /MESH_CALL_INTERRUPTED/ }] }, id: 1 },
    ],
    'in the middle of a stream it ends with the failure',
  )
  await goesOn('after answers that are none')
})

t.test('50 MB pass, more than 64 MiB are refused, and nobody else waits for them', async t => {
  const { call, goesOn, url } = await mesh(t, { timeout: '60s', deadline: '60s' })
  const large = call('large')
  await goesOn('while 50 MB come')
  t.equal((await large).result?.content[0]?.text.length, 50 * 1024 * 1024)
  t.match(await call('too-large'), {
    result: {
      isError: true,
      content: [{ text: /MESH_ANSWER_TOO_LARGE: .*too-large.*http:.*\(instance .*64 MiB/ }],
    },
  })
  await goesOn('after an answer that was too large')
  t.match(await toolsAt(url), { length: 13 })
})

t.test('a flood is held back at its source, and one that nobody asked for is cut off', async t => {
  const { call, goesOn, url } = await mesh(t, { timeout: '20s', deadline: '60s' })
  const abort = new AbortController()
  const params = { name: 'floods' }
  const meta = { progressToken: 1 }
  const slow = await send(url, 'tools/call', params, { meta, signal: abort.signal })
  t.equal(slow.status, 200) // and from here on it is not read
  const written = async () => Number((await call('flooded')).result?.content[0]?.text)
  let before = -1
  await eventually(
    async () => {
      const now = await written()
      const isHeld = now > 0 && now === before
      before = now
      await new Promise(resolve => setTimeout(resolve, 100))
      return isHeld
    },
    'the flood waits for its reader',
    30_000,
  )
  t.ok(before < 100_000, `${before} KiB are on the way`)
  await goesOn('beside a flood')
  abort.abort()
  t.match(await call('unasked'), {
    result: { isError: true, content: [{ text: /MESH_CALL_INVALID: .*nobody asked for/ }] },
  })
  await goesOn('after a flood')
})

t.test('a provider that dies in the middle of a call takes nobody with it', async t => {
  const { call, goesOn, child } = await mesh(t)
  t.match(await call('dies'), {
    result: { isError: true, content: [{ text: /MESH_CALL_INTERRUPTED/ }] },
  })
  if (child.exitCode === null) await once(child, 'exit')
  t.match(await call('well'), {
    result: { isError: true, content: [{ text: /MESH_ENDPOINT_UNREACHABLE/ }] },
  })
  await goesOn('when one is dead')
})

t.test('a provider that does not say what it offers, or never ends, holds nobody up', async t => {
  for (const manner of ['silent', 'endless', 'crowded'] as const) {
    await t.test(manner, async t => {
      const { url, front, goesOn } = await mesh(t, {}, manner)
      t.strictSame(await toolsAt(url), ['echo'], 'the others are shown at the start')
      await goesOn(`beside a provider that is ${manner}`)
      if (manner === 'silent') return
      const isSaid = () => front.lines.some(line => /without an end: \d+ entries/.test(line))
      await eventually(isSaid, 'the log says why')
    })
  }
})

t.test('a provider that notifies without an end is heard so often and no more', async t => {
  const { call, goesOn, url } = await mesh(t, {}, 'restless')
  const counts = async () =>
    JSON.parse((await call('counts')).result?.content[0]?.text ?? '{}') as Record<string, number>
  await eventually(async () => (await counts())['listens']! > 3, 'it is heard again and again')
  const { lists = 0, notes = 0, ms = 0 } = await counts()
  t.ok(notes > 1_000, `${notes} notifications`)
  // Ten a second, and one more each time that it is heard anew.
  t.ok(lists <= 10 + (ms / 1_000) * 14, `its list was read ${lists} times in ${ms} ms`)
  await goesOn('beside a provider that is never quiet')
  t.ok((await toolsAt(url)).includes('well'), 'its tools stay')

  const loud = await mesh(t, {}, 'loud')
  const heard = async () => {
    const text = (await loud.call('counts')).result?.content[0]?.text ?? '{}'
    return (JSON.parse(text) as { listens: number }).listens
  }
  await eventually(async () => (await heard()) > 2, 'an event without an end is given up')
  await loud.goesOn('beside a word without an end')
})
