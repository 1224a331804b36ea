/**
 * Scenarios 20, 21, 26 and 27 on real processes: a chain of three agents, a registry, and a caller outside of the mesh.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { agentFiles, createMesh, until, type Mesh, type RunningAgent } from '../support/mesh.ts'

const edge = (name: string, more = '') =>
  `dependencies: { ${name}: { capability: ${name}, deadline: 30s, timeout: 20s${more} } }`

/** first -> second -> third; `last` is the body of the handler at the end, which the others call or stream. */
async function chain(t: Test, last: string, { isStream = false, more = '', toolSpec = '' } = {}) {
  const mesh = await createMesh(t)
  await mesh.registry()
  const relay = (to: string) => `
ctx.signal.addEventListener('abort', () => ctx.log.info('aborted'))
${isStream ? `return deps.${to}.stream(args)` : `try { return await deps.${to}(args) } catch (error) { ctx.log.info('told', { code: error.code }); throw error }`}`
  const third = await mesh.agent(agentFiles('third', { handler: last, toolSpec }))
  const second = await mesh.agent(
    agentFiles('second', { handler: relay('third'), toolSpec: edge('third', more) }),
  )
  const first = await mesh.agent(
    agentFiles('first', { handler: relay('second'), toolSpec: edge('second', more) }),
  )
  await until(
    async () => {
      const agents = await mesh.agents()
      return agents.length === 3 && agents.every(({ status }) => status.phase === 'Ready')
    },
    { what: 'the chain is ready' },
  )
  return { mesh, first, second, third }
}

const hang = `
ctx.log.info('began', { leftMs: ctx.deadline - Date.now() })
await new Promise((_, reject) => ctx.signal.addEventListener('abort', () => {
  ctx.log.info('aborted')
  reject(ctx.signal.reason)
}))`

interface CallOptions {
  timeoutMs?: number
  signal?: AbortSignal
  isStreamed?: boolean
}

const call = ({ endpoint }: RunningAgent, name: string, args: object, options: CallOptions = {}) =>
  fetch(endpoint, {
    method: 'POST',
    signal: options.signal ?? null,
    headers: {
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name },
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: {
        ...{ name, arguments: args },
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
          ...(options.isStreamed && { progressToken: 1 }),
          ...(options.timeoutMs && { 'mcp-mesh.dev/timeout-ms': options.timeoutMs }),
        },
      },
    }),
  })

const resultOf = async (response: Response) =>
  ((await response.json()) as { result: { isError?: boolean; content: { text: string }[] } }).result

t.test('20: each hop has what remains, and the caller is told which hop was late', async t => {
  const { first, second, third } = await chain(t, hang)
  const began = performance.now()
  const result = await resultOf(await call(first, 'first', {}, { timeoutMs: 1_000 }))
  const ms = performance.now() - began
  t.equal(result.isError, true)
  const text = result.content[0]!.text
  t.match(text, 'MESH_DEADLINE_EXCEEDED')
  t.match(text, /"first"|first\.first -> second|second\.second -> third/, 'it names a hop')
  t.ok(ms > 800 && ms < 5_000, `answered after ${Math.round(ms)} ms of 1000`)
  const [, left] = await third.sees(/"leftMs":(\d+)/)
  t.ok(Number(left) <= 1_000, `the last hop had ${left} ms left`)
  await third.sees(/"aborted"/, 10_000)
  // A hop's own clock and the word of the hop below come within the same millisecond: either ends it.
  for (const agent of [first, second])
    await agent.sees(/"aborted"|"MESH_DEADLINE_EXCEEDED".*"told"/, 10_000)

  const budgeted = await chain(t, hang, { more: ', retries: { attempts: 5 }' })
  const short = await resultOf(await call(budgeted.first, 'first', {}, { timeoutMs: 300 }))
  t.match(short.content[0]!.text, 'MESH_DEADLINE_EXCEEDED')
  await budgeted.third.sees(/"aborted"/, 10_000)
  t.equal(budgeted.third.stdout().match(/"began"/g)?.length, 1, 'nothing was begun again')
})

t.test('21: a caller that goes away aborts every handler below', async t => {
  const { first, second, third } = await chain(t, hang)
  const controller = new AbortController()
  const calling = call(first, 'first', {}, controller)
  await third.sees(/"began"/)
  const began = performance.now()
  controller.abort()
  await t.rejects(calling)
  for (const agent of [first, second, third]) await agent.sees(/"aborted"/, 10_000)
  t.comment(`all three knew after ${Math.round(performance.now() - began)} ms`)
})

/** Makes the next chunk when the one before was read, where a folder is given in which its reader says so. */
const stream = `
const { existsSync } = await import('node:fs')
const pause = () => new Promise(resolve => setTimeout(resolve, 10))
return (async function* () {
  try {
    for (let i = 1; i <= (args.to ?? 5); i++) {
      yield { i, at: Date.now() }
      do await pause(); while (args.read && !existsSync(args.read + '/' + i))
    }
    return 'all'
  } finally { ctx.log.info(ctx.signal.aborted ? 'aborted' : 'finished') }
})()`

