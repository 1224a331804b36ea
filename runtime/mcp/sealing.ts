/**
 * The secret that an agent seals with. `spec.auth.seal` says which, so that all instances behind one address take what any of
 * them has sealed. Without it they have one in the Redis that they share; and without that a file in MESH_HOME holds one for all agents of this user on this machine: what a client
 * keeps is good after a restart. Where that can't be written, each process has its own.
 */
import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { messageOf } from '../../core/model/error.ts'
import type { Environment } from '../secrets.ts'
import type { Log } from '../telemetry/log.ts'
import { createSealer, randomSecret, type Sealer } from './seal.ts'

export interface SealingOptions {
  /** `spec.auth.seal`, resolved. */
  secret: string | undefined
  /** That of all instances, where they share a store. Rejects while the store is away. */
  shared?: (() => Promise<Buffer>) | undefined
  env: Environment
  log: Log
}

/** Nothing is read before the first use. */
export function createSealing(options: SealingOptions): () => Promise<Sealer> {
  const { secret, shared, env, log } = options
  let sealer: Promise<Sealer> | undefined
  const make = async () => createSealer(secret ?? (await (shared?.() ?? secretOfHome(env, log))))
  return async () => {
    sealer ??= make()
    try {
      return await sealer
    } catch (error) {
      sealer = undefined // asked again by the next
      throw error
    }
  }
}

async function secretOfHome(env: Environment, log: Log): Promise<Buffer> {
  const home = env['MESH_HOME'] || join(homedir(), '.mcp-mesh')
  const file = join(home, 'seal.key')
  try {
    await mkdir(home, { recursive: true, mode: 0o700 })
    return (await readSecret(file)) ?? (await writeSecret(file))
  } catch (error) {
    log.warn('sessions and states of clients end with this process', { error: messageOf(error) })
    return randomSecret()
  }
}

const secretBytes = 32

/** Undefined where there is none, or another process is just writing it. */
async function readSecret(file: string): Promise<Buffer | undefined> {
  const secret = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return secret?.length === secretBytes ? secret : undefined
}

/** The first of several processes writes it whole, under another name, and gives it its own: the others read that. */
async function writeSecret(file: string): Promise<Buffer> {
  const own = `${file}.${randomUUID()}`
  const handle = await open(own, 'w', 0o600)
  try {
    await handle.writeFile(randomSecret())
  } finally {
    await handle.close()
  }
  await link(own, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(own)
  const secret = await readSecret(file)
  if (!secret) throw new Error(`${file} does not hold ${secretBytes} bytes`)
  return secret
}
