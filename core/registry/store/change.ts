/**
 * The number of a change: each transaction that changes something takes the next one before anything else. The row stays
 * locked until it commits, so numbers become visible in their order, and who has read up to one has missed nothing.
 */
import type { Knex } from 'knex'

/** Channel on which the other registries over the same PostgreSQL hear of a change: `<writer> <number>`. */
export const CHANGES = 'mesh_changes'

export interface ChangeOptions {
  /** The number is above this one, and above all that were taken. */
  after: number
  /** Who changes something, where others are to hear of it. */
  writer: string | undefined
}

export async function takeChange(db: Knex, { after, writer }: ChangeOptions): Promise<number> {
  const taken = await db('counters')
    .where({ name: 'change' })
    .update({ value: db.raw('case when value < ? then ? else value end + 1', [after, after]) })
    .returning<{ value: number | string }[]>(
      writer === undefined
        ? ['value']
        : ['value', db.raw(`pg_notify(?, ? || ' ' || value)`, [CHANGES, writer])],
    )
  return Number(taken[0]?.value)
}
