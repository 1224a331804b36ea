// meshctl as people meet it: the real binary in a real terminal and in real shells, over a mesh of real processes.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { agentFiles, createMesh, until, type Mesh } from '../support/mesh.ts'
import { openTerminal } from '../support/terminal.ts'

const meshctl = join(process.cwd(), 'dist/core/cli/meshctl.js')

/** A mesh with two agents, and the environment of somebody who has meshctl in the PATH. */
async function inhabited(t: Test) {
  const mesh = await createMesh(t)
  await mesh.registry()
  const dependencies =
    'dependencies: { clock: { capability: tick }, poet: { capability: poem, required: false } }'
  await mesh.agent(agentFiles('clock', { tool: 'tick' }))
  const handler = 'ctx.progress(1, { total: 2, message: "half" }); return deps.clock(args)'
  await mesh.agent(agentFiles('hello', { tool: 'greet', toolSpec: dependencies, handler }))
  const bin = join(mesh.folder, 'bin')
  mkdirSync(bin)
  symlinkSync(meshctl, join(bin, 'meshctl'))
  symlinkSync(process.execPath, join(bin, 'node'))
  const env = {
    ...mesh.env,
    PATH: `${bin}:${process.env.PATH}`,
    HOME: mesh.folder,
    NO_COLOR: undefined,
  }
  return { mesh, env }
}

