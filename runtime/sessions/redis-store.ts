/**
 * Sessions in Redis, shared by all instances of an agent. Each operation on a session is one script on its one key. An instance
 * says each second that it lives; nothing is renewed for each session, so idle ones cost nothing.
 */
import { randomBytes } from 'node:crypto'
import type { RedisLink } from './redis-link.ts'
import * as scripts from './redis-scripts.ts'
import type { Opened, SaveRequest, SessionStore } from './store.ts'

const aliveMs = 3_000
const beatMs = 1_000
/** How long an end is told from an expiry. */
const endedMs = 10 * 60_000
const keyName = 'mesh:session-key'
const keyOf = (id: string) => `mesh:session:${id}`
const aliveOf = (instance: string) => `mesh:instance:${instance}`
const valuePrefix = 'v:'

/** `instance` is the one that says it lives. */
export function redisStore(link: RedisLink, instance: string): SessionStore {
  const beat = () =>
    link.run(['SET', aliveOf(instance), '1', 'PX', String(aliveMs)]).catch(() => undefined) // the link logs it
  const timer = setInterval(() => void beat(), beatMs)
  timer.unref()
  void beat()
  /** Of this store, once it was asked for: a Redis that has lost it gets it back, else the handles that are out would be none. */
  let sealing: string | undefined
  link.onBack(() => {
    void beat()
    if (sealing !== undefined) link.run(['SET', keyName, sealing, 'NX']).catch(() => undefined) // the link logs it
  })

  return {
    async key() {
      const made = randomBytes(32).toString('base64')
      await link.run(['SET', keyName, made, 'NX'])
      sealing = String(await link.run(['GET', keyName]))
      return Buffer.from(sealing, 'base64')
    },

    async open({ id, me, ttlMs, create, takeOver }) {
      const args = [me.instance, me.url, String(ttlMs), create ? '1' : '0', String(takeOver ?? '')]
      return openedOf((await link.script(scripts.openScript, keyOf(id), args)) as string[])
    },

    async save(request) {
      const { id, me, fence, ttlMs, all } = request
      const args = [String(fence), String(ttlMs), ...changeArgs(request)]
      const answer = await link.script(scripts.saveScript, keyOf(id), args)
      if (answer !== 'missing') return answer === 'kept'
      const values = [...all].flatMap(([name, text]) => [valuePrefix + name, text])
      const lost = [me.instance, me.url, String(fence), String(ttlMs), ...values]
      return (await link.script(scripts.restoreScript, keyOf(id), lost)) === 1
    },

    async read(id) {
      const fields = await link.run(['HGETALL', keyOf(id)])
      const values = fieldsOf(fields)
      return values.has('fence') ? valuesOf(values) : undefined
    },

    async write(request) {
      const args = ['', String(request.ttlMs), ...changeArgs(request)]
      return (await link.script(scripts.saveScript, keyOf(request.id), args)) === 'kept'
    },

    async release(id, fence) {
      await link.script(scripts.releaseScript, keyOf(id), [String(fence)])
    },

    async end(id, fence) {
      await link.script(scripts.endScript, keyOf(id), [String(fence ?? ''), String(endedMs)])
    },

    isAlive: async other => (await link.run(['EXISTS', aliveOf(other)])) === 1,
    onBack: listener => link.onBack(listener),

    async close() {
      clearInterval(timer)
      await link.run(['DEL', aliveOf(instance)]).catch(() => undefined) // it expires by itself
      await link.close()
    },
  }
}

function openedOf([kind, fence = '0', ...rest]: string[]): Opened {
  switch (kind) {
    case 'owned':
      return { kind, fence: Number(fence), values: valuesOf(fieldsOf(rest)) }
    case 'elsewhere': {
      const [instance = '', url = ''] = rest
      return { kind, fence: Number(fence), owner: { instance, url } }
    }
    default:
      return { kind: 'missing', hasEnded: kind === 'ended' }
  }
}

function changeArgs({ changes }: Pick<SaveRequest, 'changes'>): string[] {
  const set: string[] = []
  const taken: string[] = []
  for (const [name, text] of changes) {
    if (text === undefined) taken.push(valuePrefix + name)
    else set.push(valuePrefix + name, text)
  }
  return [String(set.length / 2), ...set, ...taken]
}

/** Names and values in turn, or a map of them, as the client's protocol has it. */
function fieldsOf(reply: unknown): Map<string, string> {
  if (reply instanceof Map) return reply as Map<string, string>
  const flat = Array.isArray(reply) ? (reply as string[]) : Object.entries(reply ?? {}).flat()
  const fields = new Map<string, string>()
  for (let i = 0; i < flat.length; i += 2) fields.set(String(flat[i]), String(flat[i + 1]))
  return fields
}

function valuesOf(fields: ReadonlyMap<string, string>): Map<string, string> {
  const values = new Map<string, string>()
  for (const [name, text] of fields) {
    if (name.startsWith(valuePrefix)) values.set(name.slice(valuePrefix.length), text)
  }
  return values
}
