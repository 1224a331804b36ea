import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { fakeRegistry } from '../support/fake-registry.ts'
import {
  callTool,
  eventually,
  manifestOf,
  runAgent,
  type Described,
} from '../support/run-agents.ts'

const handler = './handlers.ts#'
const provider: Described = {
  name: 'provider',
  code: `
    const values = { empty: [], object: {}, text: '', zero: 0, nothing: null, no: false, big: 'x'.repeat(10_000_000),
      unicode: 'é😀\\u2028\\ud800"\\\\\\n', nested: { a: [null, { b: '' }] }, textual: '[1]' }
    export const give = ({ which }) => values[which]
    export const state = { calls: 0, aborted: 0 }
    globalThis.providerState = state
    export async function hang(args, deps, { signal, deadline }) {
      state.calls++
      state.leftMs = deadline - Date.now()
      await new Promise((_, reject) => signal.addEventListener('abort', () => { state.aborted++; reject(signal.reason) }))
    }
    export const fail = () => { throw new Error('no luck today') }
  `,
  spec: {
    tools: [
      { name: 'give', handler: `${handler}give` },
      { name: 'hang', handler: `${handler}hang` },
      { name: 'fail', handler: `${handler}fail` },
    ],
  },
}
const consumer: Described = {
  name: 'consumer',
  code: `
    const ask = name => async (args, deps) => ({ type: typeof deps[name], value: await deps[name]?.(args) })
    export const give = ask('give')
    export const hang = ask('hang')
    export const fail = ask('fail')
    export const raw = async (args, { give }) => give.raw(args)
    export async function same({ which }, { give }) {
      const expected = { empty: [], object: {}, text: '', zero: 0, nothing: null, no: false, big: 'x'.repeat(10_000_000),
        unicode: 'é😀\\u2028\\ud800"\\\\\\n', nested: { a: [null, { b: '' }] }, textual: '[1]' }[which]
      const got = await give({ which })
      return typeof got === typeof expected && JSON.stringify(got) === JSON.stringify(expected) && got?.length === expected?.length
    }
  `,
  spec: {
    settle: '300ms',
    tools: ['give', 'hang', 'fail', 'raw', 'same'].map(name => {
      const dependency = name === 'raw' || name === 'same' ? 'give' : name
      return {
        ...{ name: `ask_${name}`, handler: `${handler}${name}` },
        dependencies: {
          [dependency]: {
            capability: dependency,
            required: name === 'hang',
            timeout: '5s',
            deadline: '5s',
          },
        },
      }
    }),
  },
}
const state = () =>
  (globalThis as unknown as { providerState: { calls: number; aborted: number; leftMs: number } })
    .providerState

async function pair(t: Test) {
  const registry = await fakeRegistry(t)
  const p = await runAgent(t, registry.url, provider)
  const c = await runAgent(t, registry.url, consumer)
  await eventually(() => registry.watchers().length === 2, 'both watch')
  return { registry, p, c }
}

t.test('values cross two agents unchanged', async t => {
  const { c, p } = await pair(t)
  t.equal(c.registry, 'connected')
  for (const which of [
    'empty',
    'object',
    'text',
    'zero',
    'nothing',
    'no',
    'big',
    'unicode',
    'nested',
    'textual',
    'absent',
  ]) {
    const result = await callTool(c.endpoint, 'ask_same', { which })
    t.equal(result.structuredContent, true, `${which} ${result.content[0]?.text}`)
  }
  t.match(await callTool(c.endpoint, 'ask_raw', { which: 'zero' }), {
    structuredContent: {
      content: [{ type: 'text', text: '0' }],
      structuredContent: 0,
      resultType: 'complete',
    },
  })
  const failed = await callTool(c.endpoint, 'ask_fail')
  t.match(failed, {
    isError: true,
    content: [{ text: /consumer\.ask_fail -> fail failed: no luck today/ }],
  })
  t.match(await callTool(p.endpoint, 'fail'), {
    isError: true,
    content: [{ text: 'no luck today' }],
  })
})

t.test('the deadline shrinks over two hops and aborts the last handler', async t => {
  const { c } = await pair(t)
  const before = performance.now()
  const result = await callTool(c.endpoint, 'ask_hang', {}, { timeoutMs: 400 })
  const ms = performance.now() - before
  t.match(result, { isError: true, content: [{ text: /deadline|left/ }] })
  t.ok(ms >= 350 && ms < 1_500, `answered after ${ms} ms`)
  t.ok(state().leftMs <= 400, `the last hop had ${state().leftMs} ms left`)
  await eventually(() => state().aborted === 1, 'the last handler is aborted')
})

