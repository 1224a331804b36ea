import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { createGate } from '../../../../runtime/gate.ts'
import { createAdmission } from '../../../../runtime/http/admission.ts'
import { PlainExchange } from '../../../../runtime/http/plain/plain-exchange.ts'
import { plainRequests } from '../../../../runtime/http/plain/plain-requests.ts'
import { MeshError } from '../../../../core/model/error.ts'
import { until } from '../../../support/echo-front.ts'
import { openRegistry } from '../../../support/registry.ts'
import { runAgent } from '../../../support/run-agents.ts'
import { runGateway } from '../../../support/run-gateway.ts'

const failed = () => new MeshError('MESH_INTERNAL_FAILED', 'told')

/** What an agent with a token serves of MCP, which gives `answers` in turn. */
function requests(answers: (() => Promise<void> | undefined)[]) {
  const gate = createGate()
  const admission = createAdmission({ host: '127.0.0.1', advertise: undefined, token: 's3cret' })
  const mcp = { isFor: () => true, take: () => answers.shift()?.() }
  const serving = plainRequests({ path: '/mcp', admission, gate, mcp, notServable: failed })
  const headOf = (url: string, headers: Record<string, string> = {}) => ({
    ...{ url, length: 0, lengthAt: [0, 0] as const, traceAt: undefined },
    headers: { host: 'localhost', authorization: 'Bearer s3cret', ...headers },
  })
  const take = () => {
    const told: [number, string][] = []
    const exchange = new PlainExchange({}, undefined, (status, pieces) =>
      told.push([status, pieces.join()]),
    )
    return { isTaken: serving.take(headOf('/mcp'), '{}', exchange), exchange, told }
  }
  return { gate, serving, headOf, take }
}

t.test('only what is let in at the path of MCP is served', t => {
  const { serving, headOf } = requests([])
  t.ok(serving.isServed(headOf('/mcp')))
  t.ok(serving.isServed(headOf('/mcp/')))
  for (const url of ['/', '/mcp?a', '/mcp//', '/MCP', '/mcp/x', '/livez'])
    t.notOk(serving.isServed(headOf(url)), url)
  t.notOk(serving.isServed(headOf('/mcp', { authorization: 'Bearer other' })))
  t.notOk(serving.isServed(headOf('/mcp', { host: 'evil.example' })))
  t.notOk(serving.isServed(headOf('/mcp', { origin: 'http://evil.example' })))
  t.end()
})

t.test(
  'the gate counts what is taken until it is out, and lets nothing in once closed',
  async t => {
    const { gate, take } = requests([
      () => Promise.resolve(),
      () => undefined,
      () => Promise.reject(new Error('x')),
      () => {
        throw new Error('x')
      },
    ])
    const first = take()
    t.ok(first.isTaken)
    t.equal(gate.running, 1)
    first.exchange.end()
    first.exchange.end()
    t.equal(gate.running, 0)
    t.notOk(take().isTaken)
    t.equal(gate.running, 0, 'what is declined is for node:http to count')
    const [rejected, thrown] = [take(), take()]
    await until(() => rejected.told.length === 1, 'it is answered')
    const problem = /^\{"error":\{"code":"MESH_INTERNAL_FAILED","message":"told".*\}\}\n$/
    for (const { isTaken, told } of [rejected, thrown]) {
      t.ok(isTaken)
      t.match(told, [[500, problem]])
    }
    rejected.exchange.end()
    thrown.exchange.end()
    gate.close()
    t.notOk(take().isTaken)
    t.strictSame([gate.running, gate.refused], [0, 0])
  },
)

const code = `
  export const echo = ({ value }) => value
  export const fail = () => { throw new Error('no luck') }
  let release
  export const hold = () => new Promise(resolve => { release = resolve })
  export const free = () => release('held')
`

