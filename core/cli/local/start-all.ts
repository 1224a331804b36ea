/**
 * Starts the agents of a `meshctl start`: each when those it depends on are ready, a few at a time, since a process that
 * starts takes a core and many at once make all of them late. Says of each when it serves.
 */
import { availableParallelism } from 'node:os'
import { MeshError } from '../../model/error.ts'
import type { LocalAgent } from './local-agent.ts'

/** Processes that load at the same time. */
const AT_A_TIME = Math.max(4, 2 * availableParallelism())

/**
 * Resolves when all serve that were not stopped in the meantime; rejects with what kept the first one from it, and
 * starts no more then. `after` are the indexes of those that each one starts after.
 */
export async function startAll(
  agents: readonly LocalAgent[],
  after: readonly (readonly number[])[],
  say: (line: string) => void,
): Promise<void> {
  const turns = limit(AT_A_TIME)
  const ready: Promise<void>[] = []
  let count = 0
  let hasFailed = false
  const startOne = async (index: number): Promise<void> => {
    await Promise.all((after[index] ?? []).map(begin))
    const agent = agents[index]
    if (!agent) return
    await turns(async () => {
      if (hasFailed || agent.isStopped) return
      try {
        const { endpoint, instance } = await agent.start()
        const so = agents.length === 1 ? '' : `, ${++count} of ${agents.length}`
        say(`${agent.settings.name} ready at ${endpoint} (${instance})${so}`)
      } catch (error) {
        if (agent.isStopped) return
        hasFailed = true
        throw named(error, agent.settings.name)
      }
    })
  }
  function begin(index: number): Promise<void> {
    return (ready[index] ??= startOne(index))
  }
  await Promise.all(agents.map((_, index) => begin(index)))
}

/** The error with the agent that it is of, where it does not say so itself. */
function named(error: unknown, name: string): unknown {
  if (!(error instanceof MeshError) || error.message.includes(name)) return error
  const { code, message, mend, details } = error
  const options = { cause: error, ...(details ? { details } : {}) }
  return new MeshError(code, `agent "${name}": ${message}`, mend, options)
}

/** Runs what it is given, at most `most` at a time, in the order in which it came. */
function limit(most: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async task => {
    if (running >= most) await new Promise<void>(resolve => waiting.push(resolve))
    else running++
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
