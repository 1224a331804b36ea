/**
 * An apply as one transaction: the agent, if nobody else changed it, its history, and the end of history that is too old.
 * The first statement writes, so that SQLite takes its lock at once and never has to give up half way.
 */
import type { Knex } from 'knex'
import { MeshError } from '../../model/error.ts'
import { rowFromAgent, rowFromRevision, type AgentRow, type RevisionRow } from './rows.ts'
import { KEPT_REVISIONS, type StoredAgent, type StoredRevision } from './store.ts'

export function saveRevisions(
  db: Knex,
  revisions: readonly StoredRevision[],
  expected: number,
): Promise<void> {
  const last = revisions.at(-1)
  if (!last) throw new Error('there is nothing to save')
  const { namespace, name, generation } = last
  return db.transaction(async db => {
    await saveAgent(db, last, expected)
    await db<RevisionRow>('revisions')
      .insert(revisions.map(rowFromRevision))
      .onConflict(['namespace', 'name', 'generation'])
      .merge()
    await db<RevisionRow>('revisions')
      .where({ namespace, name })
      .where('generation', '<=', generation - KEPT_REVISIONS)
      .delete()
  })
}

async function saveAgent(db: Knex, agent: StoredAgent, expected: number): Promise<void> {
  const { namespace, name } = agent
  const row = rowFromAgent(agent)
  if (expected === 0) {
    const inserted = await db<AgentRow>('agents')
      .insert(row)
      .onConflict(['namespace', 'name'])
      .ignore()
      .returning('name')
    if (inserted.length > 0) return
  } else {
    const count = await db<AgentRow>('agents')
      .where({ namespace, name, generation: expected })
      .update(row)
    if (count > 0) return
  }
  throw new MeshError(
    'MESH_GENERATION_CONFLICT',
    `agent "${name}" of namespace "${namespace}" was changed by somebody else`,
  )
}
