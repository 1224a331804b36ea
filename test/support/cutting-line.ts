/**
 * A TCP line between a client and a server on loopback that fails in the ways in which networks and providers do. What
 * it has forwarded is counted, so that a test knows how often something was really sent.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

/**
 * `pass` works. `refuse` closes each connection before a byte is read, `hang` takes all and answers nothing, `cut` forwards
 * the request and breaks off when the answer comes.
 */
export type LineMode = 'pass' | 'refuse' | 'hang' | 'cut'

export interface CuttingLine {
  readonly port: number
  mode: LineMode
  /** Of the next answer only: the line passes again after it. */
  isCutOnce: boolean
  /** POSTs that came to this line, whatever became of them. */
  posts: number
  /** GETs, likewise. */
  gets: number
  /** Breaks every connection that is open. */
  cut(): void
}

/** `target` is the port of the server, which need not listen yet. */
export async function cuttingLine(t: Test, target: number): Promise<CuttingLine> {
  const sockets = new Set<Socket>()
  const server = createServer(near => {
    if (line.mode === 'refuse') return near.resetAndDestroy()
    const far = connect(target, '127.0.0.1')
    const end = () => {
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', end).on('close', end)
      socket.on('close', () => sockets.delete(socket))
    }
    near.on('data', (chunk: Buffer) => {
      if (chunk.includes('POST ')) line.posts++
      if (chunk.includes('GET ')) line.gets++
      if (line.mode === 'refuse') return end()
      if (line.mode !== 'hang') far.write(chunk)
    })
    far.on('data', (chunk: Buffer) => {
      if (line.mode !== 'cut' && !line.isCutOnce) return near.write(chunk)
      line.isCutOnce = false
      end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const { port } = server.address() as AddressInfo
  const line: CuttingLine = { port, mode: 'pass', isCutOnce: false, posts: 0, gets: 0, cut }
  t.teardown(async () => {
    cut()
    await new Promise(resolve => server.close(resolve))
  })
  return line
}
