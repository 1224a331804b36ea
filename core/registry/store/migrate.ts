/**
 * Brings a database to the newest shape. All of it is one transaction under a lock, so replicas that start at once take
 * turns, and one that dies half way leaves nothing behind. Migrations are modules listed here: dist needs no folder scan.
 */
import type { Knex } from 'knex'
import * as agents from './migrations/0001-agents.ts'
import * as history from './migrations/0002-history.ts'
import * as replicas from './migrations/0003-replicas.ts'

const migrations: Record<string, Knex.Migration> = {
  '0001-agents': agents,
  '0002-history': history,
  '0003-replicas': replicas,
}

const migrationSource: Knex.MigrationSource<string> = {
  getMigrations: () => Promise.resolve(Object.keys(migrations)),
  getMigrationName: name => name,
  async getMigration(name) {
    const migration = migrations[name]
    if (!migration) throw new Error(`there is no migration ${name}`)
    return migration
  },
}

/** Any number, the same in every replica. */
const LOCK_KEY = 7_063_914

export async function migrate(db: Knex, isPostgres: boolean): Promise<void> {
  await db.transaction(async transaction => {
    // SQLite takes its write lock with the first write.
    await (isPostgres
      ? transaction.raw('select pg_advisory_xact_lock(?)', [LOCK_KEY])
      : transaction.raw('PRAGMA user_version = 1'))
    await transaction.migrate.latest({ migrationSource, disableTransactions: true })
  })
}