t.test('on a terminal there are colours, in a pipe and with NO_COLOR there are none', async t => {
  const { mesh, env } = await inhabited(t)
  const lines = ['status', 'graph', 'call nobody', 'explain agent.spec']
  for (const line of lines) {
    const terminal = openTerminal(t, `meshctl ${line}`, { env })
    const code = await terminal.ended
    t.match(terminal.screen(), /\u001b\[\d+m/, `${line}: colours`)
    const piped = await mesh.meshctl(line.split(' '))
    t.notMatch(piped.stdout + piped.stderr, /\u001b/, `${line}: none in a pipe`)
    t.equal(code, piped.code, line)
    const plain = openTerminal(t, `meshctl ${line}`, { env: { ...env, NO_COLOR: '1' } })
    await plain.ended
    t.notMatch(plain.screen(), /\u001b\[\d+m/, `${line}: none with NO_COLOR`)
  }
})

t.test('progress is told to people as it comes, the value to everybody', async t => {
  const { mesh, env } = await inhabited(t)
  const terminal = openTerminal(t, `meshctl call greet '{"a":1}'`, { env })
  t.equal(await terminal.ended, 0)
  t.match(terminal.text(), /1\/2 half\n\{\n {2}"a": 1\n\}/)
  t.match(await mesh.meshctl(['call', 'greet', '{"a":1}']), {
    stdout: '{\n  "a": 1\n}\n',
    stderr: '',
  })
  const { stdout } = await mesh.meshctl(['call', 'greet', '{"a":1}', '--raw'])
  const messages = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as object)
  t.match(messages, [
    { method: 'notifications/progress' },
    { result: { structuredContent: { a: 1 } } },
  ])
})

t.test('long work tells people how far it is, on one line that is gone at the end', async t => {
  const { mesh, env } = await inhabited(t)
  const person = { ...env, CI: undefined }
  const wait = ['wait', 'agent/hello', '--for', 'phase=Degraded', '--timeout', '600ms']
  const waiting = openTerminal(t, `meshctl ${wait.join(' ')} --timeout 5s`, { env: person })
  await waiting.sees(/waiting for agent\/hello to be in phase Degraded: it is Ready/)
  t.equal(await waiting.ended, 1)
  const rest = waiting.screen().slice(waiting.screen().lastIndexOf('waiting for'))
  t.match(rest, /^[^\n]*\r\u001b\[K.*error/, 'gone before the error is written')

  const many = mesh.write('many', Object.fromEntries(manyFiles(4_000)))
  const validating = openTerminal(t, `meshctl validate ${many}`, { env: person })
  await validating.sees(/checking file \d+ of 4000/)
  await validating.sees(/4000 agents are sound, 0 errors/)
  t.equal(await validating.ended, 0)
  t.equal(validating.screen().split('\n').length, 2, 'one line is left')

  for (const silent of [{ CI: '1' }, { NO_COLOR: '1' }]) {
    const terminal = openTerminal(t, `meshctl ${wait.join(' ')}`, { env: { ...person, ...silent } })
    t.equal(await terminal.ended, 1)
    t.notMatch(terminal.text(), 'waiting for', Object.keys(silent).join())
  }
  const piped = await mesh.meshctl(wait, { env: { CI: undefined } })
  t.notMatch(piped.stdout + piped.stderr, /waiting for|\r/)
})

/** As little of an agent as there is, in so many files. */
function* manyFiles(count: number): Generator<[string, string]> {
  yield ['h.js', 'export default () => 1\n']
  for (let i = 0; i < count; i++) {
    const tools = `[{ name: t${i}, handler: ./h.js }]`
    yield [
      `m${i}.mesh.yaml`,
      `apiVersion: mcp-mesh.dev/v1\nkind: Agent\nmetadata: { name: m${i} }\nspec: { version: 1.0.0, tools: ${tools} }\n`,
    ]
  }
}

t.test('a stack is for MESH_DEBUG only', async t => {
  const { env } = await inhabited(t)
  const wrong = openTerminal(t, 'meshctl call nobody', { env })
  t.equal(await wrong.ended, 4)
  t.notMatch(wrong.text(), /\n +at /)
  const debug = openTerminal(t, 'meshctl call nobody', { env: { ...env, MESH_DEBUG: '1' } })
  t.equal(await debug.ended, 4)
  t.match(debug.text(), /\n +at /)
})

t.test('top shows what runs, and draws a terminal anew', async t => {
  const { mesh, env } = await inhabited(t)
  await mesh.meshctl(['call', 'greet']) // what was never called has no figures
  const terminal = openTerminal(t, 'meshctl top -w --interval 200ms --by tools', { env })
  await terminal.sees(/TOOL +CALLS\/S[^]*clock:tick +0 /)
  for (let i = 0; i < 5; i++) await mesh.meshctl(['call', 'greet'])
  await terminal.sees(/clock:tick +[0-9.]*[1-9]/)
  t.match(terminal.screen(), '\u001b[H\u001b[2J')
  terminal.type('\u0003')
  t.equal(await terminal.ended, 0)
  const { stdout } = await mesh.meshctl([
    'top',
    'hel',
    '--by',
    'edges',
    '--interval',
    '50ms',
    '-o',
    'json',
  ])
  const { items } = JSON.parse(stdout) as { items: { name: string }[] }
  t.strictSame(items.map(({ name }) => name).sort(), [
    'hello.greet -> clock',
    'hello.greet -> poet',
  ])
  const all = await mesh.meshctl(['top', '--sort', 'memory', '--interval', '50ms'])
  t.match(all.stdout, /INSTANCE +CALLS\/S +ERRORS\/S.*MEMORY\n(?:clock|hello)-[^]* MiB/)
})

t.test('Ctrl-C in a terminal drains what was started, and leaves nothing', async t => {
  const mesh = await createMesh(t)
  const folder = mesh.write('echo', agentFiles('echo'))
  const terminal = openTerminal(t, `node ${meshctl} start ${folder}`, { env: mesh.env })
  await terminal.sees(/echo ready at[^]*mesh is ready/)
  terminal.type('\u0003')
  await terminal.sees(/stopping; once more ends everything at once/)
  t.equal(await terminal.ended, 0)
  await until(() => mesh.processes().length === 0, { what: 'the end of every process' })
})

/** How each shell is started, set up and asked. `listed` waits for a candidate that Tab lists. */
const shells: Record<string, { start: string; setUp: string }> = {
  bash: {
    start: 'bash --noprofile --norc -i',
    setUp: `PS1='$ '; bind 'set show-all-if-ambiguous on'; bind 'set bell-style none'; source <(meshctl completion bash)`,
  },
  zsh: {
    start: 'zsh -f -i',
    setUp: `PS1='$ '; autoload -Uz compinit; compinit -D -u; unsetopt beep; source <(meshctl completion zsh)`,
  },
  fish: {
    start: 'fish --no-config -i',
    setUp: `function fish_prompt; echo '$ '; end; meshctl completion fish | source`,
  },
}

for (const [shell, { start, setUp }] of Object.entries(shells)) {
  const isThere = has(shell)
  const skip = !isThere && !process.env.CI ? `${shell} is not installed` : false
  t.test(`${shell} completes commands, flags and the names that live`, { skip }, async t => {
    t.ok(isThere, `${shell} is installed`)
    const { mesh, env } = await inhabited(t)
    await completes(t, mesh, { shell, start, setUp, env })
  })
}

async function completes(
  t: Test,
  mesh: Mesh,
  {
    shell,
    start,
    setUp,
    env,
  }: { shell: string; start: string; setUp: string; env: NodeJS.ProcessEnv },
) {
  const out = join(mesh.folder, 'out')
  const terminal = openTerminal(t, start, { env, cwd: mesh.folder })
  terminal.type(`${setUp}\r`)
  terminal.type(
    'echo it-is-$((1+1))-set-up\r'.replace(
      '$((1+1))',
      shell === 'fish' ? '(math 1+1)' : '$((1+1))',
    ),
  )
  await terminal.sees(/it-is-2-set-up/)
  /** What the line became is read from a file: a screen is drawn in each shell's own way. */
  const line = async (keys: string, expected: string) => {
    writeFileSync(out, '')
    terminal.type(keys)
    terminal.type('\t')
    terminal.type(` > ${out}\r`)
    const isThere = () => readFileSync(out, 'utf8').includes(expected)
    t.ok(await until(isThere, { what: `what ${keys} became` }), `${shell}: ${keys}<Tab>`)
  }
  await line('meshctl vers', 'meshctl')
  await line('meshctl explain MESH_PORT_T', 'MESH_PORT_TAKEN')
  await line('meshctl wait agent/hel', 'agent/hello Ready')
  await line('meshctl call clock:ti', '{}')
  await line('meshctl list --output=js', '"items"')
}

function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
