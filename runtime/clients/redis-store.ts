/**
 * Sessions of older clients in the Redis that an agent's instances share. A request of one costs one command; a session that has
 * asked for nothing has no key. Messages on the agent's channel wake whoever holds a stream or a question, which then reads;
 * after a break it reads without being told.
 */
import { hashOf } from '../sessions/redis-hash.ts'
import { sealingKeyOf } from '../sessions/redis-key.ts'
import { keepLease } from '../sessions/redis-lease.ts'
import type { RedisLink } from '../sessions/redis-link.ts'
import * as scripts from './redis-scripts.ts'
import {
  clientSessionMs,
  idleMs,
  longestAnswerMs,
  mostUris,
  type ClientStore,
  type Told,
} from './store.ts'

/** Whoever waits for an answer fetches it at once. */
const answerMs = 60_000

/** A place that is written again four times in its life. */
const placeMs = 24 * 60 * 60_000

/** `agent` is `namespace/name`; `instance` is this one, and `place` the URL at which the others reach it. */
export function redisClientStore(
  link: RedisLink,
  { agent, instance, place }: { agent: string; instance: string; place?: string },
): ClientStore {
  const channel = `mesh:clients:${agent}`
  const keyOf = (session: string) => `mesh:client:${agent}:{${session}}`
  const questionOf = (session: string, question: string) =>
    `mesh:client-question:${agent}:{${session}}:${question}`
  const aliveOf = (instance: string) => `mesh:client-instance:{${agent}}:${instance}`
  const lease = keepLease(link, {
    alive: aliveOf(instance),
    birth: `mesh:client-birth:{${agent}}`,
  })
  const textOf = (told: Told) => JSON.stringify({ from: instance, ...told })
  const changed = (session: string) => textOf({ kind: 'changed', session })
  const told: ((told: Told) => void)[] = []
  const back: (() => void)[] = []
  const placeKey = (of: string) => `mesh:client-place:{${agent}}:${of}`
  const putPlace = () => {
    if (place === undefined) return
    const args = ['SET', placeKey(instance), place, 'PX', String(placeMs)]
    link.run(args).catch(() => undefined) // the link logs it, and tells when it is back
  }
  const timer = setInterval(putPlace, placeMs / 4).unref()
  putPlace()
  back.push(putPlace)
  const resume = () => back.forEach(listener => listener())
  link.subscribe(channel, receive, resume)
  lease.onBack(resume)

  function receive(text: string): void {
    const message = JSON.parse(text) as Told & { from: string }
    if (message.from !== instance) for (const listener of told) listener(message)
  }

  const set = (session: string, field: string, value: string) =>
    link.script(
      scripts.setScript,
      [keyOf(session)],
      [String(idleMs), channel, changed(session), field, value, String(mostUris)],
    )
  const unset = async (session: string, field: string, only = '') => {
    const args = [channel, changed(session), field, only]
    await link.script(scripts.unsetScript, [keyOf(session)], args)
  }

  return {
    key: sealingKeyOf(link, lease, `mesh:client-key:{${agent}}`),
    async look(session) {
      const answer = await link.script(scripts.lookScript, [keyOf(session)], [String(idleMs)])
      const [ended, level] = answer as string[]
      return { hasEnded: ended === '1', logLevel: level || undefined }
    },
    async read(session) {
      const hash = hashOf(await link.run(['HGETALL', keyOf(session)]))
      const uris = [...hash.keys()].filter(name => name.startsWith(uriMark))
      return {
        hasEnded: hash.has('ended'),
        logLevel: hash.get('level'),
        uris: new Set(uris.map(name => name.slice(uriMark.length))),
        speaker: hash.get('speaker'),
      }
    },
    async setLogLevel(session, level) {
      await set(session, 'level', level)
    },
    subscribe: async (session, uri) => (await set(session, uriMark + uri, '1')) !== 'full',
    unsubscribe: (session, uri) => unset(session, uriMark + uri),
    async end(session) {
      const args = [String(clientSessionMs), channel, changed(session)]
      await link.script(scripts.endClientScript, [keyOf(session)], args)
    },
    async speak(session) {
      await set(session, 'speaker', instance)
    },
    hush: session => unset(session, 'speaker', instance),
    isAlive: async other => (await link.run(['EXISTS', aliveOf(other)])) === 1,
    async placeOf(other) {
      const text = await link.run(['GET', placeKey(other)])
      return typeof text === 'string' ? text : undefined
    },
    async restore(session, { logLevel, uris }) {
      const level = logLevel === undefined ? [] : ['level', logLevel]
      const fields = [...level, ...[...uris].flatMap(uri => [uriMark + uri, '1'])]
      await link.script(scripts.putBackScript, [keyOf(session)], [String(idleMs), ...fields])
    },
    async asks(session, question) {
      const key = questionOf(session, question)
      await link.run(['SET', key, '', 'NX', 'PX', String(longestAnswerMs)])
    },
    async answer(session, question, message) {
      const args = [String(answerMs), channel, textOf({ kind: 'answered', session, question })]
      const key = questionOf(session, question)
      const text = JSON.stringify(message)
      return (await link.script(scripts.answerScript, [key], [...args, text])) === 1
    },
    async answerTo(session, question) {
      const text = await link.run(['GET', questionOf(session, question)])
      return typeof text === 'string' && text !== '' ? (JSON.parse(text) as object) : undefined
    },
    async settle(session, question) {
      await link.run(['DEL', questionOf(session, question)])
    },
    async tell(message) {
      await link.run(['PUBLISH', channel, textOf(message)])
    },
    onTold: listener => void told.push(listener),
    onBack: listener => void back.push(listener),
    async close() {
      clearInterval(timer)
      if (place !== undefined) await link.run(['DEL', placeKey(instance)]).catch(() => undefined) // it expires by itself
      await lease.close()
      await link.close()
    },
  }
}

const uriMark = 'uri:'
