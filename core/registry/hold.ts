/**
 * A Unix socket by which those who need the registry hold it (ADR 0008). The kernel closes a holder's connection however the
 * holder ends, so the count is always right. `released` resolves when nobody holds it any more.
 */
import { rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'

export interface HoldOptions {
  /** How long nobody has to hold it before it is released. */
  lingerMs?: number
  /** How long the first holder may take to come. */
  firstWithinMs?: number
}

export interface Hold {
  /** When it resolves, no more holders are taken. */
  readonly released: Promise<void>
  close(): Promise<void>
}

export async function openHold(path: string, options: HoldOptions = {}): Promise<Hold> {
  const { lingerMs = 500, firstWithinMs = 10_000 } = options
  const holders = new Set<Socket>()
  let timer: NodeJS.Timeout | undefined
  let release: () => void
  const released = new Promise<void>(resolve => (release = resolve))
  const releaseAfter = (ms: number) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      server.close()
      release()
    }, ms)
  }
  const server: Server = createServer(socket => {
    clearTimeout(timer)
    holders.add(socket)
    socket.resume()
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      holders.delete(socket)
      if (holders.size === 0 && server.listening) releaseAfter(lingerMs)
    })
  })
  await rm(path, { force: true }) // of a registry that was killed
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve())
  })
  releaseAfter(firstWithinMs)
  return {
    released,
    async close() {
      clearTimeout(timer)
      server.close()
      for (const socket of holders) socket.destroy()
    },
  }
}
