import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { fakeRegistry } from '../support/fake-registry.ts'
import { callTool, eventually } from '../support/run-agents.ts'

const bin = fileURLToPath(new URL('../../runtime/bin/mesh-agent.ts', import.meta.url))
const hook = new URL('../../scripts/typescript.mjs', import.meta.url).href
const manifest = (port = 0) => `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: solo }
spec:
  version: 1.0.0
  http: { port: ${port} }
  tools:
    - { name: hi, handler: ./h.ts#hi }
    - { name: slow, handler: ./h.ts#slow }
    - { name: stray, handler: ./h.ts#stray }
`
const code = `
export const hi = (): string => 'hi'
export const slow = async (): Promise<string> => (await new Promise(r => setTimeout(r, 400)), 'done')
export const stray = () => { void Promise.reject(new Error('forgotten')); return 'ok' }
`

interface Message {
  type: string
  endpoint: string
  registry: string
  pid: number
  error: { code: string; message: string; mend: string }
}

function start(t: Test, args: string[], registryUrl = 'http://127.0.0.1:1') {
  const child = fork(bin, args, {
    ...{ execArgv: [`--import=${hook}`], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] as const },
    env: {
      ...process.env,
      MESH_REGISTRY_URL: registryUrl,
      MESH_TOKEN: 'reg-tok-3n',
      NODE_OPTIONS: '',
    },
  })
  t.teardown(() => child.kill('SIGKILL'))
  const output = collect(child)
  return {
    child,
    output,
    exited: once(child, 'exit'),
    message: once(child, 'message') as Promise<[Message]>,
  }
}

function collect(child: ChildProcess) {
  const output = { out: '', err: '' }
  child.stdout?.on('data', (chunk: Buffer) => (output.out += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (output.err += chunk.toString()))
  return output
}

t.test('serves, reports, finishes what runs on SIGTERM, leaves and exits 0', async t => {
  const registry = await fakeRegistry(t)
  const folder = t.testdir({ 'mesh.yaml': manifest(), 'h.ts': code })
  const { child, output, exited, message } = start(
    t,
    ['--manifest', `${folder}/mesh.yaml`],
    registry.url,
  )
  const [ready] = await message
  t.match(ready, {
    type: 'ready',
    registry: 'connected',
    pid: child.pid,
    endpoint: /^http:\/\/127/,
  })
  const { content } = await callTool(ready.endpoint, 'stray')
  t.equal(content[0]?.text, 'ok', 'a forgotten promise does not end the agent')
  await eventually(() => output.out.includes('forgotten'), 'it is logged')
  const running = callTool(ready.endpoint, 'slow')
  await new Promise(resolve => setTimeout(resolve, 100))
  child.kill('SIGTERM')
  t.equal((await running).content[0]?.text, 'done')
  t.strictSame(await exited, [0, null])
  t.equal(registry.calls.at(-1), 'DELETE /v1/instances/:id')
  const lines = output.out
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)
  t.match(lines[0], {
    level: 'info',
    msg: 'serving',
    agent: 'solo',
    instance: /^solo-[0-9a-f]{8}$/,
  })
  t.match(lines.at(-1), { msg: 'stopped' })
  t.notMatch(output.out + output.err, /reg-tok-3n/)
})

t.test('without a registry it serves; the end of its supervisor ends it', async t => {
  const folder = t.testdir({ 'mesh.yaml': manifest(), 'h.ts': code })
  const { child, exited, message } = start(t, [
    '--manifest',
    `${folder}/mesh.yaml`,
    '--agent',
    'default/solo',
  ])
  const [ready] = await message
  t.equal(ready.registry, 'unreachable')
  t.equal((await callTool(ready.endpoint, 'hi')).content[0]?.text, 'hi')
  child.disconnect()
  t.strictSame(await exited, [0, null])
})

t.test(
  'what keeps it from starting is told to its supervisor, with the exit code of the fault',
  async t => {
    const folder = t.testdir({
      'mesh.yaml': manifest(),
      'h.ts': code,
      'gone.yaml': manifest().replaceAll('h.ts', 'gone.ts'),
      'broken.yaml': manifest().replace('version', 'versoin'),
    })
    const blocker = start(t, ['--manifest', `${folder}/mesh.yaml`])
    const port = Number(new URL((await blocker.message)[0].endpoint).port)
    writeFileSync(`${folder}/taken.yaml`, manifest(port))
    const cases: [string[], number, object][] = [
      [[], 2, { code: 'MESH_USAGE_INVALID' }],
      [['--nope'], 2, { code: 'MESH_USAGE_INVALID' }],
      [['--manifest', `${folder}/none.yaml`], 3, { code: 'MESH_FILE_MISSING' }],
      [
        ['--manifest', `${folder}/broken.yaml`],
        3,
        { code: 'MESH_FIELD_UNKNOWN', message: /broken\.yaml:5:3: .*versoin/ },
      ],
      [
        ['--manifest', `${folder}/gone.yaml`],
        3,
        { code: 'MESH_MANIFEST_INVALID', message: /3 faults[^]*gone\.ts/ },
      ],
      [
        ['--manifest', `${folder}/mesh.yaml`, '--agent', 'x'],
        2,
        { message: /no agent "x"/, mend: /default\/solo/ },
      ],
      [
        ['--manifest', `${folder}/taken.yaml`],
        1,
        { code: 'MESH_PORT_TAKEN', message: /by agent "solo" \(pid \d+\)/ },
      ],
    ]
    for (const [args, exit, error] of cases) {
      const { message, exited } = start(t, args)
      const [failed] = await message
      t.match(failed, { type: 'failed', error }, JSON.stringify(failed))
      t.equal((await exited)[0], exit)
    }
    blocker.child.kill('SIGINT')
    t.strictSame(await blocker.exited, [0, null])
  },
)

t.test('without a supervisor failures go to stderr', async t => {
  const child = spawn(process.execPath, [`--import=${hook}`, bin], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = collect(child)
  t.strictSame(await once(child, 'close'), [2, null])
  t.equal(
    output.err,
    'error MESH_USAGE_INVALID: no manifest was given\nmend: write mesh-agent --manifest FILE [--policies FILE]... [--lock FILE] [--agent NAME] [--check]\n',
  )
})

t.test('a stop while a module is still loading ends the process at once', async t => {
  const folder = t.testdir({
    'mesh.yaml': manifest(),
    'h.ts': `process.send?.({ type: 'loading' })\nawait new Promise(() => undefined)\n${code}`,
  })
  const { child, message, exited } = start(t, ['--manifest', `${folder}/mesh.yaml`])
  await message
  const started = performance.now()
  child.kill('SIGTERM')
  t.strictSame(await exited, [0, null])
  t.ok(performance.now() - started < 2_000)
})
