// Command lines as users type them, right and wrong, to output and exit code; no process and no registry.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { commands, loadAll } from '../../../core/cli/commands.ts'
import { cliPage } from '../../../core/cli/help/help.ts'
import { renderError } from '../../../core/cli/main.ts'
import { MeshError } from '../../../core/model/error.ts'
import { cli } from '../../support/cli.ts'
import { freePort } from '../../support/mesh.ts'

t.test('help is printed for every command, with an example', async t => {
  for (const args of [[], ['--help'], ['-h'], ['help']]) {
    const { code, out } = await cli(args)
    t.equal(code, 0)
    t.match(out, 'usage: meshctl <command>')
  }
  for (const { name, examples } of await loadAll(commands)) {
    t.ok(examples.length > 0, `${name} has an example`)
    const { code, out } = await cli([name, '--help'])
    t.equal(code, 0)
    t.matchSnapshot(out, name)
    t.strictSame(await cli(['help', name]), { code: 0, out, err: '', said: '' })
  }
})

t.test('docs/cli.md is what the commands say of themselves', async t => {
  t.equal(
    readFileSync('docs/cli.md', 'utf8'),
    cliPage(await loadAll(commands)),
    'npm run generate writes it',
  )
})

t.test('what the command line gets wrong ends with 2 and how to write it', async t => {
  const cases: [string, string[]][] = [
    ['a command that is none', ['lst']],
    ['a command like no other', ['frobnicate']],
    ['help of a command that is none', ['help', 'lst']],
    ['a flag that is none', ['list', '--ouput', 'json']],
    ['a flag without its value', ['list', '-o']],
    ['a value that the flag does not take', ['list', '-o', 'xml']],
    ['too many arguments', ['version', 'all']],
    ['too few', ['get']],
    ['nothing to call', ['call']],
    ['a kind that is none', ['get', 'agnets']],
    ['nothing to start', ['start']],
    ['two ways at once', ['start', 'x', '--registry-only']],
    ['nothing to apply', ['apply']],
    ['nothing to delete', ['delete']],
    ['a kind that cannot be deleted', ['delete', 'instance', 'x']],
    ['an address that is none', ['list', '--registry-url', 'localhost:8000']],
    ['an address at which nobody can be', ['list', '--registry-url', 'http://127.0.0.1:0']],
    ['an address with a password', ['list', '--registry-url', 'http://me:hunter2@host:8000']],
    ['a duration that is none', ['call', 'x', '--timeout', '5']],
    ['a number that is none', ['logs', '--tail', 'ten']],
  ]
  const home = t.testdir()
  for (const [name, args] of cases) {
    const { code, out, err } = await cli(args, { env: { MESH_HOME: home } })
    t.equal(code, 2, name)
    t.equal(out, '')
    t.match(err, /^error MESH_USAGE_INVALID: .+\nmend: .+$/)
    t.matchSnapshot(err, name)
  }
})

t.test('the arguments of call are JSON, and a fault is named with its place', async t => {
  const cases: [string, string][] = [
    ['{a:1}', 'line 1, column 2'],
    ['{"a":', 'it ends too early, at line 1, column 6'],
    ['nope', 'line 1, column 2'],
    ['{"a":1}x', 'line 1, column 8'],
    ['{\n  "a": b}', 'line 2, column 8'],
    ['', 'line 1, column 1'],
    ['[1]', 'are a list, not an object'],
    ['null', 'are null, not an object'],
    ['3', 'are 3, not an object'],
  ]
  for (const [json, place] of cases) {
    const { code, err } = await cli(['call', 'x', json])
    t.equal(code, 2)
    t.match(err, place, json)
    const piped = await cli(['call', 'x', '-'], { input: json })
    t.match(piped.err, place, `${json} on stdin`)
  }
})

t.test('without a registry what needs one ends with 5 and says how to have one', async t => {
  const MESH_REGISTRY_URL = `http://127.0.0.1:${await freePort()}`
  const env = { MESH_REGISTRY_URL, MESH_HOME: t.testdir() }
  for (const args of [
    ['list'],
    ['get', 'agent', 'x'],
    ['call', 'x'],
    ['status'],
    ['list', '-o', 'json'],
  ]) {
    const { code, out, err } = await cli(args, { env })
    t.equal(code, 5)
    t.equal(out, '')
    t.match(err, `error MESH_REGISTRY_UNREACHABLE: no registry answers at ${MESH_REGISTRY_URL}`)
    t.match(err, 'mend: start one with meshctl start')
  }
  const flag = await cli(['list', '--registry-url', `${MESH_REGISTRY_URL}/`], { env: {} })
  t.match(flag.err, MESH_REGISTRY_URL, 'the flag names it as well as the variable')
})

t.test('version and explain need nothing', async t => {
  t.match(await cli(['version']), { code: 0, out: /^meshctl \d+\.\d+\.\d+$/ })
  t.match(await cli(['--version']), { code: 0, out: /^meshctl/ })
  t.match(JSON.parse((await cli(['version', '-o', 'json'])).out), { version: /^\d/ })
  t.match(await cli(['explain', 'mesh_port_taken']), {
    code: 0,
    out: /^MESH_PORT_TAKEN: .+\nmend: /,
  })
  t.match(JSON.parse((await cli(['explain', 'MESH_PORT_TAKEN', '-o', 'json'])).out), { exit: 1 })
  t.match(await cli(['explain', 'MESH_PORT_TAKE']), {
    code: 4,
    err: 'did you mean "MESH_PORT_TAKEN"?',
  })
})

t.test('a stack is shown for MESH_DEBUG only', async t => {
  const known = new MeshError('MESH_PORT_TAKEN', 'port 1 is taken', 'take 2', {
    details: { lines: ['one', 'two'] },
  })
  t.strictSame(renderError(known, false), [
    'error MESH_PORT_TAKEN: port 1 is taken',
    '  one',
    '  two',
    'mend: take 2',
  ])
  t.match(renderError(new TypeError('x is no function'), false), [
    'error MESH_INTERNAL_FAILED: x is no function',
    /^mend: set MESH_DEBUG=1/,
  ])
  t.match(renderError(new TypeError('x'), true).at(-1), /TypeError: x\n +at /)
})

t.test('on too old a Node there is one clear error and nothing else is loaded', async t => {
  const old =
    'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"18.20.1"}})'
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', './scripts/typescript.mjs', '--import', old, 'core/cli/meshctl.ts', 'list'],
    { encoding: 'utf8' },
  )
  t.equal(status, 1)
  t.equal(stdout, '')
  t.equal(
    stderr,
    'error MESH_NODE_UNSUPPORTED: this is Node.js 18.20.1, which is too old\nmend: install Node.js 20.19 or newer\n',
  )
})