/** An agent, or the gateway in front of it, and clients that send as they like. */
async function serving(t: Test, who: 'agent' | 'gateway', env: Record<string, string> = {}) {
  const registry = await openRegistry(t)
  const names = ['echo', 'fail', 'hold', 'free']
  const tools = names.map(name => ({ name, handler: `./handlers.ts#${name}` }))
  const resources = [{ uri: 'docs://size', name: 'size', text: 'In other letters: é😀.' }]
  const isOpen = env['MESH_TOKEN'] === undefined
  const auth = isOpen ? {} : { auth: { bearer: '${env:MESH_TOKEN}' } }
  const isAsked = who === 'agent'
  const spec = { tools, resources, ...(isAsked && auth) }
  const agent = await runAgent(t, registry.url, {
    name: 'own',
    code,
    spec,
    ...(isAsked && { env }),
  })
  const front = isAsked
    ? agent
    : await runGateway(t, registry.url, { ...(!isOpen && { spec: auth }), env })
  const { host, hostname, port } = new URL(front.endpoint)
  const open = async () => {
    const socket = connect(Number(port), hostname)
    t.teardown(() => socket.destroy())
    await once(socket, 'connect')
    let text = ''
    socket.on('data', chunk => (text += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    return {
      socket,
      take: () =>
        takeAnswer(
          socket,
          () => text,
          rest => (text = rest),
        ),
    }
  }
  const requestOf = (method: string, params: Record<string, unknown>, lines: string[] = []) => {
    const prefix = 'io.modelcontextprotocol/'
    const _meta = {
      [`${prefix}protocolVersion`]: '2026-07-28',
      [`${prefix}clientCapabilities`]: {},
    }
    const given = { ...params, _meta: { ..._meta, ...(params['_meta'] as object | undefined) } }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: given })
    const { name = params['uri'] } = params
    const named = typeof name === 'string' ? [`Mcp-Name: ${name}`] : []
    return [
      ...['POST /mcp HTTP/1.1', `Host: ${host}`, 'Content-Type: application/json'],
      ...['Accept: application/json, text/event-stream', 'MCP-Protocol-Version: 2026-07-28'],
      ...[`Mcp-Method: ${method}`, ...named, ...lines],
      ...[`Content-Length: ${Buffer.byteLength(body)}`, '', body],
    ].join('\r\n')
  }
  return { front, open, requestOf }
}

/** The next whole answer with a length, without what tells the time. */
async function takeAnswer(socket: Socket, read: () => string, keep: (rest: string) => void) {
  const found = () => {
    const text = read()
    const head = /^[^]*?content-length: (\d+)\r\n[^]*?\r\n\r\n/i.exec(text)
    const end = head ? head[0].length + Number(head[1]) : Infinity
    return text.length >= end ? end : undefined
  }
  await until(() => found() !== undefined || socket.destroyed, 'an answer comes')
  const answer = read().slice(0, found())
  keep(read().slice(found() ?? Infinity))
  return answer.replace(/date: [^\r]*\r\n/i, '')
}

for (const who of ['agent', 'gateway'] as const) {
  t.test(`${who}: answers alike whoever reads the request`, async t => {
    const { open, requestOf } = await serving(t, who)
    const passedOn = [
      ['tools/list', {}],
      ['prompts/list', {}],
      ['resources/read', { uri: 'docs://size' }],
      ['tools/call', { name: 'echo', arguments: { value: 1 }, _meta: { progressToken: 1 } }],
    ] as const
    const params = [
      ...(who === 'gateway' ? passedOn : []),
      ['tools/call', { name: 'fail' }],
      ...[[], {}, '', 0, null, 1.5, 'é😀', { a: [1, { b: null }] }, 'x'.repeat(100_000)].map(
        value => ['tools/call', { name: 'echo', arguments: { value } }] as const,
      ),
    ] as const
    for (const [method, given] of params) {
      const [plain, node] = [await open(), await open()]
      plain.socket.write(requestOf(method, given))
      node.socket.write(requestOf(method, given, ['TE: trailers'])) // which the lean reader leaves to it
      t.equal(
        await plain.take(),
        await node.take(),
        `${method} ${JSON.stringify(given).slice(0, 60)}`,
      )
    }
  })

  t.test(`${who}: a token that was right is asked for again where the head is another`, async t => {
    const { open, requestOf } = await serving(t, who, { MESH_TOKEN: 's3cret' })
    const { socket, take } = await open()
    const ask = (token: string) => {
      const call = { name: 'echo', arguments: {} }
      socket.write(requestOf('tools/call', call, [`Authorization: Bearer ${token}`]))
      return take()
    }
    t.match(await ask('s3cret'), /^HTTP\/1\.1 200 OK/)
    t.match(await ask('s3cret'), /^HTTP\/1\.1 200 OK/)
    t.match(await ask('s3creT'), /^HTTP\/1\.1 401 [^]*MESH_TOKEN_INVALID/)
    t.match(await ask('s3cret'), /^HTTP\/1\.1 200 OK/)
  })

  t.test(`${who}: when it stops it answers what runs before it closes the connection`, async t => {
    const { front, open, requestOf } = await serving(t, who)
    const [held, other] = [await open(), await open()]
    held.socket.write(requestOf('tools/call', { name: 'hold' }))
    for (let i = 0; i < 2; i++) {
      other.socket.write(requestOf('tools/call', { name: 'echo', arguments: { value: 1 } }))
      await other.take()
    }
    const stopped = front.stop()
    other.socket.write(requestOf('tools/call', { name: 'free' }))
    await other.take()
    t.match(await held.take(), /"text":"held"/)
    await stopped
    await until(() => held.socket.destroyed && other.socket.destroyed, 'all connections are closed')
  })
}
