// No orphan after any signal, twenty times in a row: whoever gets it, whenever it comes.
import t from 'tap'
import { agentFiles, createMesh, until, type Mesh } from '../support/mesh.ts'

const nothingLeft = (mesh: Mesh) =>
  until(() => mesh.processes().length === 0, { what: 'the end of every process' })

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL', 'SIGQUIT'] as const
const ready = /mesh is ready: 2 agents/

t.test('twenty starts, each ended by another signal at another moment, leave nothing', async t => {
  const mesh = await createMesh(t)
  const consumer = agentFiles('a', { toolSpec: 'dependencies: { b: { capability: b } }' })
  const folders = [mesh.write('a', consumer), mesh.write('b', agentFiles('b'))]
  const pids = new Set<number>()
  for (let round = 0; round < 20; round++) {
    const signal = signals[round % signals.length]!
    const moment = [ready, /registry ready/, /b ready at/, ready][
      Math.floor(round / signals.length)
    ]!
    const run = mesh.spawn(['start', ...folders])
    pids.add(run.pid)
    await run.sees(moment)
    const { code } = await run.stop(signal)
    const isClean = signal === 'SIGINT' || signal === 'SIGTERM' || signal === 'SIGHUP'
    if (isClean) t.equal(code, 0, `round ${round}: ${signal} at ${moment}`)
    await nothingLeft(mesh)
    t.pass(`round ${round}: nothing runs after ${signal} at ${moment}`)
  }
  t.equal(pids.size, 20)
  t.match(await mesh.meshctl(['stop']), { code: 0, stdout: 'nothing is running\n' })
})

t.test('twice Ctrl-C ends at once what does not drain', async t => {
  const mesh = await createMesh(t)
  const handler = `ctx.log.info('began'); await new Promise(() => setInterval(() => {}, 1000))`
  const run = mesh.spawn(['start', mesh.write('stuck', agentFiles('stuck', { handler }))])
  await run.sees(/mesh is ready/)
  const call = mesh.spawn(['call', 'stuck'])
  await run.sees(/stuck +\| .*began/)
  process.kill(run.pid, 'SIGINT')
  process.kill(run.pid, 'SIGINT')
  const again = until(() => (mesh.processes().length <= 1 ? true : (tryKill(run.pid), false)), {
    what: 'the end of what is stuck',
  })
  t.ok(await again)
  t.equal((await run.ended).code, 1)
  await call.ended
  await nothingLeft(mesh)
})

/** Signals that come at once may become one. */
function tryKill(pid: number) {
  try {
    process.kill(pid, 'SIGINT')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

t.test('an agent that crashes over and over is started later each time', async t => {
  const mesh = await createMesh(t)
  const files = agentFiles('crash', { handler: 'setTimeout(() => process.exit(7)); return 1' })
  const run = mesh.spawn(['start', mesh.write('crash', files), '--auto-restart'])
  await run.sees(/mesh is ready/)
  const pauses: number[] = []
  for (let i = 1; i <= 4; i++) {
    await mesh.meshctl(['call', 'crash'])
    await run.sees(new RegExp(`(crash ended with code 7[^]*?){${i}}`))
    const from = performance.now()
    await run.sees(new RegExp(`(crash restarted, ready at[^]*?){${i}}`))
    pauses.push(performance.now() - from)
  }
  // What a start takes comes on top, and differs with the load of the machine; 60 ms are for seeing the end late.
  for (const [i, leastMs] of [100, 200, 400, 800].entries())
    t.ok(pauses[i]! >= leastMs - 60, `${pauses.map(Math.round).join(', ')} ms`)
  t.equal((await run.stop()).code, 0)
  await nothingLeft(mesh)
})

t.test('a consumer starts after its providers, and what it shows is counted', async t => {
  const mesh = await createMesh(t)
  const needs = (capability: string) => ({
    toolSpec: `dependencies: { it: { capability: ${capability} } }`,
  })
  const folders = [
    mesh.write('front', agentFiles('front', needs('middle'))),
    mesh.write('middle', agentFiles('middle', needs('back'))),
    mesh.write('back', agentFiles('back')),
  ]
  const run = mesh.spawn(['start', ...folders])
  await run.sees(
    /back ready at .*, 1 of 3\n[^]*middle ready at .*, 2 of 3\n[^]*front ready at .*, 3 of 3/,
  )
  await run.sees(/mesh is ready: 3 agents/)
  t.equal((await run.stop()).code, 0)
  await nothingLeft(mesh)
})

t.test('what a stop finds waiting for its providers is never started', async t => {
  const mesh = await createMesh(t)
  const slow = agentFiles('slow')
  slow['handler.ts'] =
    `await new Promise(resolve => setTimeout(resolve, 1500))\n${slow['handler.ts']}`
  const needs = { toolSpec: 'dependencies: { it: { capability: slow } }' }
  const run = mesh.spawn([
    'start',
    mesh.write('late', agentFiles('late', needs)),
    mesh.write('slow', slow),
  ])
  await run.sees(/registry ready/)
  await until(() => mesh.processes().length === 3, { what: 'the process of the slow one' })
  const { code, stdout } = await run.stop('SIGINT')
  t.equal(code, 0)
  t.notMatch(stdout, /late ready/)
  await nothingLeft(mesh)
})

t.test('a reload that the registry or the port refuses leaves what runs', async t => {
  const mesh = await createMesh(t)
  const { writeFileSync } = await import('node:fs')
  const taken = mesh.write('other', agentFiles('other'))
  const first = agentFiles('live', { handler: "return 'first'" })
  const folder = mesh.write('live', first)
  const run = mesh.spawn(['start', folder, taken, '--watch-files'])
  await run.sees(ready)
  const { stdout } = await mesh.meshctl(['get', 'instances', '-o', 'json'])
  const { items } = JSON.parse(stdout) as {
    items: { agent: string; pid: number; endpoint: string }[]
  }
  const pid = items.find(({ agent }) => agent === 'live')!.pid
  const port = new URL(items.find(({ agent }) => agent === 'other')!.endpoint).port
  const manifest = first['mesh.yaml']!
  writeFileSync(
    `${folder}/mesh.yaml`,
    manifest.replace('spec:', `spec:\n  http: { port: ${port} }`),
  )
  await run.sees(/live goes on as it was: MESH_PORT_TAKEN: port \d+ is taken by agent "other"/)
  const circle = 'dependencies: { it: { capability: other } }'
  writeFileSync(
    `${taken}/mesh.yaml`,
    agentFiles('other', { toolSpec: 'dependencies: { it: { capability: live } }' })['mesh.yaml']!,
  )
  await run.sees(/other changed: restarting it[^]*other ready at/)
  writeFileSync(`${folder}/mesh.yaml`, agentFiles('live', { toolSpec: circle })['mesh.yaml']!)
  await run.sees(/live goes on as it was: MESH_DEPENDENCY_CYCLE/)
  const call = await mesh.meshctl(['call', 'live'])
  t.match(call, { code: 0, stdout: 'first\n' })
  const now = await mesh.meshctl(['get', 'instances', '-o', 'json'])
  t.match(JSON.parse(now.stdout), {
    items: items.map(({ agent }) => ({ agent, ...(agent === 'live' ? { pid } : {}) })),
  })
  t.equal((await run.stop()).code, 0)
  await nothingLeft(mesh)
})
