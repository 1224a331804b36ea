/**
 * What a session costs a call at its owner: the rate of a tool that keeps a count, over that of the same tool without a session, on
 * memory and on a real Redis (where one is installed) that keeps nothing on disk. The three agents take turns, round by round.
 */
import { spawn, spawnSync } from 'node:child_process'
import { Pool } from 'undici'
import { freePort } from '../test/support/mesh.ts'
import { isQuick, load, median, report, round, type Load } from './measure.ts'
import { openBench } from './processes.ts'

const rounds = isQuick ? 1 : 7
const calls = isQuick ? 200 : 4_000
const connections = 16
const handler = `export const plain = ({ by }) => ({ count: by + 1 })
export function counted({ by }, deps, { session }) {
  const count = (session.get('count') ?? 0) + by
  session.set('count', count)
  return { count }
}
export const looked = ({ by }, deps, { session }) => ({ count: session.get('count') ?? by })
`
const manifest = (name: string, session: string) => `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: ${name} }
spec:
  version: 1.0.0
  ${session && `session: { store: ${session} }`}
  tools:
${['plain', ...(session ? ['counted', 'looked'] : [])]
  .map(
    tool => `    - name: ${tool}
      handler: ./count.js#${tool}
      inputSchema: { type: object, properties: { session_id: { type: string }, by: { type: number } } }
      ${tool === 'plain' ? '' : 'session: { argument: session_id }'}
`,
  )
  .join('')}`

const hasRedis = spawnSync('redis-server', ['--version']).status === 0
const port = await freePort()
const redis = hasRedis
  ? spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], {
      stdio: 'ignore',
    })
  : undefined
if (redis) process.env['REDIS_URL'] = `redis://127.0.0.1:${port}`
const bench = await openBench()
const seen: Record<string, Load[]> = {}
try {
  const registry = await bench.registry()
  const ways: { name: string; url: string; tool: string }[] = []
  for (const store of hasRedis ? ['', 'memory', 'redis'] : ['', 'memory']) {
    const name = store || 'plain'
    const { url } = await bench.agent(registry.url, {
      ...{ 'mesh.yaml': manifest(name, store), 'count.js': handler },
    })
    if (store === '') ways.push({ name, url, tool: 'plain' })
    else
      for (const tool of ['counted', 'looked']) ways.push({ name: `${store} ${tool}`, url, tool })
  }
  const ready = await Promise.all(
    ways.map(async ({ name, url, tool }) => {
      const pool = new Pool(new URL(url).origin, { connections })
      const call = (args: Parameters<typeof callTool>[2]) => callTool(pool, tool, args)
      // One session a caller, so that no call waits for another.
      const handles = await Promise.all(
        Array.from({ length: connections }, async () =>
          tool === 'plain' ? undefined : handleIn(await call({ by: 1 })),
        ),
      )
      return { name, pool, call, handles }
    }),
  )
  for (let turn = -1; turn < rounds; turn++) {
    for (const { name, call, handles } of turn % 2 === 0 ? ready : ready.toReversed()) {
      const free = [...handles]
      const result = await load(
        async () => {
          const session_id = free.pop()
          await call({ by: 1, ...(session_id !== undefined && { session_id }) })
          free.push(session_id)
        },
        { calls, connections },
      )
      if (turn >= 0) (seen[name] ??= []).push(result)
    }
  }
  for (const { pool } of ready) await pool.close()
} finally {
  await bench.close()
  redis?.kill()
}

/** How much longer a call takes than one without a session, by the two of each round. */
const cost = (name: string) =>
  round(median((seen[name] ?? []).map(({ rate }, i) => (seen['plain']?.[i]?.rate ?? NaN) / rate)))
report('sessions', {
  ...{ rounds, calls, connections },
  plainCallsPerSecond: round(median((seen['plain'] ?? []).map(({ rate }) => rate)), 0),
  memoryCostOfWrite: cost('memory counted'),
  memoryCostOfRead: cost('memory looked'),
  ...(hasRedis
    ? { redisCostOfWrite: cost('redis counted'), redisCostOfRead: cost('redis looked') }
    : { note: 'no redis-server is installed' }),
})

async function callTool(
  pool: Pool,
  name: string,
  args: { by: number; session_id?: string | undefined },
): Promise<string> {
  const { session_id } = args
  const { body } = await pool.request({
    ...{ method: 'POST', path: '/mcp' },
    headers: {
      ...{ 'content-type': 'application/json', 'mcp-protocol-version': '2026-07-28' },
      ...{ 'mcp-method': 'tools/call', 'mcp-name': name },
      ...(session_id !== undefined && { 'mcp-param-session-id': session_id }),
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: {
        ...{ name, arguments: args },
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    }),
  })
  const text = await body.text()
  if (text.includes('"isError":true') || text.includes('"error":')) throw new Error(text)
  return text
}

function handleIn(text: string): string {
  const handle = /"mcp-mesh.dev\/session":\{"id":"([\w-]+)"/.exec(text)?.[1]
  if (handle === undefined) throw new Error(text)
  return handle
}