interface Chunk {
  i: number
  at: number
}

async function* linesOf(response: Response) {
  let rest = ''
  for await (const bytes of response.body!) {
    rest += Buffer.from(bytes as Uint8Array).toString('utf8')
    const events = rest.split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1]
      if (data) yield JSON.parse(data) as Record<string, never>
    }
  }
}

t.test(
  '26: chunks arrive as they are made over two hops, and a reader that leaves ends it',
  async t => {
    const { mesh, first, third } = await chain(t, stream, { isStream: true })
    const delays: number[] = []
    let result: unknown
    const read = t.testdir()
    const options = { isStreamed: true }
    for await (const message of linesOf(await call(first, 'first', { read }, options))) {
      const note = message as { params?: { _meta: Record<string, { value: Chunk }> } }
      const chunk = note.params?._meta['mcp-mesh.dev/chunk']?.value
      if (chunk) {
        delays.push(Date.now() - chunk.at)
        writeFileSync(join(read, String(chunk.i)), '') // the next one is not made before
      } else result = (message as unknown as { result: { content: unknown } }).result.content
    }
    t.equal(delays.length, 5)
    t.comment(`from made to read, over two hops: ${delays.join(', ')} ms`)
    t.strictSame(result, [{ type: 'text', text: 'all' }])
    await third.sees(/"finished"/)

    const { stdout, code } = await mesh.meshctl(['call', 'first', '{"to":2}'])
    t.equal(code, 0)
    t.match(stdout, /^\{"i":1,"at":\d+\}\n\{"i":2,"at":\d+\}\nall\n$/)
    const json = await mesh.meshctl(['call', 'first', '{"to":2}', '-o', 'json'])
    t.match(JSON.parse(json.stdout), { content: [{ text: 'all' }] })

    const controller = new AbortController()
    const { signal } = controller
    const chunks = linesOf(await call(first, 'first', { to: 1000 }, { isStreamed: true, signal }))
    await chunks.next()
    controller.abort()
    // What had come with the first chunk is still read before the reader learns that it has left.
    await t.rejects(async () => {
      while (!(await chunks.next()).done);
    })
    await third.sees(/"aborted"/, 3_000)
  },
)

t.test('27: while one instance blocks, consumers go to the other', async t => {
  const { mesh, first, worker } = await blocked(t)
  const ask = async () => {
    const began = performance.now()
    const { isError, content } = await resultOf(await call(first, 'first', {}))
    return { isError: isError ?? false, text: content[0]!.text, ms: performance.now() - began }
  }
  const calls: Awaited<ReturnType<typeof ask>>[] = []
  for (let i = 0; i < 20; i++) await ask()
  const blocking = call(worker, 'worker', { blockMs: 8_000 })
  const livez = (ms: number) =>
    fetch(new URL('/livez', worker.endpoint), { signal: AbortSignal.timeout(ms) })
  const isSilent = () =>
    livez(300).then(
      () => false,
      () => true,
    )
  await until(isSilent, { what: 'its health endpoints wait too, as docs/handlers.md says' })
  const end = performance.now() + 2_500
  while (performance.now() < end) calls.push(await ask())
  t.strictSame(
    calls.filter(({ isError }) => isError),
    [],
    'no call fails',
  )
  const late = calls.filter(({ ms }) => ms > 1_000)
  t.ok(
    calls.length > 10 && late.length <= 5,
    `${late.length} of ${calls.length} calls met the block`,
  )
  t.equal((await resultOf(await blocking)).content[0]?.text, 'worked')
  t.equal((await livez(5_000)).status, 200)
  const agents = await mesh.agents()
  t.equal(agents.find(({ metadata }) => metadata.name === 'worker')?.status.instances.length, 2)
})

async function blocked(
  t: Test,
): Promise<{ mesh: Mesh; first: RunningAgent; worker: RunningAgent }> {
  const mesh = await createMesh(t)
  await mesh.registry()
  const files = agentFiles('worker', {
    handler: `const end = Date.now() + (args.blockMs ?? 0)\nwhile (Date.now() < end);\nreturn 'worked'`,
    toolSpec: 'annotations: { idempotentHint: true }',
  })
  const path = `${mesh.write('worker', files)}/mesh.yaml`
  const worker = await mesh.agent(path)
  await mesh.agent(path)
  const policy = 'timeout: 1s, deadline: 10s, ejection: { failures: 1, for: 5s, max: 50% }'
  const first = await mesh.agent(
    agentFiles('first', {
      handler: 'return deps.worker(args)',
      toolSpec: `dependencies: { worker: { capability: worker, ${policy} } }`,
    }),
  )
  await until(async () => (await mesh.agents()).every(({ status }) => status.phase === 'Ready'))
  return { mesh, first, worker }
}
