/** Scenario 8 on real processes: a provider whose health check says no is left alone by its consumers, and lives on. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { callText } from '../support/call.ts'
import { agentFiles, createMesh, until } from '../support/mesh.ts'

const check = (mood: string) => `import { readFileSync } from 'node:fs'
export async function check() {
  const mood = readFileSync(${JSON.stringify(mood)}, 'utf8')
  if (mood === 'throws') throw new Error('the check itself is broken')
  if (mood === 'hangs') await new Promise(() => undefined)
  return mood === 'sick' ? { ok: false, reason: 'the disk is full' } : mood !== 'no'
}
`
const dates = (name: string, version: string, spec = '') =>
  agentFiles(name, {
    tool: 'today',
    handler: `return ${JSON.stringify(name)}`,
    spec,
    toolSpec: `capability: date_service\nversion: ${version}`,
  })

t.test(
  '8: consumers move over while the check says no, and come back; the process lives',
  async t => {
    const mesh = await createMesh(t)
    const mood = join(mesh.folder, 'mood')
    const feel = (word: string) => writeFileSync(mood, word)
    feel('well')
    await mesh.registry()
    const preferred = await mesh.agent({
      ...dates(
        'first',
        '2.0.0',
        'health: { check: ./health.ts#check, interval: 50ms, timeout: 100ms }',
      ),
      'health.ts': check(mood),
    })
    await mesh.agent(dates('second', '1.0.0'))
    const consumer = await mesh.agent(
      agentFiles('consumer', {
        tool: 'ask',
        handler: 'return await deps.date({})',
        toolSpec: 'dependencies: { date: { capability: date_service } }',
      }),
    )
    const asksOf = (name: string) => until(async () => (await ask()) === name, { what: name })
    const ask = () => callText(consumer.endpoint, 'ask')
    const health = async (path: string) => {
      const response = await fetch(new URL(path, preferred.endpoint))
      const body = (await response.json()) as Record<string, unknown>
      return { code: response.status, status: body.status, reason: body.reason }
    }
    const instance = async () =>
      (await mesh.agents()).find(({ metadata }) => metadata.name === 'first')?.status.instances[0]

    let isOver = false
    const gaps: number[] = []
    const polling = (async () => {
      while (!isOver) {
        const { code } = await health('/livez').catch(() => ({ code: 0 }))
        if (code !== 200) gaps.push(code)
      }
    })()
    t.teardown(() => void (isOver = true))

    await asksOf('first')
    feel('sick')
    await asksOf('second')
    t.match(await health('/healthz'), {
      code: 503,
      status: 'unhealthy',
      reason: 'the disk is full',
    })
    t.match(await health('/readyz'), { code: 200 })
    t.match(await instance(), {
      state: 'unhealthy',
      reason: 'the disk is full',
      pid: preferred.pid,
    })
    t.match((await mesh.meshctl(['status'])).stdout, 'the disk is full')

    feel('well')
    await asksOf('first')
    t.match(await health('/healthz'), { code: 200 })
    t.match(await instance(), { state: 'ready', pid: preferred.pid })
    feel('no')
    await asksOf('second')
    feel('well')
    await asksOf('first')

    const failures = () => preferred.stdout().match(/health check failed/g)?.length ?? 0
    feel('throws')
    await preferred.sees(/the check itself is broken/)
    for (let i = 0; i < 20; i++)
      t.equal(await ask(), 'first', 'a check that throws does not withdraw')
    t.equal(failures(), 1, 'logged once, though it was asked again and again')
    feel('sick')
    await asksOf('second')
    feel('well')
    await asksOf('first')
    feel('hangs')
    await preferred.sees(/no answer in 100 ms/)
    t.equal(await ask(), 'first', 'one that hangs does not either')
    t.match(await instance(), { state: 'ready', pid: preferred.pid })
    isOver = true
    await polling
    t.strictSame(gaps, [], '/livez never gaps')
  },
)
