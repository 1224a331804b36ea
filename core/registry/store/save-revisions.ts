/**
 * An apply as one transaction: the agent, if nobody else changed it, its history, and the end of history that is too old.
 * The first statement writes, so that SQLite takes its lock at once and never has to give up half way.
 */
import type { Knex } from 'knex'
import { MeshError } from '../../model/error.ts'
import { takeChange, type ChangeOptions } from './change.ts'
import {
  rowFromAgent,
  rowFromRevision,
  type AgentRow,
  type DeletionRow,
  type RevisionRow,
} from './rows.ts'
import { KEPT_REVISIONS, type StoredAgent, type StoredRevision } from './store.ts'

/** Gives back the number of the change, which is the revision of the last. */
export function saveRevisions(
  db: Knex,
  revisions: readonly StoredRevision[],
  { expected, ...options }: ChangeOptions & { expected: number },
): Promise<number> {
  const [wanted, ...before] = [...revisions].reverse()
  if (!wanted) throw new Error('there is nothing to save')
  const { namespace, name, generation } = wanted
  return db.transaction(async db => {
    const revision = await takeChange(db, options)
    const last = { ...wanted, revision }
    await saveAgent(db, last, expected)
    if (expected === 0) await db('announced').where({ namespace, name }).delete()
    await db<RevisionRow>('revisions')
      .insert([...before.reverse(), last].map(rowFromRevision))
      .onConflict(['namespace', 'name', 'generation'])
      .merge()
    if (generation <= KEPT_REVISIONS) return revision
    await db<RevisionRow>('revisions')
      .where({ namespace, name })
      .where('generation', '<=', generation - KEPT_REVISIONS)
      .delete()
    return revision
  })
}

/** The agent and its history, whether it is there or not; what is left says that it was deleted. */
export function deleteAgent(
  db: Knex,
  { namespace, name }: { namespace: string; name: string },
  options: ChangeOptions,
): Promise<number> {
  return db.transaction(async db => {
    const change = await takeChange(db, options)
    for (const table of ['agents', 'revisions', 'announced']) {
      await db(table).where({ namespace, name }).delete()
    }
    if (options.writer !== undefined) {
      const { writer } = options
      const [kind, key, why] = ['agent', `${namespace}/${name}`, 'deleted']
      await db<DeletionRow>('deletions').insert({ change, kind, key, why, writer })
    }
    return change
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
