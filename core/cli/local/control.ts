/**
 * How a `meshctl start` that runs is reached by another meshctl: a unix socket, a line of JSON each way. It greets with who
 * it is, so that a record left by a dead process is never taken for a live one.
 */
import { rmSync } from 'node:fs'
import { createConnection, createServer, type Socket } from 'node:net'
import { messageOf } from '../../model/error.ts'
import { eachLine } from './child.ts'
import type { Identity } from './identity.ts'

/** Everything (`agents` undefined) or the agents named `namespace/name`. */
export interface StopRequest {
  readonly op: 'stop'
  readonly agents?: readonly string[]
}

export interface StopAnswer {
  readonly stopped: readonly string[]
  readonly error?: string
}

export interface ControlServer {
  readonly close: () => void
}

/** Listens at a path that no live process uses any more. */
export function serveControl(
  path: string,
  self: Identity,
  stop: (request: StopRequest) => Promise<StopAnswer>,
): Promise<ControlServer> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.write(`${JSON.stringify(self)}\n`)
    eachLine(socket, line => {
      void answer(line, stop).then(value => socket.end(`${JSON.stringify(value)}\n`))
    })
  })
  return new Promise((resolve, reject) => {
    rmSync(path, { force: true })
    server.once('error', reject)
    server.listen(path, () =>
      resolve({
        close() {
          server.close()
          // Answers under way are flushed by `end`; what else is open only listens.
          for (const socket of sockets) socket.end()
        },
      }),
    )
  })
}

async function answer(
  line: string,
  stop: (request: StopRequest) => Promise<StopAnswer>,
): Promise<StopAnswer> {
  try {
    return await stop(JSON.parse(line) as StopRequest)
  } catch (error) {
    return { stopped: [], error: messageOf(error) }
  }
}

/** Undefined when nobody answers there, when it is not the one expected, or not within the bound. */
export function requestStop(
  path: string,
  expected: Identity,
  request: StopRequest,
  timeoutMs: number,
): Promise<StopAnswer | undefined> {
  return new Promise(resolve => {
    const socket = createConnection(path)
    let answered: StopAnswer | undefined
    const timer = setTimeout(() => socket.destroy(), timeoutMs)
    let isGreeted = false
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(answered)
    })
    eachLine(socket, line => {
      if (isGreeted) {
        answered = JSON.parse(line) as StopAnswer
        return
      }
      isGreeted = true
      const { pid, startTime } = JSON.parse(line) as Identity
      if (pid === expected.pid && startTime === expected.startTime)
        socket.write(`${JSON.stringify(request)}\n`)
      else socket.destroy()
    })
  })
}
