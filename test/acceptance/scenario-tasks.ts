/**
 * Tasks on real processes and a real Redis: the death of an owner, one that stood still, and a restart of the whole agent. What
 * ran is seen by the file that the handlers write to.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createMesh, until as eventually, type RunningAgent } from '../support/mesh.ts'
import { startRedis, type Redis } from '../support/redis.ts'
import { ask, begin, get, until } from '../support/tasks.ts'

const files = {
  'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: worker }
spec:
  version: 1.0.0
  tools:
    - &task
      name: once
      handler: ./work.ts#work
      task: { ttl: 10m, pollInterval: 100ms }
      inputSchema: { type: object, properties: { text: { type: string } } }
    - { <<: *task, name: again, annotations: { idempotentHint: true } }
`,
  // Ends when a file says so, and writes down who runs it.
  'work.ts': `import { appendFileSync, existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
export async function work({ text }: any, deps: any, { progress }: any) {
  const say = (word: string) => appendFileSync(\`\${text}.log\`, \`\${word} \${process.pid}\\n\`)
  say('begun')
  progress(1, { message: 'on its way' })
  while (!existsSync(\`\${text}.end\`)) await sleep(20)
  say('done')
  return { text, by: process.pid }
}
`,
}

async function fleet(t: Test, redis: Redis) {
  const mesh = await createMesh(t)
  await mesh.registry()
  const folder = mesh.write('worker', files)
  const start = () =>
    mesh.agent(`${folder}/mesh.yaml`, { env: { REDIS_URL: redis.url }, cwd: folder })
  /** What was written down, by word and pid. */
  const log = (text: string) => {
    const file = join(folder, `${text}.log`)
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  }
  const end = (text: string) => void mesh.write('worker', { [`${text}.end`]: '' })
  return { start, log, end }
}

const begun = (agent: RunningAgent) => `begun ${agent.pid}`
const soon = { timeoutMs: 30_000 }

t.test(
  'an owner is killed: what may be repeated runs again, the rest fails with a reason',
  async t => {
    const redis = await startRedis(t)
    if (!redis) return
    const { start, log, end } = await fleet(t, redis)
    const [one, two] = await Promise.all([start(), start()])
    const again = await begin(one.endpoint, 'again', { text: 'again' })
    const asked = await begin(one.endpoint, 'once', { text: 'asked' })
    const unasked = await begin(one.endpoint, 'again', { text: 'unasked' })
    await eventually(
      () => ['again', 'asked', 'unasked'].every(text => log(text).length === 1),
      soon,
    )
    await one.stop('SIGKILL')

    // Nobody asks for this one: the other instance looks by itself.
    await eventually(() => log('unasked').includes(begun(two)), soon)
    t.match(await until(two.endpoint, asked.taskId), {
      status: 'failed',
      error: {
        code: -32603,
        message: /the instance that ran "once" ended, and how much of the call it had done/,
        data: { code: 'MESH_TASK_LOST' },
      },
    })
    await until(two.endpoint, again.taskId, () => log('again').includes(begun(two)))
    end('again')
    end('unasked')
    for (const [text, { taskId }] of Object.entries({ again, unasked })) {
      const ended = await until(two.endpoint, taskId)
      t.match(ended.result?.structuredContent, { text, by: two.pid })
      t.strictSame(log(text), [begun(one), begun(two), `done ${two.pid}`], 'once more, not twice')
    }
    t.strictSame(log('asked'), [begun(one)], 'what may not be repeated is not')
  },
)

t.test('an owner that stood still and was superseded keeps nothing', async t => {
  const redis = await startRedis(t)
  if (!redis) return
  const { start, log, end } = await fleet(t, redis)
  const [one, two] = await Promise.all([start(), start()])
  const { taskId } = await begin(one.endpoint, 'again', { text: 'paused' })
  await eventually(() => log('paused').length === 1, soon)
  process.kill(one.pid, 'SIGSTOP')
  t.teardown(() => {
    try {
      process.kill(one.pid, 'SIGCONT')
    } catch {
      // it has ended
    }
  })
  await until(two.endpoint, taskId, () => log('paused').includes(begun(two)))
  process.kill(one.pid, 'SIGCONT')
  end('paused')
  const ended = await until(two.endpoint, taskId)
  t.match(ended, { status: 'completed', result: { structuredContent: { by: two.pid } } })
  await eventually(async () => {
    const text = await (await fetch(new URL('/metrics', one.endpoint))).text()
    return /^mesh_tasks_running 0$/m.test(text)
  }, soon)
  t.strictSame(await get(one.endpoint, taskId), ended, 'the first owner sees what the second said')
})

t.test(
  'an agent that was restarted has the results of before, and what it left has a reason',
  async t => {
    const redis = await startRedis(t)
    if (!redis) return
    const { start, log, end } = await fleet(t, redis)
    const first = await start()
    const done = await begin(first.endpoint, 'once', { text: 'done' })
    end('done')
    const ended = await until(first.endpoint, done.taskId)
    const left = await begin(first.endpoint, 'once', { text: 'left' })
    const cancelled = await begin(first.endpoint, 'again', { text: 'cancelled' })
    await eventually(() => log('left').length === 1 && log('cancelled').length === 1, soon)
    await first.stop('SIGKILL')

    const second = await start()
    t.strictSame(await get(second.endpoint, done.taskId), ended)
    await ask(second.endpoint, 'tasks/cancel', { taskId: cancelled.taskId })
    t.equal((await get(second.endpoint, cancelled.taskId)).status, 'cancelled')
    t.match(await until(second.endpoint, left.taskId), {
      ...{ status: 'failed', error: { data: { code: 'MESH_TASK_LOST' } } },
    })
  },
)
