/** The store behind Knex: SQLite in a file or in memory, or PostgreSQL. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import knex, { type Knex } from 'knex'
import { MeshError, messageOf } from '../../model/error.ts'
import { sleep } from '../../model/sleep.ts'
import { libsqlDialect } from './libsql-dialect.ts'
import { migrate } from './migrate.ts'
import {
  agentFromRow,
  revisionFromRow,
  type AgentRow,
  type CounterRow,
  type RevisionRow,
} from './rows.ts'
import { saveRevisions } from './save-revisions.ts'
import type { Store } from './store.ts'

/** Where the store is: nowhere but in memory, in a SQLite file, or at a `postgres://` URL. */
export type StoreLocation =
  { kind: 'memory' } | { kind: 'file'; path: string } | { kind: 'postgres'; url: string }

/** Connects and migrates. Throws MESH_STORE_UNAVAILABLE. */
export async function openStore(location: StoreLocation): Promise<Store> {
  const db = await guard(() => connect(location))
  return {
    load: () =>
      guard(async () => (await db<AgentRow>('agents').select('*')).map(row => agentFromRow(row))),
    save: (revisions, expected) => guard(() => saveRevisions(db, revisions, expected)),
    history: (namespace, name) =>
      guard(async () => {
        const rows = db<RevisionRow>('revisions').where({ namespace, name })
        return (await rows.orderBy('generation')).map(row => revisionFromRow(row))
      }),
    delete: (namespace, name) =>
      guard(() =>
        db.transaction(async db => {
          await db('agents').where({ namespace, name }).delete()
          await db('revisions').where({ namespace, name }).delete()
        }),
      ),
    reserveRevisions: count => guard(() => reserveRevisions(db, count)),
    ping: () =>
      guard(async () => {
        await db.raw('select 1')
      }),
    close: () => db.destroy(),
  }
}

async function connect(location: StoreLocation): Promise<Knex> {
  const db = knex(configOf(location))
  try {
    await migrate(db, location.kind === 'postgres')
    return db
  } catch (error) {
    await db.destroy()
    throw error
  }
}

async function reserveRevisions(db: Knex, count: number): Promise<number> {
  const [row] = await db<CounterRow>('counters')
    .where({ name: 'revision' })
    .increment('value', count)
    .returning('value')
  if (!row) throw new Error('the counter of revisions is missing')
  return Number(row.value) - count + 1
}

/** Knex would print to the console what it throws as well. */
const silent = { warn: () => {}, error: () => {}, debug: () => {}, deprecate: () => {} }

function configOf(location: StoreLocation): Knex.Config {
  if (location.kind === 'postgres') {
    return {
      client: 'pg',
      connection: { connectionString: location.url, application_name: 'mcp-mesh' },
      pool: { min: 0, max: 10 },
      acquireConnectionTimeout: 5_000,
      log: silent,
    }
  }
  const filename = location.kind === 'memory' ? ':memory:' : location.path
  if (location.kind === 'file') mkdirSync(dirname(filename), { recursive: true, mode: 0o700 })
  return {
    client: libsqlDialect,
    connection: { filename },
    useNullAsDefault: true,
    log: silent,
    pool: { min: 1, max: 1, idleTimeoutMillis: 2 ** 30 },
  }
}

const BUSY_PAUSE_MS = 20
const BUSY_WITHIN_MS = 5_000

/**
 * A connection that fails is MESH_STORE_UNAVAILABLE; a statement that is wrong stays what it is. While another process
 * writes to the SQLite file the work is tried again: each piece is one statement or one transaction.
 */
async function guard<T>(work: () => Promise<T>): Promise<T> {
  for (let waitedMs = 0; ; waitedMs += BUSY_PAUSE_MS) {
    try {
      return await work()
    } catch (error) {
      if (!isUnavailable(error)) throw error
      if (codeOf(error) === 'SQLITE_BUSY' && waitedMs < BUSY_WITHIN_MS) {
        await sleep(BUSY_PAUSE_MS)
        continue
      }
      const found = `the store does not answer: ${messageOf(error)}`
      throw new MeshError('MESH_STORE_UNAVAILABLE', found, undefined, { cause: error })
    }
  }
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : ''
}

/** Socket errors, PostgreSQL's classes 08, 28, 3D, 53, 57, Knex's timeout of its pool, and what SQLite says of its file. */
function isUnavailable(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof MeshError) return false
  if (error.name === 'KnexTimeoutError' || error instanceof AggregateError) return true
  const code = codeOf(error)
  if (/^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|EACCES|ENOENT|EROFS)/.test(code))
    return true
  if (/^(08|28|3D|53|57)[0-9A-Z]{3}$/.test(code)) return true
  if (/^SQLITE_(BUSY|LOCKED|IOERR|FULL|READONLY|CORRUPT|CANTOPEN|NOTADB|PERM|AUTH)/.test(code))
    return true
  return /Connection terminated|unable to open database/i.test(error.message)
}
