/** Knex's configuration for each place that a store can be at. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Knex } from 'knex'
import { libsqlDialect } from './libsql-dialect.ts'

/** Where the store is: nowhere but in memory, in a SQLite file, or at a `postgres://` URL. */
export type StoreLocation =
  { kind: 'memory' } | { kind: 'file'; path: string } | { kind: 'postgres'; url: string }

/** A statement that takes longer means that PostgreSQL is not there. */
const ANSWER_WITHIN_MS = 3_000
/**
 * A registry that stops in the middle of a transaction (a paused machine, a cut cable) holds the others up no longer than
 * this. Shorter than what they wait for an answer.
 */
const IDLE_IN_TRANSACTION_MS = 2_000

/** Knex would print to the console what it throws as well. */
const silent = { warn: () => {}, error: () => {}, debug: () => {}, deprecate: () => {} }

/** `isBounded: false` lets a statement take as long as it takes: migrations wait for each other. */
export function configOf(
  location: StoreLocation,
  { isBounded }: { isBounded: boolean },
): Knex.Config {
  if (location.kind === 'postgres') {
    return {
      client: 'pg',
      connection: {
        connectionString: location.url,
        application_name: 'mcp-mesh',
        idle_in_transaction_session_timeout: isBounded ? IDLE_IN_TRANSACTION_MS : 0,
        connectionTimeoutMillis: ANSWER_WITHIN_MS,
        keepAlive: true,
      },
      pool: { min: 0, max: 10, ...(isBounded ? { afterCreate: cutWhenSilent } : {}) },
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

interface PgConnection {
  query(...args: unknown[]): unknown
  connection: { stream: { destroy(error: Error): void } }
}

/**
 * Cuts a connection on which a statement is not answered. pg's own `query_timeout` would leave it in the pool, in the middle of
 * whatever it was in: the next to use it would find an open transaction.
 */
function cutWhenSilent(
  connection: PgConnection,
  done: (error: undefined, c: PgConnection) => void,
) {
  const query = connection.query.bind(connection)
  connection.query = (...args) => {
    const timer = setTimeout(() => {
      const error = new Error(`PostgreSQL does not answer within ${ANSWER_WITHIN_MS} ms`)
      connection.connection.stream.destroy(Object.assign(error, { code: 'ETIMEDOUT' }))
    }, ANSWER_WITHIN_MS)
    const callback: unknown = args.at(-1)
    if (typeof callback === 'function') {
      args[args.length - 1] = (...answer: unknown[]) => {
        clearTimeout(timer)
        Reflect.apply(callback, undefined, answer)
      }
      return query(...args)
    }
    return Promise.resolve(query(...args)).finally(() => clearTimeout(timer))
  }
  done(undefined, connection)
}
