/**
 * Sessions in Redis, shared by all instances of an agent. Each operation on a session is one script on its one key; nothing is
 * renewed for each session, so idle ones cost nothing. The keys name the agent: agents that share a Redis share neither
 * sessions nor sealing keys, and of a cluster each session may lie on another node.
 */
import { keepLease } from './redis-lease.ts'
import { hashOf } from './redis-hash.ts'
import { sealingKeyOf } from './redis-key.ts'
import type { RedisLink } from './redis-link.ts'
import * as scripts from './redis-scripts.ts'
import type { Changes, Opened, Saved, SaveRequest, SessionStore } from './store.ts'

/** How long an end is told from an expiry. */
const endedMs = 10 * 60_000
/** What of a hash is ours and no field of the session. */
const own = new Set(['owner', 'url', 'fence', 'ended'])

/** `agent` is `namespace/name`; `instance` is the one that says it lives. */
export function redisStore(
  link: RedisLink,
  { agent, instance }: { agent: string; instance: string },
): SessionStore {
  const sealingKey = `mesh:session-key:{${agent}}`
  const keyOf = (id: string) => `mesh:session:${agent}:{${id}}`
  const aliveOf = (instance: string) => `mesh:instance:{${agent}}:${instance}`
  const birth = `mesh:session-birth:{${agent}}`
  const lease = keepLease(link, { alive: aliveOf(instance), birth })
  const script = async (text: string, id: string, ...args: (string | number)[]) =>
    link.script(text, [keyOf(id)], args.map(String))
  const key = sealingKeyOf(link, lease, sealingKey)

  /** The highest fence is that of the last owner; it wins, whoever comes first. */
  async function restore(request: SaveRequest, isBehind: boolean): Promise<Saved> {
    const { id, me, fence, ttlMs, all, heldSince, mayRestore } = request
    const hasLost = isBehind || (await lease.hasLost(heldSince))
    if (!hasLost || !mayRestore) return 'missing'
    if (!lease.hasRun(heldSince)) return 'moved' // somebody may have had it meanwhile
    const fields = [...all].flat()
    const args = [ttlMs, me.instance, fence, me.url, ...fields]
    return (await script(scripts.restoreScript, id, ...args)) as Saved
  }

  return {
    isShared: true,
    figures: link.figures,

    key,

    async open({ id, me, ttlMs, create, takeOver }) {
      const args = [me.instance, me.url, ttlMs, create ? 1 : 0, takeOver ?? '']
      const opened = openedOf((await script(scripts.openScript, id, ...args)) as string[])
      if (opened.kind !== 'missing' || opened.hasEnded) return opened
      await lease.hasLost(0) // so that a loss is known here too
      return lease.isSettling() ? { kind: 'settling' } : opened
    },

    async save(request) {
      const { id, me, fence, ttlMs, changes } = request
      const args = [ttlMs, me.instance, fence, ...changeArgs(changes)]
      const answer = await script(scripts.saveScript, id, ...args)
      const isBehind = answer === 'behind'
      return isBehind || answer === 'missing' ? restore(request, isBehind) : (answer as Saved)
    },

    settled: () => lease.settled(),

    async read(id) {
      const hash = hashOf(await link.run(['HGETALL', keyOf(id)]))
      return hash.has('fence') ? fieldsOf(hash) : undefined
    },

    async write({ id, ttlMs, changes }) {
      return (await script(scripts.saveScript, id, ttlMs, '', 0, ...changeArgs(changes))) === 'kept'
    },

    async release(id, me, fence) {
      await script(scripts.releaseScript, id, me.instance, fence)
    },

    async end(id, me, fence) {
      const by = fence === undefined ? '' : me.instance
      await script(scripts.endScript, id, by, fence ?? 0, endedMs)
    },

    isSure: since => lease.isSure(since),
    isAlive: async other => (await link.run(['EXISTS', aliveOf(other)])) === 1,
    async disown(other) {
      await link.run(['DEL', aliveOf(other)])
    },
    onBack: listener => lease.onBack(listener),

    async close() {
      await lease.close()
      await link.close()
    },
  }
}

function openedOf([kind, fence = '0', ...rest]: string[]): Opened {
  switch (kind) {
    case 'owned':
      return { kind, fence: Number(fence), fields: fieldsOf(hashOf(rest)) }
    case 'elsewhere': {
      const [instance = '', url = ''] = rest
      return { kind, fence: Number(fence), owner: { instance, url } }
    }
    default:
      return { kind: 'missing', hasEnded: kind === 'ended' }
  }
}

function changeArgs(changes: Changes): (string | number)[] {
  const set: string[] = []
  const taken: string[] = []
  for (const [name, text] of changes) {
    if (text === undefined) taken.push(name)
    else set.push(name, text)
  }
  return [set.length / 2, ...set, ...taken]
}

function fieldsOf(hash: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...hash].filter(([name]) => !own.has(name)))
}
