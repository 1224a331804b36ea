/** A gateway in a process that tells what it holds: `node gateway-process.ts MANIFEST REGISTRY_URL`, over its channel. */
import { main } from '../runtime/main.ts'
import { heapBytes } from './heap.ts'

const [manifest = '', registryUrl = ''] = process.argv.slice(2)
process.env['MESH_REGISTRY_URL'] = registryUrl
process.on('message', () => {
  void heapBytes().then(bytes =>
    process.send?.({ heapBytes: bytes, rssBytes: process.memoryUsage().rss }),
  )
})
await main(['--manifest', manifest])
