/** A gateway in a process that tells what it holds: `node gateway-process.ts MANIFEST REGISTRY_URL`, over its channel. */
import { dirname } from 'node:path'
import { startAgent } from '../runtime/agent.ts'
import { createLog } from '../runtime/telemetry/log.ts'
import { heapBytes } from './heap.ts'

const [manifest = '', registryUrl = ''] = process.argv.slice(2)
const running = await startAgent({
  ...{ manifest, registryUrls: [registryUrl], env: { MESH_HOME: dirname(manifest) } },
  log: createLog('error', line => void process.stderr.write(`${line}\n`)),
})
process.on('message', () => {
  void heapBytes().then(bytes =>
    process.send?.({ heapBytes: bytes, rssBytes: process.memoryUsage().rss }),
  )
})
process.on('SIGTERM', () => void running.stop().then(() => process.exit(0)))
process.send?.({ type: 'ready', url: running.endpoint })
