// Behaves as mesh-registry does towards those who hold it, and lists no agents.
import { createServer } from 'node:http'
import { createServer as createSocketServer } from 'node:net'

const flag = name => process.argv[process.argv.indexOf(`--${name}`) + 1]
const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ items: [], revision: 1 }))
})
server.on('error', () => {
  const error = { code: 'MESH_PORT_TAKEN', message: `port ${flag('port')} is taken`, mend: 'mend' }
  process.send({ type: 'failed', error }, () => process.exit(1))
})
const holders = new Set()
let timer
const hold = createSocketServer(socket => {
  holders.add(socket)
  clearTimeout(timer)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    holders.delete(socket)
    if (holders.size === 0) timer = setTimeout(() => process.exit(0), 500)
  })
  socket.resume()
})
process.on('SIGTERM', () => process.exit(0))
server.listen(Number(flag('port')), '127.0.0.1', () => {
  hold.listen(flag('hold'), () => {
    process.send?.({ type: 'ready', url: `http://127.0.0.1:${flag('port')}`, pid: process.pid })
    timer = setTimeout(() => process.exit(0), 10_000)
  })
})
