/**
 * What a gateway costs: a unary call by it against the same call to its agent directly, over bare sockets and in turns; a list of
 * 1,000 tools; and what stays in its memory after 100,000 calls and 1,000 clients that left in the middle of a stream.
 * Beside it the least that a gateway in Node can be (pass-through.ts). Budgets: 1.8 times the p50, half of the rate, 10 ms for the list.
 */
import { connect } from 'node:net'
import { once } from 'node:events'
import { isQuick, median, report, round } from './measure.ts'
import { openBench } from './processes.ts'
import { Connection } from './raw-http.ts'

const rounds = isQuick ? 2 : 7
const calls = isQuick ? 300 : 8_000
const warmUp = isQuick ? 2_000 : 60_000
const manyCalls = isQuick ? 2_000 : 100_000
const leavers = isQuick ? 50 : 1_000

const version = '2026-07-28'
const meta = {
  'io.modelcontextprotocol/protocolVersion': version,
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

function requestOf(
  url: string,
  method: string,
  params: Record<string, unknown>,
  more = {},
): string {
  const { host, pathname } = new URL(url)
  const body = JSON.stringify({
    ...{ jsonrpc: '2.0', id: 1, method },
    params: { ...params, _meta: { ...meta, ...more } },
  })
  const name = typeof params['name'] === 'string' ? `Mcp-Name: ${params['name']}\r\n` : ''
  return (
    `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n` +
    `Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: ${version}\r\nMcp-Method: ${method}\r\n` +
    `${name}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  )
}

const manifest = `
apiVersion: mcp-mesh.dev/v1
kind: Gateway
metadata: { name: front, namespace: bench }
spec: { version: 1.0.0 }
`
const many = `
apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: many, namespace: bench }
spec:
  version: 1.0.0
  tools:
${Array.from(
  { length: 997 },
  (_, i) =>
    `    - { name: tool_${i}, handler: ./h.ts, description: Does what number ${i} of many tools does., inputSchema: { type: object, properties: { text: { type: string, description: What it is given. } } } }`,
).join('\n')}
    - { name: count, handler: ./h.ts#count }
`
const handlers = `
export default () => 1
export async function* count() { for (let i = 0; ; i++) { yield i; await new Promise(r => setTimeout(r, 5)) } }
`

const bench = await openBench()
try {
  const { writeFile } = await import('node:fs/promises')
  const registry = await bench.registry()
  const provider = await bench.agentAt(registry.url, 'bench/provider/mesh.yaml')
  await bench.agent(registry.url, { 'mesh.yaml': many, 'h.ts': handlers })
  const file = `${bench.folder}/gateway.mesh.yaml`
  await writeFile(file, manifest)
  const gateway = await bench.fork('gateway-process.ts', [file, registry.url])
  const least = await bench.fork('pass-through.ts', [provider.url])

  const params = { name: 'echo', arguments: { text: 'x'.repeat(100) } }
  const run = async (
    url: string,
    { count, connections }: { count: number; connections: number },
  ) => {
    const request = requestOf(url, 'tools/call', params)
    const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(url)))
    const times: number[] = []
    let left = count
    const began = performance.now()
    await Promise.all(
      open.map(async connection => {
        while (left-- > 0) {
          const from = performance.now()
          await connection.call(request)
          times.push(performance.now() - from)
        }
        connection.close()
      }),
    )
    return { rate: (count / (performance.now() - began)) * 1000, p50Ms: median(times) }
  }
  const urls = { direct: provider.url, least: least.url, gateway: gateway.url }
  type Side = keyof typeof urls
  /** The sides in turns: each round of one has seen the same moments of the machine as those of the others. */
  const all = async (connections: number) => {
    const found: Record<Side, Awaited<ReturnType<typeof run>>[]> = {
      ...{ direct: [], least: [], gateway: [] },
    }
    for (let i = 0; i < rounds; i++)
      for (const side of ['direct', 'least', 'gateway'] as const)
        found[side].push(await run(urls[side], { count: calls, connections }))
    const middle = (side: Side, figure: 'rate' | 'p50Ms') =>
      median(found[side].map(one => one[figure]))
    const toDirect = (side: Side, figure: 'rate' | 'p50Ms') =>
      median(found[side].map((one, i) => one[figure] / (found.direct[i]?.[figure] ?? NaN)))
    return { middle, toDirect }
  }
  const memory = async () => {
    gateway.child.send('memory')
    const [told] = (await once(gateway.child, 'message')) as [Record<string, number>]
    return told
  }
  const leave = async () => {
    const { port, hostname } = new URL(gateway.url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    socket.write(requestOf(gateway.url, 'tools/call', { name: 'count' }, { progressToken: 1 }))
    await once(socket, 'data')
    socket.destroy()
  }

  await run(provider.url, { count: warmUp, connections: 16 }) // until what is hot has been compiled
  await run(least.url, { count: warmUp, connections: 16 })
  await run(gateway.url, { count: warmUp, connections: 16 })
  const [alone, crowd] = [await all(1), await all(16)]

  const listTimes: number[] = []
  const lister = await Connection.open(gateway.url)
  const listRequest = requestOf(gateway.url, 'tools/list', {})
  for (let i = 0; i < (isQuick ? 20 : 300); i++) {
    const from = performance.now()
    await lister.call(listRequest)
    listTimes.push(performance.now() - from)
  }
  lister.close()

  for (let i = 0; i < 20; i++) await leave()
  for (let i = 0; i < 4; i++) await run(gateway.url, { count: 5_000, connections: 16 })
  const before = await memory()
  await run(gateway.url, { count: manyCalls, connections: 16 })
  for (let i = 0; i < leavers; i += 10) await Promise.all(Array.from({ length: 10 }, leave))
  await new Promise(resolve => setTimeout(resolve, 500)) // the last of them are heard of
  const after = await memory()

  report('gateway', {
    directP50Ms: round(alone.middle('direct', 'p50Ms'), 3),
    gatewayP50Ms: round(alone.middle('gateway', 'p50Ms'), 3),
    p50RatioToDirect: round(alone.toDirect('gateway', 'p50Ms')),
    directRate: Math.round(crowd.middle('direct', 'rate')),
    gatewayRate: Math.round(crowd.middle('gateway', 'rate')),
    rateRatioToDirect: round(crowd.toDirect('gateway', 'rate')),
    leastP50RatioToDirect: round(alone.toDirect('least', 'p50Ms')),
    leastRateRatioToDirect: round(crowd.toDirect('least', 'rate')),
    listedTools: 1_000,
    listP50Ms: round(median(listTimes), 3),
    calls: manyCalls,
    leavers,
    heapBytes: after['heapBytes'] ?? 0,
    heapRatioToBefore: round((after['heapBytes'] ?? 0) / (before['heapBytes'] ?? 1), 3),
    rssRatioToBefore: round((after['rssBytes'] ?? 0) / (before['rssBytes'] ?? 1), 3),
  })
} finally {
  await bench.close()
}
