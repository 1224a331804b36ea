/** Each connection goes to the next of those that listen, as a balancer does that knows nothing of HTTP. */
import { connect, createServer, type AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** `backends` are asked at each connection; gives back the URL of MCP behind it. */
export async function balancer(t: Test, backends: () => number[]): Promise<string> {
  let turn = 0
  const server = createServer(socket => {
    const ports = backends()
    const back = connect(ports[turn++ % ports.length] ?? 0, '127.0.0.1')
    socket.pipe(back).pipe(socket)
    for (const [one, other] of [
      [socket, back],
      [back, socket],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
}