t.test('a caller that goes away aborts every handler below', async t => {
  const { c } = await pair(t)
  const caller = new AbortController()
  const calling = callTool(c.endpoint, 'ask_hang', {}, { signal: caller.signal })
  await eventually(() => state().calls === 1, 'the last handler runs')
  caller.abort()
  await t.rejects(calling)
  await eventually(() => state().aborted === 1, 'the last handler is aborted', 1_000)
})

t.test(
  'an optional dependency is undefined once the settle window is over, and is there when it comes',
  async t => {
    const registry = await fakeRegistry(t)
    const c = await runAgent(t, registry.url, consumer)
    t.match(await callTool(c.endpoint, 'ask_give', { which: 'zero' }), {
      structuredContent: { type: 'undefined' },
    })
    const before = performance.now()
    await callTool(c.endpoint, 'ask_give')
    t.ok(performance.now() - before < 300, 'no more waiting')
    t.match(await callTool(c.endpoint, 'ask_hang'), {
      isError: true,
      content: [
        {
          text: /consumer\.ask_hang -> hang: nothing fills the dependency "hang" \(capability hang\): no agent offers hang/,
        },
      ],
    })
    await runAgent(t, registry.url, provider)
    await eventually(async () => {
      const { structuredContent } = await callTool(c.endpoint, 'ask_give', { which: 'zero' })
      return (structuredContent as { value?: number }).value === 0
    }, 'the dependency is filled')
  },
)

t.test(
  'a call in the settle window waits for a dependency, however the agents are started',
  async t => {
    const registry = await fakeRegistry(t)
    const slow: Described = { ...consumer, spec: { ...consumer.spec, settle: '10s' } }
    const c = await runAgent(t, registry.url, slow)
    const calling = callTool(c.endpoint, 'ask_give', { which: 'zero' })
    await runAgent(t, registry.url, provider)
    t.match(await calling, { structuredContent: { type: 'function', value: 0 } })
  },
)

t.test('an agent starts and serves without a registry, and joins when there is one', async t => {
  const registry = await fakeRegistry(t)
  await registry.stop()
  const p = await runAgent(t, registry.url, provider)
  t.equal(p.registry, 'unreachable')
  t.match(await callTool(p.endpoint, 'give', { which: 'zero' }), { structuredContent: 0 })
  await registry.start()
  await eventually(() => registry.watchers().includes(p.instance), 'the agent joins')
  t.equal(registry.announcements[0]?.rejoin, false)
})

t.test(
  'edges survive an outage, and everybody comes back to a registry that has forgotten them',
  async t => {
    const { registry, c, p } = await pair(t)
    const ask = async () =>
      (await callTool(c.endpoint, 'ask_give', { which: 'zero' })).structuredContent
    t.match(await ask(), { value: 0 })
    await registry.stop()
    t.match(await ask(), { value: 0 })
    registry.settling = true
    await registry.restart().catch(() => registry.start())
    await eventually(() => registry.watchers().length === 2, 'both are back')
    t.match(await ask(), { value: 0 })
    const [again] = registry.announcements.filter(a => a.id === p.instance).slice(-1)
    t.match(again, { rejoin: true, manifest: { kind: 'Agent' } })
  },
)

t.test(
  'the lease is renewed in good time, and a lost one makes the agent announce itself again',
  async t => {
    const registry = await fakeRegistry(t)
    registry.ttlMs = 90
    const p = await runAgent(t, registry.url, provider)
    await eventually(
      () => registry.calls.filter(call => call === 'PUT /v1/instances/:id/lease').length >= 3,
      'renewals',
    )
    t.equal(registry.announcements.length, 1)
    registry.forget(p.instance)
    await eventually(() => registry.announcements.length === 2, 'it is announced again')
    t.equal(registry.announcements[1]?.rejoin, true)
    t.match(registry.announcements[0], {
      id: p.instance,
      endpoint: p.endpoint,
      pid: process.pid,
      observedGeneration: 0,
    })
  },
)

t.test('an announcement that is refused ends the start with the reason', async t => {
  const registry = await fakeRegistry(t)
  registry.refuse = {
    status: 409,
    code: 'MESH_AGENT_CONFLICT',
    detail: 'provider-1 runs another manifest',
  }
  await t.rejects(runAgent(t, registry.url, provider), {
    code: 'MESH_AGENT_CONFLICT',
    message: /provider-1 runs another manifest/,
  })
})

