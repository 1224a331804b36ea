/** A TCP line that breaks and is slow when told to, between a client and a server on loopback. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface FaultyLine {
  readonly url: string
  /** Bytes of answer after which the next connection is cut; it doubles with each, so that what is longer arrives too. */
  cutAfter: number
  isSlow: boolean
  /** Cuts every connection now. */
  cut(): void
}

export async function faultyLine(t: Test, target: string): Promise<FaultyLine> {
  const sockets = new Set<Socket>()
  const server = createServer(near => {
    const far = connect(Number(new URL(target).port), '127.0.0.1')
    let left = line.cutAfter
    line.cutAfter *= 2
    const end = () => {
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', end).on('close', end)
      socket.on('close', () => sockets.delete(socket))
    }
    near.pipe(far)
    far.on('data', (chunk: Buffer) => {
      near.write(chunk.subarray(0, left))
      if ((left -= chunk.length) <= 0) return void near.end(end)
      if (!line.isSlow) return
      far.pause()
      setTimeout(() => far.resume(), 15)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const line: FaultyLine = {
    ...{ url: `http://127.0.0.1:${port}`, cutAfter: Infinity, isSlow: false },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
  }
  t.teardown(() => {
    line.cut()
    server.close()
  })
  return line
}
