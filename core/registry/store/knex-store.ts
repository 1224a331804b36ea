/** The store behind Knex: SQLite in a file or in memory, or PostgreSQL. */
import knex, { type Knex } from 'knex'
import { configOf, type StoreLocation } from './configuration.ts'
import { migrate } from './migrate.ts'
import { newReplicaId, postgresShared } from './postgres-shared.ts'
import {
  agentFromRow,
  revisionFromRow,
  type AgentRow,
  type CounterRow,
  type RevisionRow,
} from './rows.ts'
import { deleteAgent, saveRevisions } from './save-revisions.ts'
import type { Store } from './store.ts'
import { guard } from './unavailable.ts'

/** Connects and migrates. Throws MESH_STORE_UNAVAILABLE. */
export async function openStore(location: StoreLocation): Promise<Store> {
  const db = await guard(() => connect(location))
  const writer = location.kind === 'postgres' ? newReplicaId() : undefined
  return {
    load: () =>
      guard(async () => (await db<AgentRow>('agents').select('*')).map(row => agentFromRow(row))),
    save: (revisions, options) => guard(() => saveRevisions(db, revisions, { ...options, writer })),
    history: (namespace, name) =>
      guard(async () => {
        const rows = db<RevisionRow>('revisions').where({ namespace, name })
        return (await rows.orderBy('generation')).map(row => revisionFromRow(row))
      }),
    delete: (namespace, name, after) =>
      guard(() => deleteAgent(db, { namespace, name }, { after, writer })),
    reserveRevisions: count => guard(() => reserveRevisions(db, count)),
    ping: () =>
      guard(async () => {
        await db.raw('select 1')
      }),
    close: () => db.destroy(),
    shared:
      location.kind === 'postgres' && writer !== undefined
        ? postgresShared(db, writer, { url: location.url, guard })
        : undefined,
  }
}

async function connect(location: StoreLocation): Promise<Knex> {
  const db = knex(configOf(location, { isBounded: false }))
  try {
    await migrate(db, location.kind === 'postgres')
  } catch (error) {
    await db.destroy()
    throw error
  }
  if (location.kind !== 'postgres') return db
  await db.destroy()
  return knex(configOf(location, { isBounded: true }))
}

async function reserveRevisions(db: Knex, count: number): Promise<number> {
  const [row] = await db<CounterRow>('counters')
    .where({ name: 'revision' })
    .increment('value', count)
    .returning('value')
  if (!row) throw new Error('the counter of revisions is missing')
  return Number(row.value) - count + 1
}
