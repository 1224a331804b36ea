/** Which failures are the store's not answering, and what becomes of them. */
import { MeshError, messageOf } from '../../model/error.ts'
import { sleep } from '../../model/sleep.ts'

const BUSY_PAUSE_MS = 20
const BUSY_WITHIN_MS = 5_000

/**
 * A connection that fails is MESH_STORE_UNAVAILABLE; a statement that is wrong stays what it is. While another process
 * writes to the SQLite file the work is tried again: each piece is one statement or one transaction.
 */
export async function guard<T>(work: () => Promise<T>): Promise<T> {
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

/** Socket errors, PostgreSQL's classes 08, 28, 3D, 53, 57 and 25P03, Knex's timeout of its pool, and what SQLite says of its file. */
function isUnavailable(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof MeshError) return false
  if (error.name === 'KnexTimeoutError' || error instanceof AggregateError) return true
  const code = codeOf(error)
  if (/^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|EACCES|ENOENT|EROFS)/.test(code))
    return true
  if (/^((08|28|3D|53|57)[0-9A-Z]{3}|25P03)$/.test(code)) return true
  if (/^SQLITE_(BUSY|LOCKED|IOERR|FULL|READONLY|CORRUPT|CANTOPEN|NOTADB|PERM|AUTH)/.test(code))
    return true
  return /Connection (terminated|ended)|not queryable|unable to open database|timeout expired/i.test(
    error.message,
  )
}
