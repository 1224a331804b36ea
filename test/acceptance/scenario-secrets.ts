/**
 * Scenario 28: headers and a bearer token of the manifest arrive, one hop only, and what of them is secret shows nowhere else.
 * Between the agents stand proxies that write down what goes over the wire, and answer what they are told to.
 */
import { createServer, request as send, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { agentFiles, createMesh, freePort } from '../support/mesh.ts'
import { openOtlpReceiver } from '../support/otlp-receiver.ts'
import { callTool } from '../support/run-agents.ts'

interface Proxy {
  url: string
  seen: IncomingHttpHeaders[]
  /** Answers the next requests in place of the agent; undefined passes them on. */
  answer: ((headers: IncomingHttpHeaders) => { status: number; body: string }) | undefined
}

async function proxy(t: Test, port: number): Promise<Proxy> {
  const server = createServer((request, response) => {
    handle.seen.push(request.headers)
    const answer = handle.answer?.(request.headers)
    if (answer) {
      request.resume()
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
      return
    }
    const { method, url: path, headers } = request
    const onward = send({ host: '127.0.0.1', port, method, path, headers }, answered => {
      response.writeHead(answered.statusCode ?? 500, answered.headers)
      answered.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => (server.closeAllConnections(), server.close()))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
  const handle: Proxy = { url, seen: [], answer: undefined }
  return handle
}

const secrets = {
  TOKEN: 'token-hunter2-9f8e7d',
  KEY: 'key-hunter3-5c4b3a',
  OTLP: 'otlp-hunter4-1a2b3c',
  USER: 'user-hunter5-7d6e5f',
}

t.test('headers and a token arrive, one hop only, and show nowhere', async t => {
  const mesh = await createMesh(t)
  const receiver = await openOtlpReceiver()
  t.teardown(() => receiver.close())
  const env = {
    ...{ TOKEN: secrets.TOKEN, KEY: secrets.KEY, MESH_DEBUG: '1' },
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url.replace('//', `//me:${secrets.USER}@`),
    OTEL_EXPORTER_OTLP_HEADERS: `x-otlp=${secrets.OTLP}`,
  }
  const registry = await mesh.registry()
  const [middlePort, endPort] = [await freePort(), await freePort()]
  const [toMiddle, toEnd] = [await proxy(t, middlePort), await proxy(t, endPort)]
  const http = (port: number, advertise: string) =>
    `http: { port: ${port}, advertise: "${advertise}" }`
  const end = await mesh.agent(
    agentFiles('end', { spec: http(endPort, toEnd.url), handler: 'return { end: true }' }),
    { env },
  )
  const middle = await mesh.agent(
    agentFiles('middle', {
      spec: `${http(middlePort, toMiddle.url)}\nauth: { bearer: "\${env:TOKEN}" }`,
      handler: 'return deps.end({})',
      toolSpec: 'dependencies: { end: { capability: end } }',
    }),
    { env },
  )
  const front = await mesh.agent(
    agentFiles('front', {
      handler: 'return deps.middle({})',
      toolSpec: `dependencies:
  middle:
    capability: middle
    retries: { attempts: 1 }
    auth: { bearer: "\${env:TOKEN}" }
    headers: { X-Version: v2, X-Api-Key: "\${env:KEY}" }`,
    }),
    { env },
  )
  const shown: string[] = []
  const call = async () => {
    const result = await callTool(front.endpoint, 'front').catch((e: unknown) => String(e))
    shown.push(JSON.stringify(result))
    return result
  }

  t.match(await call(), { structuredContent: { end: true } })
  const [arrived] = toMiddle.seen
  t.equal(arrived?.authorization, `Bearer ${secrets.TOKEN}`)
  t.equal(arrived?.['x-api-key'], secrets.KEY)
  t.equal(arrived?.['x-version'], 'v2')
  t.equal(toEnd.seen.length, 1)
  for (const name of ['authorization', 'x-api-key', 'x-version']) t.notOk(name in toEnd.seen[0]!)

  const failures = [
    [
      401,
      (h: IncomingHttpHeaders) => `no such token: ${h.authorization} nor ${String(h['x-api-key'])}`,
    ],
    [
      400,
      (h: IncomingHttpHeaders) =>
        JSON.stringify({
          ...{ jsonrpc: '2.0', id: 1 },
          error: { code: -32600, message: `refused ${h.authorization}` },
        }),
    ],
    [
      200,
      (h: IncomingHttpHeaders) =>
        JSON.stringify({
          ...{ jsonrpc: '2.0', id: 1 },
          result: {
            isError: true,
            content: [{ type: 'text', text: `bad ${String(h['x-api-key'])}` }],
          },
        }),
    ],
  ] as const
  for (const [status, body] of failures) {
    toMiddle.answer = headers => ({ status, body: body(headers) })
    t.match(await call(), { isError: true, content: [{ text: /\[secret\]/ }] })
  }
  toMiddle.answer = undefined

  for (const path of [
    '/v1/namespaces/default/agents',
    '/v1/namespaces/default/agents/front',
    '/v1/graph',
  ])
    shown.push(await (await fetch(`${mesh.registryUrl}${path}`)).text())
  for (const origin of [mesh.registryUrl, new URL(front.endpoint).origin])
    shown.push(await (await fetch(`${origin}/metrics`)).text())
  t.match(
    shown.at(-1),
    'mesh_call_errors_total{edge="front.front -> middle",code="MESH_TOOL_FAILED"} 1',
  )
  const withoutToken = await fetch(`http://127.0.0.1:${middlePort}/metrics`)
  t.equal(withoutToken.status, 401, 'metrics name tools, so they ask for the token')
  const headers = { authorization: `Bearer ${secrets.TOKEN}` }
  const withToken = await fetch(`http://127.0.0.1:${middlePort}/metrics`, { headers })
  t.match(await withToken.text(), /^mesh_tool_calls_total\{tool="middle"\} 1$/m)
  shown.push(JSON.stringify((await mesh.meshctl(['get', 'agents', '-o', 'yaml'])).stdout))

  for (const agent of [front, middle, end]) {
    await agent.stop()
    shown.push(agent.stdout(), agent.stderr())
  }
  await registry.stop()
  shown.push(registry.stdout(), registry.stderr())
  t.equal(receiver.requests[0]?.headers['x-otlp'], secrets.OTLP)
  t.ok(receiver.spans.length >= 8)
  shown.push(JSON.stringify(receiver.spans), ...receiver.requests.map(({ body }) => body))
  for (const [name, secret] of Object.entries(secrets)) {
    const where = shown.find(text => text.includes(secret))
    t.equal(where, undefined, `${name} shows nowhere`)
  }
})
