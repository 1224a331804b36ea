/**
 * Tasks in Redis, shared by all instances of an agent. Each operation on a task is one script on its one key; which tasks
 * work stands in a hash of the agent, so that those of an owner that died are found. What a client says at another instance
 * stands in a list that the owner empties while it runs tasks. The keys name the agent, and lie in slots of their own.
 */
import type { RedisLink } from '../sessions/redis-link.ts'
import { hashOf } from '../sessions/redis-hash.ts'
import { keepAlive } from './redis-life.ts'
import * as scripts from './redis-scripts.ts'
import type { StoredTask, TaskChange, TaskStore, Written } from './store.ts'
import type { InputRequest, TaskSpec, TaskState, TaskStatus } from './task.ts'

/** How long a list of wakes is kept that nobody empties. */
const wakeMs = 60_000
const mostWakes = 1_000
const askPrefix = 'ask:'
const answerPrefix = 'in:'

export interface RedisTasks {
  link: RedisLink
  /** `namespace/name`. */
  agent: string
  /** The one that says it lives. */
  instance: string
}

export function redisTaskStore({ link, agent, instance }: RedisTasks): TaskStore {
  const index = `mesh:tasks:{${agent}}`
  const taskOf = (id: string) => `mesh:task:${agent}:{${id}}`
  const argsOf = (id: string) => `mesh:task-args:${agent}:{${id}}`
  const wakesOf = (owner: string) => `mesh:task-wakes:{${agent}}:${owner}`
  const life = keepAlive(link, agent, instance)
  const forget = (id: string) => link.run(['HDEL', index, id])
  const script = (text: string, id: string, args: readonly string[]) =>
    link.script(text, [taskOf(id)], args)
  const channel = `mesh:tasks-changed:${agent}`
  /** One that publishes what it changes. */
  const changing = (text: string, id: string, args: readonly string[]) =>
    script(text, id, [...args, channel, id])
  let tell: (id: string) => void = () => undefined

  /** Its next look finds what was written, or, where this is lost, its look every few seconds does. */
  async function wake(owner: unknown, id: string): Promise<void> {
    if (typeof owner !== 'string' || owner === '') return
    if (owner === instance) return tell(id)
    await link.run(['RPUSH', wakesOf(owner), id])
    await link.run(['PEXPIRE', wakesOf(owner), String(wakeMs)])
  }

  return {
    isShared: true,
    key: life.key,

    async create({ id, spec, owner, fence, args }) {
      await link.run(['HSET', index, id, owner])
      if (args !== undefined)
        await link.run(['SET', argsOf(id), args, 'PX', String(spec.deadline - spec.createdAt)])
      const fields = { spec: JSON.stringify(spec), owner, fence: String(fence), status: 'working' }
      const all = Object.entries({ ...fields, updated: String(spec.createdAt) }).flat()
      await script(scripts.createScript, id, [String(spec.ttlMs), ...all])
    },

    async read(id) {
      const fields = hashOf(await link.run(['HGETALL', taskOf(id)]))
      return fields.has('spec') ? storedOf(fields) : undefined
    },

    async write(id, fence, change) {
      const args = [String(fence), change.drop ?? '', ...changeArgs(change)]
      const written = (await changing(scripts.writeScript, id, args)) as Written
      if (written === 'kept' && change.status) {
        await forget(id)
        await link.run(['DEL', argsOf(id)])
      }
      return written
    },

    async cancel(id, message) {
      const owner = await changing(scripts.cancelScript, id, [String(Date.now()), message])
      if (typeof owner !== 'string') return false
      await wake(owner, id)
      await forget(id)
      await link.run(['DEL', argsOf(id)])
      return true
    },

    async answer(id, answers) {
      const pairs = [...answers].flatMap(([key, value]) => [key, JSON.stringify(value)])
      await wake(await changing(scripts.answerScript, id, [String(Date.now()), ...pairs]), id)
    },

    async answers(id) {
      const fields = hashOf(await link.run(['HGETALL', taskOf(id)]))
      return new Map(
        [...under(answerPrefix, fields)].map(([key, text]) => [key, JSON.parse(text) as unknown]),
      )
    },

    async release(id, fence) {
      await script(scripts.releaseScript, id, [String(fence)])
      await link.run(['HSET', index, id, ''])
    },

    async take(id, fence, me) {
      const taken = await changing(scripts.takeScript, id, [String(fence), me])
      if (taken === '') return undefined
      await link.run(['HSET', index, id, me])
      const args = await link.run(['GET', argsOf(id)])
      return { fence: Number(taken), args: typeof args === 'string' ? args : undefined }
    },

    working: async () => hashOf(await link.run(['HGETALL', index])),
    async forget(id) {
      await forget(id)
    },
    isAlive: life.isAlive,
    onWake(listener) {
      tell = listener
    },
    async listen() {
      const found = await link.run(['LPOP', wakesOf(instance), String(mostWakes)])
      if (Array.isArray(found)) for (const id of found) tell(String(id))
    },
    onChange: (changed, resumed) => link.subscribe(channel, changed, resumed),
    onBack: listener => link.onBack(listener),
    async close() {
      await life.end()
      await link.close()
    },
  }
}

function storedOf(fields: ReadonlyMap<string, string>): StoredTask {
  const answered = under(answerPrefix, fields)
  const asked = [...under(askPrefix, fields)].filter(([key]) => !answered.has(key))
  const result = fields.get('result')
  const error = fields.get('error')
  const progress = fields.get('progress')
  const state: TaskState = {
    status: (fields.get('status') ?? 'working') as TaskStatus,
    message: fields.get('message'),
    updatedAt: Number(fields.get('updated')),
    progress: progress === undefined ? undefined : (JSON.parse(progress) as TaskState['progress']),
    requests: new Map(asked.map(([key, text]) => [key, JSON.parse(text) as InputRequest])),
    outcome: result !== undefined ? { result } : error !== undefined ? { error } : undefined,
  }
  return {
    spec: JSON.parse(fields.get('spec') ?? '') as TaskSpec,
    state,
    owner: fields.get('owner') ?? '',
    fence: Number(fields.get('fence')),
  }
}

/** By what follows the prefix. */
function under(prefix: string, fields: ReadonlyMap<string, string>): Map<string, string> {
  const found = [...fields].filter(([name]) => name.startsWith(prefix))
  return new Map(found.map(([name, text]) => [name.slice(prefix.length), text]))
}

function changeArgs({ status, message, progress, outcome, ask }: TaskChange): string[] {
  const fields: Record<string, string | undefined> = {
    updated: String(Date.now()),
    status,
    message,
    progress: progress && JSON.stringify(progress),
    ...outcome,
    ...(ask && { [askPrefix + ask.key]: JSON.stringify(ask.request) }),
  }
  return Object.entries(fields).flatMap(([name, text]) => (text === undefined ? [] : [name, text]))
}