t.test('an applied manifest is followed in place', async t => {
  const { registry, p } = await pair(t)
  const desired = manifestOf(provider)
  const old = registry.announcements.find(a => a.id === p.instance)!.manifest!
  desired.spec = structuredClone(old.spec)
  desired.spec.tools = desired.spec.tools!.slice(0, 2)
  desired.spec.tools[0]!.tags = ['new']
  desired.spec.tools[0]!.inputSchema = { properties: { which: { enum: ['zero'] } } }
  registry.push(p.instance, { type: 'manifest', generation: 2, manifest: desired })
  await eventually(() => registry.announcements.at(-1)?.observedGeneration === 2, 'it is announced')
  const last = registry.announcements.at(-1)!
  t.match(last, { id: p.instance, rejoin: true, manifest: { spec: desired.spec } })
  t.notOk(last.drift)
  t.match(await callTool(p.endpoint, 'give', { which: 'zero' }), { structuredContent: 0 })
  t.match(await callTool(p.endpoint, 'give', { which: 'no' }), {
    isError: true,
    content: [{ text: /arguments\.which must be one of \["zero"\]/ }],
  })
  await t.rejects(callTool(p.endpoint, 'fail'), /Unknown tool: fail/)
  t.ok(registry.watchers().includes(p.instance), 'the watch was never given up')
})

t.test('a consumer takes changed timeouts and new dependencies with its next call', async t => {
  const { registry, c } = await pair(t)
  t.match(await callTool(c.endpoint, 'ask_give', { which: 'zero' }), {
    structuredContent: { value: 0 },
  })
  const desired = structuredClone(registry.announcements.find(a => a.id === c.instance)!.manifest!)
  const hang = desired.spec.tools!.find(tool => tool.name === 'ask_hang')!
  hang.dependencies = { hang: { capability: 'hang', timeout: '100ms', deadline: '5s' } }
  registry.push(c.instance, { type: 'manifest', generation: 2, manifest: desired })
  await eventually(() => registry.announcements.at(-1)?.observedGeneration === 2, 'it is followed')
  t.match(await callTool(c.endpoint, 'ask_hang'), {
    isError: true,
    content: [{ text: /consumer\.ask_hang -> hang: .* did not answer within 100ms/ }],
  })
})

