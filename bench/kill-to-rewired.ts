/**
 * From SIGKILL of a provider to the moment when its consumer's tool answers without it. The baseline is what no mesh can
 * beat: how long the kernel takes to tell a plain TCP peer of the killed process that its connection is gone.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { request, Agent } from 'node:http'
import { isQuick, median, quantile, report, round } from './measure.ts'
import { openBench } from './processes.ts'

const provider = {
  'mesh.yaml': `
apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: provider }
spec:
  version: 1.0.0
  tools: [{ name: today, handler: ./today.js }]
`,
  'today.js': 'export default () => "today"\n',
}
const consumer = {
  'mesh.yaml': `
apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: consumer }
spec:
  version: 1.0.0
  settle: 1ms
  tools:
    - name: greet
      handler: ./greet.js
      dependencies: { today: { capability: today, required: false } }
`,
  'greet.js':
    'export default async (args, { today }) => (today ? `with ${await today({})}` : "without")\n',
}

const agent = new Agent({ keepAlive: true })
const bench = await openBench()
const rewired: number[] = []
const baseline: number[] = []
try {
  const registry = await bench.registry()
  const { url } = await bench.agent(registry.url, consumer)
  for (let round = 0; round < (isQuick ? 3 : 20); round++) {
    const victim = await bench.agent(registry.url, provider)
    await until(url, text => text.includes('with today'))
    const died = once(victim.child, 'exit')
    const from = performance.now()
    process.kill(victim.pid, 'SIGKILL')
    await until(url, text => text.includes('without'))
    rewired.push(performance.now() - from)
    await died

    const echo = await bench.fork('echo-server.ts')
    const socket = connect(Number(new URL(echo.url).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.on('error', () => undefined) // a reset is one of the two ways in which the end is told
    const closed = new Promise(resolve => socket.once('close', resolve)) // once() would reject on a reset
    const began = performance.now()
    process.kill(echo.pid, 'SIGKILL')
    await closed
    baseline.push(performance.now() - began)
  }
} finally {
  await bench.close()
  agent.destroy()
}
report('kill-to-rewired', {
  rounds: rewired.length,
  p50Ms: round(median(rewired)),
  p99Ms: round(quantile(rewired, 0.99)),
  socketCloseP50Ms: round(median(baseline)),
  ratioToSocketClose: round(median(rewired) / median(baseline)),
})

/** Calls the consumer's tool again and again until its answer holds; bounded at 10 s. */
async function until(url: string, holds: (text: string) => boolean): Promise<void> {
  const end = performance.now() + 10_000
  while (!holds(await greet(url))) {
    if (performance.now() > end) throw new Error('the consumer was not rewired within 10 s')
  }
}

function greet(url: string): Promise<string> {
  const body = JSON.stringify({
    ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
    params: { name: 'greet', arguments: {} },
  })
  const headers = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve(text))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
