/** The shared side of a store on PostgreSQL. */
import { randomBytes } from 'node:crypto'
import type { Knex } from 'knex'
import { postgresLink } from './postgres-link.ts'
import { changeFromRow, manifestFromRow, type ChangeRow, type ManifestRow } from './shared-rows.ts'
import type { SharedStore } from './shared-store.ts'
import { removeReplica, writeBatch } from './write-batch.ts'

/** One statement, so one snapshot: a thing that was deleted and came back is seen in this order, or not yet. */
const changesSql = `with seen as (
    select (select value from counters where name = 'change') as newest,
           (select value from counters where name = 'floor') as floor
  ), behind as (select case when ?::bigint < floor then 0 else ?::bigint end as change from seen)
  select 'agent' as kind, a.revision as change, row_to_json(a) as body
    from agents a where a.revision > (select change from behind)
  union all select 'announced', a.change, row_to_json(a)
    from announced a where a.change > (select change from behind)
  union all select 'instance', i.change, row_to_json(i)
    from instances i where i.change > (select change from behind) and i.writer <> ?
  union all select 'deletion', d.change, row_to_json(d)
    from deletions d where d.change > (select change from behind) and d.writer <> ?
  union all select 'seen', newest, json_build_object('floor', floor) from seen
  order by change, kind`

type Row = ChangeRow | { kind: 'seen'; change: string; body: { floor: number } }

const trimSql = `with trimmed as (
    delete from deletions where at < clock_timestamp() - ? * interval '1 second' returning change
  ) update counters set value = greatest(value, (select max(change) from trimmed))
    where name = 'floor' and exists (select from trimmed)`

export interface PostgresSharedOptions {
  url: string
  /** What a failure of the database becomes. */
  guard: <T>(work: () => Promise<T>) => Promise<T>
}

export function newReplicaId(): string {
  return randomBytes(8).toString('hex')
}

export function postgresShared(
  db: Knex,
  id: string,
  { url, guard }: PostgresSharedOptions,
): SharedStore {
  return {
    id,
    changesAfter: after =>
      guard(async () => {
        const { rows } = await db.raw<{ rows: Row[] }>(changesSql, [after, after, id, id])
        const items = rows.flatMap(row => (row.kind === 'seen' ? [] : [changeFromRow(row)]))
        const seen = rows.find(row => row.kind === 'seen')
        const isWhole = after === 0 || after < (seen?.body.floor ?? 0)
        return { items, newest: Number(seen?.change ?? 0), isWhole }
      }),
    manifests: keys =>
      guard(async () => {
        const { rows } = await db.raw<{ rows: ManifestRow[] }>(
          `select m.* from manifests m join json_populate_recordset(null::manifests, ?::json) v
           on m.namespace = v.namespace and m.name = v.name and m.digest = v.digest`,
          [JSON.stringify(keys)],
        )
        return rows.map(manifestFromRow)
      }),
    write: batch => guard(() => writeBatch(db, id, batch)),
    removeReplica: (dead, after) => guard(() => removeReplica(db, { id: dead, after, writer: id })),
    trim: seconds =>
      guard(async () => {
        await db.raw(trimSql, [seconds])
      }),
    connect: options => postgresLink(url, id, options),
  }
}