t.test('what can not be followed is reported as drift, and the old manifest goes on', async t => {
  const { registry, p } = await pair(t)
  const announced = registry.announcements.find(a => a.id === p.instance)!
  const cases: [(manifest: ReturnType<typeof manifestOf>) => void, RegExp][] = [
    [m => (m.spec.http = { port: 1234 }), /spec\.http differs/],
    [m => (m.spec.auth = { bearer: '${env:X}' }), /spec\.auth differs/],
    [m => (m.spec.tools![0]!.handler = './evil.ts#run'), /handler \.\/evil\.ts#run is not loaded/],
    [
      m =>
        (m.spec.tools![0]!.dependencies = {
          d: { capability: 'c', auth: { bearer: '${env:HOME}' } },
        }),
      /\$\{env:HOME\} for capability "c" is not in the manifest/,
    ],
    [
      m => (m.spec.resources = [{ uri: 'a://b', name: 'b', file: './.env' }]),
      /the file \.\/\.env is not in the manifest/,
    ],
    [
      m => (m.spec.prompts = [{ name: 'b', handler: './evil.ts#run' }]),
      /prompt "b": the handler \.\/evil\.ts#run is not loaded/,
    ],
    [m => (m.spec.version = 'nonsense'), /MESH_VERSION_INVALID/],
  ]
  let generation = 1
  for (const [change, reason] of cases) {
    const desired = structuredClone(announced.manifest!)
    change(desired)
    registry.push(p.instance, { type: 'manifest', generation: ++generation, manifest: desired })
    await eventually(
      () => registry.announcements.at(-1)?.drift?.generation === generation,
      String(reason),
    )
    const last = registry.announcements.at(-1)!
    t.match(last.drift?.reason, reason)
    t.equal(last.digest, announced.digest)
    t.match(await callTool(p.endpoint, 'give', { which: 'zero' }), { structuredContent: 0 })
  }
})

t.test(
  'a stop drains: consumers are told first, what runs is finished, then it leaves',
  async t => {
    const { registry, c, p } = await pair(t)
    await p.stop()
    const leaving = registry.calls.filter(call => /drain|DELETE/.test(call))
    t.strictSame(leaving, ['POST /v1/instances/:id/drain', 'DELETE /v1/instances/:id'])
    t.match(await callTool(c.endpoint, 'ask_give'), { structuredContent: { type: 'undefined' } })
    await t.rejects(fetch(p.endpoint))
    await p.ended
  },
)

t.test('an agent whose manifest is deleted leaves', async t => {
  const { registry, p } = await pair(t)
  registry.push(p.instance, { type: 'deleted' })
  await p.ended
  t.match(registry.calls.at(-1), 'DELETE /v1/instances/:id')
})

t.test('a call goes to another endpoint when the first can not have run it', async t => {
  const { registry, c } = await pair(t)
  registry.override = (_id, key, resolution) => {
    const [first] = resolution.endpoints
    if (!key.endsWith('/give') || !first) return resolution
    const gone = { ...first, instance: 'gone', url: 'http://127.0.0.1:1/mcp', score: 5 }
    return { ...resolution, endpoints: [gone, first] }
  }
  const resolutions = {
    'ask_give/give': registry.override('', 'x/give', await current(t, registry, c.instance)),
  }
  registry.push(c.instance, { type: 'resolutions', settling: false, resolutions })
  for (let i = 0; i < 3; i++) {
    t.match(await callTool(c.endpoint, 'ask_give', { which: 'zero' }), {
      structuredContent: { value: 0 },
    })
  }
})

async function current(t: Test, registry: Awaited<ReturnType<typeof fakeRegistry>>, id: string) {
  t.ok(registry.watchers().includes(id), 'it watches')
  const provider = registry.announcements.find(a => a.agent === 'provider')!
  return {
    ...{
      tool: 'ask_give',
      dependency: 'give',
      required: false,
      alternative: 0,
      capability: 'give',
    },
    endpoints: [
      {
        ...{
          instance: provider.id,
          agent: 'provider',
          namespace: 'default',
          url: provider.endpoint,
        },
        ...{
          tool: 'give',
          version: '1.0.0',
          tags: [],
          score: 0,
          isRepeatable: false,
          deduplicates: false,
        },
      },
    ],
  }
}

t.test(
  'a call that is not repeatable is never sent twice when the connection breaks under it',
  async t => {
    const { registry, c } = await pair(t)
    const base = await current(t, registry, c.instance)
    for (const [isRepeatable, expected] of [
      [false, 1],
      [true, 3],
    ] as const) {
      let requests = 0
      const broken = createServer(request => {
        requests++
        request.socket.destroy()
      })
      await new Promise<void>(resolve => broken.listen(0, '127.0.0.1', resolve))
      const url = `http://127.0.0.1:${(broken.address() as AddressInfo).port}/mcp`
      const [first] = base.endpoints
      const endpoints = ['a', 'b'].map(instance => ({
        ...first,
        instance: `${instance}${expected}`,
        url,
        isRepeatable,
        deduplicates: false,
      }))
      registry.push(c.instance, {
        type: 'resolutions',
        settling: false,
        resolutions: { 'ask_give/give': { ...base, endpoints } },
      })
      let text = ''
      await eventually(async () => {
        text = (await callTool(c.endpoint, 'ask_give', { which: 'zero' })).content[0]?.text ?? ''
        return requests > 0
      }, 'the broken endpoint is called')
      t.match(text, /may have been executed/)
      t.equal(requests, expected, `repeatable: ${isRepeatable}`)
      await new Promise(resolve => broken.close(resolve))
    }
  },
)

t.test('a token is presented to the provider only, and stands in no log', async t => {
  const registry = await fakeRegistry(t)
  const guarded: Described = {
    ...provider,
    spec: { ...provider.spec, auth: { bearer: '${env:PROVIDER_TOKEN}' } },
    env: { PROVIDER_TOKEN: 'tok-3n-of-provider' },
  }
  const p = await runAgent(t, registry.url, guarded)
  const [tool] = consumer.spec.tools!
  const c = await runAgent(t, registry.url, {
    ...consumer,
    spec: {
      settle: '200ms',
      tools: [
        {
          ...tool!,
          dependencies: { give: { capability: 'give', auth: { bearer: '${env:MINE}' } } },
        },
        { ...tool!, name: 'without' },
      ],
    },
    env: { MINE: 'tok-3n-of-provider' },
  })
  t.match(await callTool(c.endpoint, 'ask_give', { which: 'zero' }), {
    structuredContent: { value: 0 },
  })
  t.match(await callTool(c.endpoint, 'without', { which: 'zero' }), {
    isError: true,
    content: [{ text: /no bearer token was sent/ }],
  })
  await t.rejects(callTool(p.endpoint, 'give'), /no bearer token/)
  t.notMatch(JSON.stringify([registry.announcements, p.lines, c.lines]), /tok-3n/)
  await t.rejects(runAgent(t, registry.url, { ...guarded, env: {} }), {
    code: 'MESH_SECRET_MISSING',
    message: /PROVIDER_TOKEN is not set/,
  })
})
