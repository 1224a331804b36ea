/**
 * What one registry has to say, as one transaction: some five statements however many instances it speaks of, as lists go
 * as one JSON parameter. PostgreSQL only.
 */
import type { Knex } from 'knex'
import { takeChange } from './change.ts'
import { rowFromInstance, type InstanceRow } from './shared-rows.ts'
import type { Batch, DeletionReason, SharedInstance } from './shared-store.ts'

type Removed = Pick<InstanceRow, 'id' | 'namespace' | 'agent' | 'digest'>

/** Columns that an update of an instance may change. */
const changing = [
  ...['namespace', 'agent', 'digest', 'endpoint', 'pid', 'host', 'since', 'state', 'unhealthy'],
  ...['observed_generation', 'drift_generation', 'drift_reason', 'is_deleted'],
  ...['owner', 'writer', 'change'],
]
const claimSql = `insert into instances select * from json_populate_recordset(null::instances, ?::json)
  on conflict (id) do update set ${changing.map(name => `${name} = excluded.${name}`).join(', ')}`
const updateSql = `update instances i set ${changing.map(name => `${name} = v.${name}`).join(', ')}
  from json_populate_recordset(null::instances, ?::json) v where i.id = v.id and i.owner = v.owner`
const missingSql = `select distinct v.namespace, v.name, v.digest
  from json_populate_recordset(null::manifests, ?::json) v
  where not exists (select from manifests m where m.namespace = v.namespace and m.name = v.name and m.digest = v.digest)`
const announcedSql = `insert into announced select * from json_populate_recordset(null::announced, ?::json)
  on conflict (namespace, name) do update
  set generation = excluded.generation, digest = excluded.digest, at = excluded.at, change = excluded.change
  where announced.generation < excluded.generation`

export function writeBatch(db: Knex, writer: string, batch: Batch): Promise<void> {
  return db.transaction(async db => {
    const change = await takeChange(db, { after: batch.after, writer })
    const rows = (instances: readonly SharedInstance[]) =>
      JSON.stringify(instances.map(each => rowFromInstance(each, { owner: writer, change })))
    if (batch.claims.length > 0) {
      await db.raw(claimSql, [rows(batch.claims)])
      await addManifests(db, batch)
    }
    if (batch.announced.length > 0) {
      await db.raw(announcedSql, [JSON.stringify(batch.announced.map(a => ({ ...a, change })))])
    }
    if (batch.updates.length > 0) await db.raw(updateSql, [rows(batch.updates)])
    if (batch.drains.length > 0) {
      await db<InstanceRow>('instances')
        .whereIn('id', batch.drains)
        .update({ state: 'draining', writer, change })
    }
    if (batch.removals.length > 0) await remove(db, batch.removals, { writer, change })
  })
}

/** All instances of a registry that beats no more; nothing where it does. */
export function removeReplica(
  db: Knex,
  { id, after, writer }: { id: string; after: number; writer: string },
): Promise<void> {
  return db.transaction(async db => {
    const change = await takeChange(db, { after, writer })
    const dead = db('replicas').where({ id }).whereRaw('expires_at > clock_timestamp()')
    const removed = await db<InstanceRow>('instances')
      .where({ owner: id })
      .whereNotExists(dead)
      .delete(['id', 'namespace', 'agent', 'digest'])
    await forget(db, removed, { writer, change, why: () => 'gone' })
    await db('replicas').where({ id }).whereRaw('expires_at <= clock_timestamp()').delete()
  })
}

async function addManifests(db: Knex, { claims, manifestOf }: Batch): Promise<void> {
  const keys = claims.map(({ namespace, agent: name, digest }) => ({ namespace, name, digest }))
  const { rows } = await db.raw<{ rows: typeof keys }>(missingSql, [JSON.stringify(keys)])
  const manifests = rows.flatMap(key => {
    const manifest = manifestOf(key)
    return manifest ? [{ ...key, manifest: JSON.stringify(manifest) }] : []
  })
  if (manifests.length > 0) await db('manifests').insert(manifests)
}

async function remove(
  db: Knex,
  removals: Batch['removals'],
  { writer, change }: { writer: string; change: number },
): Promise<void> {
  const reasons = new Map(removals.map(({ id, why }) => [id, why]))
  const forced = removals.filter(({ isForced }) => isForced).map(({ id }) => id)
  const removed = await db<InstanceRow>('instances')
    .whereIn('id', [...reasons.keys()])
    .where(either => void either.where({ owner: writer }).orWhereIn('id', forced))
    .delete(['id', 'namespace', 'agent', 'digest'])
  await forget(db, removed, { writer, change, why: id => reasons.get(id) ?? 'gone' })
}

/** What tells the others of it, and the end of what nobody needs any more. */
async function forget(
  db: Knex,
  removed: readonly Removed[],
  { writer, change, why }: { writer: string; change: number; why: (id: string) => DeletionReason },
): Promise<void> {
  if (removed.length === 0) return
  const rows = removed.map(({ id }) => ({
    change,
    kind: 'instance',
    key: id,
    why: why(id),
    writer,
  }))
  await db.batchInsert('deletions', rows, 1_000)
  const keys = JSON.stringify(removed.map(({ agent, ...key }) => ({ ...key, name: agent })))
  await db.raw(
    `delete from manifests m using json_populate_recordset(null::manifests, ?::json) v
     where m.namespace = v.namespace and m.name = v.name and m.digest = v.digest and not exists
       (select from instances i where i.namespace = m.namespace and i.agent = m.name and i.digest = m.digest)`,
    [keys],
  )
  await db.raw(
    `delete from announced a using json_populate_recordset(null::announced, ?::json) v
     where a.namespace = v.namespace and a.name = v.name and not exists
       (select from instances i where i.namespace = a.namespace and i.agent = a.name)`,
    [keys],
  )
}
