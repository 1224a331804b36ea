// Providers in processes of their own that misbehave: the others go on, and the caller is told what was wrong.
import { fork } from 'node:child_process'
import { once } from 'node:events'
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

async function mesh(t: Test, policy: CallPolicySpec = {}) {
  const registry = await openRegistry(t)
  const child = fork('test/support/faulty-provider.mjs')
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
    ...['well', 'hangs', 'flooded', 'floods', 'unasked', 'breaks', 'dies', 'html', 'half'],
    ...['large', 'too-large', 'echo'],
  ])
  const said = front.lines.find(line => line.includes('cannot be shown')) ?? ''
  t.match(said, /no_schema.*its inputSchema is no schema.*its description is no text.*longer than/)
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
    result: { isError: true, content: [{ text: /MESH_ANSWER_TOO_LARGE: .*64 MiB/ }] },
  })
  await goesOn('after an answer that was too large')
  t.match(await toolsAt(url), { length: 12 })
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
