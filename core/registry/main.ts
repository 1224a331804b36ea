/**
 * The life of a mesh-registry process: arguments and environment in; signals, a hold socket, and messages to a supervisor
 * where an IPC channel stands, out.
 */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import pino, { type Logger } from 'pino'
import { MeshError, messageOf } from '../model/error.ts'
import { openHold, type Hold } from './hold.ts'
import { startRegistry } from './server.ts'
import type { StoreLocation } from './store/configuration.ts'

const usage =
  'write mesh-registry [--host 127.0.0.1] [--port 8000] [--store FILE|memory] [--advertise NAME]... [--hold SOCKET]'

/** Nearly all that a registry keeps stays; V8 by itself lets a heap grow to up to four times that before it looks. ADR 0042. */
const heapGrowth = '--heap-growing-percent=100'

interface Arguments {
  host: string
  port: number
  store: string | undefined
  advertise: string[]
  hold: string | undefined
}

/** Ends the process when the registry has ended. */
export async function main(args: readonly string[]): Promise<void> {
  setFlagsFromString(heapGrowth)
  const log = createLog()
  try {
    const { host, port, store, advertise, hold: socket } = readArguments(args)
    const asked = stopOnRequest(socket !== undefined)
    const registry = await startRegistry({
      ...{ host, port, advertise, log, token: process.env.MESH_TOKEN || undefined },
      store: locate(store, port),
    })
    const hold = socket === undefined ? undefined : await openHold(socket)
    process.send?.({ type: 'ready', url: registry.url, pid: process.pid })
    await Promise.race([asked, ...released(hold, log)])
    await hold?.close()
    await registry.close()
    log.flush(() => process.exit(0))
  } catch (error) {
    fail(error, log)
  }
}

function released(hold: Hold | undefined, log: Logger): Promise<void>[] {
  if (!hold) return []
  return [hold.released.then(() => log.info('nobody holds the registry any more'))]
}

function readArguments(args: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '8000' },
        store: { type: 'string' },
        advertise: { type: 'string', multiple: true, default: [] },
        hold: { type: 'string' },
      },
    })
    const { host, store, advertise, hold } = values
    return { host, port: readPort(values.port), store, advertise, hold }
  } catch (cause) {
    if (cause instanceof MeshError) throw cause
    throw new MeshError('MESH_USAGE_INVALID', messageOf(cause), usage, { cause })
  }
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  if (port <= 65_535) return port
  throw new MeshError(
    'MESH_USAGE_INVALID',
    `"${text}" is no port`,
    'write a number from 0 to 65535',
  )
}

/** A flag comes before DATABASE_URL, and that before a file of its own for each port below MESH_HOME. */
function locate(store: string | undefined, port: number): StoreLocation {
  const url = process.env.DATABASE_URL
  if (store === 'memory') return { kind: 'memory' }
  if (store !== undefined) return { kind: 'file', path: store }
  if (url && /^postgres(ql)?:\/\//.test(url)) return { kind: 'postgres', url }
  if (url) {
    const mend = 'write DATABASE_URL=postgres://user@host/database, or unset it'
    throw new MeshError('MESH_USAGE_INVALID', 'DATABASE_URL is no PostgreSQL URL', mend)
  }
  const home = process.env.MESH_HOME || join(homedir(), '.mcp-mesh')
  return { kind: 'file', path: join(home, 'registry', `${port}.db`) }
}

/**
 * Resolves when the process is asked to stop: by a signal, of which a second ends it at once, or its supervisor's end.
 * With a hold only SIGTERM counts: ctrl-C goes to the whole group of a terminal, and others may hold it still.
 */
function stopOnRequest(isHeld: boolean): Promise<void> {
  return new Promise(resolve => {
    let isAsked = false
    const ask = () => {
      if (isAsked) process.exit(1)
      isAsked = true
      resolve()
    }
    process.on('SIGTERM', ask)
    process.on('SIGINT', isHeld ? () => undefined : ask)
    if (!isHeld) process.on('disconnect', () => resolve())
  })
}

function createLog(): Logger {
  return pino({
    level: process.env.MESH_DEBUG ? 'debug' : 'info',
    base: {},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: label => ({ level: label }) },
  })
}

function fail(error: unknown, log: Logger): void {
  const known =
    error instanceof MeshError
      ? error
      : new MeshError('MESH_INTERNAL_FAILED', messageOf(error), undefined, { cause: error })
  if (known !== error) log.error({ err: error }, 'start failed')
  const { code, message, mend, exit } = known
  process.exitCode = exit
  if (process.send) {
    process.send({ type: 'failed', error: { code, message, mend } }, () => process.exit(exit))
  } else {
    process.stderr.write(`error ${code}: ${message}\nmend: ${mend}\n`, () => process.exit(exit))
  }
}
