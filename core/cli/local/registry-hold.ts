/**
 * The registry that several `meshctl start` share: whoever finds none starts one, everybody holds it through a unix socket,
 * and it ends with its last holder, also when holders die by SIGKILL. There is no lock: two that start one at the same
 * time are told apart by the port, which only one of them gets; the other then holds the winner's. Each
 * registry is written down before it can answer, so an answer without a record is somebody else's registry.
 */
import { closeSync, openSync, rmSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { hasCode, MeshError } from '../../model/error.ts'
import { sleep } from '../../model/sleep.ts'
import type { Bins } from '../command.ts'
import { launch } from './child.ts'
import { socketPath, type Home } from './home.ts'
import { isAlive, untilGone, type Identity } from './identity.ts'
import { rotate } from './log-file.ts'
import { readRecords, removeRecord, writeRecord } from './records.ts'

const START_TIMEOUT_MS = 20_000

export interface RegistryRecord extends Identity {
  readonly url: string
  readonly socket: string
}

export interface HeldRegistry {
  /** Who it is; undefined for a registry that was not started by meshctl start with this MESH_HOME. */
  readonly record: RegistryRecord | undefined
  readonly started: boolean
  /** Resolves when the registry is gone; never for somebody else's. */
  readonly lost: Promise<void>
  /** Lets it go. */
  readonly release: () => void
}

export interface RegistryNeed {
  readonly url: string
  readonly home: Home
  readonly bins: Bins
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isReachable: (timeoutMs: number) => Promise<boolean>
}

/** Holds the registry at a loopback URL, and starts it if nobody answers there. */
export async function holdRegistry(need: RegistryNeed): Promise<HeldRegistry> {
  const end = performance.now() + START_TIMEOUT_MS
  while (performance.now() < end) {
    const records = registryRecords(need.home).filter(record => record.url === need.url)
    for (const record of records) {
      const socket = await connect(record.socket)
      if (!socket) continue
      if (await need.isReachable(1_000)) return held(record, socket, false)
      socket.destroy() // it starts or it ends: look again
    }
    if (records.length === 0) {
      if (await need.isReachable(1_000)) return (await holdAlias(need)) ?? foreign
      const started = await start(need)
      if (started) return started
    }
    await sleep(50)
  }
  throw new MeshError(
    'MESH_PROCESS_FAILED',
    `the registry at ${need.url} did not get ready within ${START_TIMEOUT_MS / 1_000} s`,
    `read its log: ${logFile(need)}`,
  )
}

/** What answers at this URL may have been started under another name of this machine: localhost for 127.0.0.1. */
async function holdAlias({ home, url }: RegistryNeed): Promise<HeldRegistry | undefined> {
  for (const record of registryRecords(home)) {
    const socket = isSameRegistry(record.url, url) ? await connect(record.socket) : undefined
    if (socket) return held(record, socket, false)
  }
  return undefined
}

/** Both on the same port of this machine. */
export function isSameRegistry(one: string, other: string): boolean {
  return isLoopback(one) && isLoopback(other) && portOf(one) === portOf(other)
}

/** True for an address that only this machine reaches. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}

const portOf = (url: string) => new URL(url).port || '80'

/** The registries that meshctl has started and that live; what is written of others is removed. */
export function registryRecords(home: Home): RegistryRecord[] {
  return readRecords<RegistryRecord>(home, 'registry').filter(record => {
    if (isAlive(record)) return true
    forgetRegistry(home, record)
    return false
  })
}

/** Removes what is written of a registry that has ended. */
export function forgetRegistry(home: Home, record: RegistryRecord): void {
  removeRecord(home, 'registry', record.pid)
  rmSync(record.socket, { force: true })
}

const foreign: HeldRegistry = {
  record: undefined,
  started: false,
  lost: new Promise(() => undefined),
  release: () => undefined,
}

/** Undefined when another one was faster. */
async function start(need: RegistryNeed): Promise<HeldRegistry | undefined> {
  const { home, bins, env } = need
  const { hostname, port } = new URL(need.url)
  const socketName = `registry-${randomBytes(4).toString('hex')}.sock`
  const socket = socketPath(home, socketName)
  const log = rotate(logFile(need))
  const fd = openSync(log, 'a', 0o600)
  const child = launch({
    bin: bins.registry,
    args: ['--host', hostname.replace(/^\[|\]$/g, ''), '--port', port || '80', '--hold', socket],
    env: { ...env, MESH_HOME: home.root },
    output: fd,
    log,
    what: `the registry at ${need.url}`,
  })
  closeSync(fd)
  const record = { ...child.identity, url: need.url, socket }
  writeRecord(home, 'registry', record.pid, record)
  try {
    await child.ready
    const holder = await connect(socket)
    child.release()
    return holder ? held(record, holder, true) : undefined
  } catch (error) {
    await child.exited
    forgetRegistry(home, record)
    const others = registryRecords(home).some(other => other.url === need.url)
    if (hasCode(error, 'MESH_PORT_TAKEN') && (others || (await need.isReachable(1_000))))
      return undefined
    throw error
  }
}

function held(record: RegistryRecord, socket: Socket, started: boolean): HeldRegistry {
  const lost = new Promise<void>(resolve => {
    socket.once('close', () => void untilGone(record, 5_000).then(() => resolve()))
  })
  socket.on('error', () => socket.destroy())
  socket.resume()
  return { record, started, lost, release: () => socket.destroy() }
}

function connect(path: string): Promise<Socket | undefined> {
  return new Promise(resolve => {
    const socket = createConnection(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}

const logFile = ({ home, url }: RegistryNeed) => join(home.logs, `_registry.${portOf(url)}.log`)
