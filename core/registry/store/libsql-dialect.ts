/**
 * Knex's better-sqlite3 dialect over libsql, which has the same interface and ships its binaries inside its packages.
 * Write-ahead log, synced on every commit: an apply that was acknowledged is on the disk. The driver is synchronous, so it
 * waits for a lock only briefly; longer waits are the store's.
 */
import { createRequire } from 'node:module'
import type { Knex } from 'knex'
import Database from 'libsql'

interface Connection {
  prepare(sql: string): { all(): unknown[] }
}

type Dialect = new (config: Knex.Config) => { acquireRawConnection(): Promise<Connection> }

const require = createRequire(import.meta.url)
const BetterSqlite3 = require('knex/lib/dialects/better-sqlite3/index.js') as Dialect

class Libsql extends BetterSqlite3 {
  _driver(): unknown {
    return Database
  }

  override async acquireRawConnection(): Promise<Connection> {
    const connection = await super.acquireRawConnection()
    for (const pragma of ['busy_timeout = 50', 'journal_mode = WAL', 'synchronous = FULL']) {
      connection.prepare(`PRAGMA ${pragma}`).all()
    }
    return connection
  }
}

/** For Knex's `client`. */
export const libsqlDialect = Libsql as unknown as typeof Knex.Client
