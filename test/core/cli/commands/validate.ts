/** `meshctl validate` and `lock` on files: forms of output, each read by what reads it elsewhere, settings, fixes, the lock, what a change breaks. */
import { DOMParser } from '@xmldom/xmldom'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { fixText } from '../../../../core/cli/manifests/fix-files.ts'
import { cli } from '../../../support/cli.ts'

const agent = (name: string, tools: string, spec = '') => `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: ${name} }
spec:
  version: 1.0.0
${spec}  tools:
${tools}
`
const tool = (name: string, more = '') => `    - { name: ${name}, handler: ./h.js${more} }`
const asks = (more = '') => tool('ask', `, dependencies: { day: { capability: date${more} } }`)
const say = (more: string) => tool('date', more)
const outputs = (type: string) =>
  `, outputSchema: { type: object, properties: { text: { type: ${type} } }, required: [text] }`

/** A folder of agents by name; meshctl runs in it. */
function repository(t: Test, agents: Record<string, string>, more: Record<string, string> = {}) {
  const files: [string, string][] = Object.entries(agents).map(([name, text]) => [
    `${name}.mesh.yaml`,
    text,
  ])
  const cwd = t.testdir({
    '.git': {},
    nested: { '.git': {} },
    'h.js': 'export default () => 1\n',
    ...Object.fromEntries(files),
    ...more,
  })
  return {
    cwd,
    write: (name: string, text: string) => writeFileSync(join(cwd, name), text),
    read: (name: string) => readFileSync(join(cwd, name), 'utf8'),
    run: (...args: string[]) => cli([...args.map(arg => (arg === '.' ? cwd : arg))], { cwd }),
  }
}
const faulty = () => ({
  asker: agent('asker', asks(', version: ^2')),
  'clock & "co"': agent('clock', tool('date', ', description: "a\\u200bb", tags: [ü]')),
  sound: agent('sound', tool('sing')),
})

t.test('SARIF is what the official schema takes, with each place', async t => {
  const { run } = repository(t, faulty())
  const { code, out, err } = await run('validate', '.', '--format', 'sarif')
  t.equal(code, 3)
  t.equal(err, '', 'stdout is for programs, and nothing else is said')
  const schema = JSON.parse(
    readFileSync('node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json', 'utf8'),
  ) as Record<string, unknown>
  delete schema.$schema // draft-04, of which it uses nothing that later drafts read in another way
  delete schema.id
  const ajv = new Ajv({ strict: false, unicodeRegExp: false })
  addFormats.default(ajv)
  const validate = ajv.compile(schema)
  const log = JSON.parse(out) as { runs: { results: unknown[] }[] }
  t.ok(validate(log), JSON.stringify(validate.errors))
  t.notOk(validate({ ...log, version: '2.0.0' }), 'the schema refuses what is none')
  const found = log.runs[0]?.results
  t.match(found, [
    {
      ruleId: 'MESH_TAG_INVALID',
      ruleIndex: 0,
      level: 'error',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: /clock%20%26%20%22co%22\.mesh\.yaml$/ },
            region: { startLine: 7 },
          },
        },
      ],
    },
  ])
})

t.test(
  'JUnit is XML with a case for each finding, and one that passes for a sound file',
  async t => {
    const { run } = repository(t, {
      ...faulty(),
      odd: agent('odd', tool('sing', ', description: "<IMPORTANT> & \\u0001"')),
    })
    const { code, out } = await run('validate', '.', '-o', 'junit')
    t.equal(code, 3)
    const document = new DOMParser({
      onError: (level, message) => t.fail(`${level}: ${message}`),
    }).parseFromString(out, 'text/xml')
    const suites = [...document.getElementsByTagName('testsuite')]
    t.equal(suites.length, 4)
    const root = document.documentElement!
    t.equal(Number(root.getAttribute('failures')), document.getElementsByTagName('failure').length)
    t.equal(Number(root.getAttribute('tests')), document.getElementsByTagName('testcase').length)
    const named = suites.find(suite =>
      suite.getAttribute('name')?.endsWith('clock & "co".mesh.yaml'),
    )
    t.match(named?.getElementsByTagName('failure')[0]?.getAttribute('type'), /^MESH_/)
  },
)

t.test('GitHub gets a command for each finding, on one line', async t => {
  const { run } = repository(t, {
    asker: agent('asker', asks()),
    'b,c': agent('clock', tool('dates')),
  })
  const { out } = await run('validate', '.', '-o', 'github')
  t.match(
    out,
    /^::error file=[^,:]*asker\.mesh\.yaml,line=7,endLine=7,col=\d+,endColumn=\d+,title=MESH_DEPENDENCY_UNRESOLVED::no agent [^\n]*%0Amend: [^\n]*$/,
  )
  const sound = repository(t, { asker: agent('asker', asks()) })
  t.match(await sound.run('validate', '.', '-o', 'github'), { code: 0, out: '', err: '' })
})

t.test('every form says the same, and json has no more than it promises', async t => {
  const { run } = repository(t, faulty())
  const { items } = JSON.parse((await run('validate', '.', '-o', 'json')).out) as {
    items: object[]
  }
  t.ok(items.length > 0)
  for (const item of items)
    t.strictSame(Object.keys(item).sort(), [
      'code',
      'column',
      'endColumn',
      'endLine',
      'file',
      'line',
      'mend',
      'message',
      'severity',
    ])
  t.strictSame(parse((await run('validate', '.', '-o', 'yaml')).out), { items })
  t.match(await run('validate', '.', '-o', 'text'), { out: '', err: /error MESH_/ })
})

t.test('meshlint.yaml is found above, switches with a reason, and is checked itself', async t => {
  const rules = (severity: string) =>
    `rules:\n  - code: MESH_DEPENDENCY_UNRESOLVED\n    severity: ${severity}\n    reason: The clock is another team's.\n`
  const { run, write, cwd } = repository(t, {
    asker: agent('asker', asks()),
    other: agent('other', tool('sing')),
  })
  t.equal((await run('validate', '.')).code, 3)
  write('meshlint.yaml', rules('warning'))
  t.match(await run('validate', '.'), { code: 0, err: /2 agents are sound, 0 errors, 1 warning$/ })
  const below = await cli(['validate', cwd], { cwd: join(cwd, 'nested') })
  t.equal(below.code, 3, 'not past the root of a repository')
  write('meshlint.yaml', rules('off'))
  t.match(await run('validate', '.'), { code: 0, err: /2 agents are sound, 0 errors$/ })
  write('meshlint.yaml', rules('of'))
  t.match(await run('validate', '.'), {
    code: 3,
    err: /^meshlint\.yaml:3:15: error MESH_LINT_INVALID: severity "of" is none/,
  })
  write('meshlint.yaml', rules('off').replace('DEPENDENCY_UNRESOLVED', 'NAME_LONG'))
  write('clock.mesh.yaml', agent('clock', tool('date')))
  t.match(await run('validate', '.'), {
    code: 0,
    err: /meshlint\.yaml:2:11: note MESH_LINT_UNUSED/,
  })
})

t.test('--fix writes what is safe to mend, and leaves the rest as it was', async t => {
  const text = agent(
    'a',
    `${tool('x', ', timeout: 5 seconds, description: "Hé\u200bllo\u202e", version: v1.2.0')} # kept`,
  )
  const { run, read, write, cwd } = repository(t, {
    a: text,
    b: agent('b', tool('y', ', handle: z')),
  })
  chmodSync(join(cwd, 'a.mesh.yaml'), 0o640)
  const fixed = await run('validate', '.', '--fix')
  t.equal(fixed.code, 3, 'what is not safe to mend is told as before')
  t.match(
    fixed.err,
    /a\.mesh\.yaml: 2 places mended[^]*a\.mesh\.yaml: 1 place mended[^]*MESH_FIELD_UNKNOWN/,
  )
  t.equal(
    read('a.mesh.yaml'),
    agent('a', `${tool('x', ', timeout: 5s, description: "Héllo", version: 1.2.0')} # kept`),
  )
  t.equal(statSync(join(cwd, 'a.mesh.yaml')).mode & 0o777, 0o640)
  t.match(read('b.mesh.yaml'), 'handle: z')
  write('b.mesh.yaml', agent('b', tool('y')))
  t.match(await run('validate', '.', '--fix'), { code: 0, err: '2 agents are sound, 0 errors' })
})

t.test('a place whose text is another by now is left alone', async t => {
  const at = { line: 2, column: 4, endLine: 2, endColumn: 9 }
  const rest = {
    code: 'MESH_VERSION_INVALID',
    severity: 'error',
    message: '',
    mend: '',
    file: 'x',
  } as const
  const fix = { from: ['v1.0'], to: '1.0' }
  t.strictSame(fixText('a:\n  "v1.0" b', [{ ...rest, ...at, fix }]), {
    text: 'a:\n  "1.0" b',
    count: 1,
  })
  t.strictSame(fixText('a:\n  other', [{ ...rest, ...at, fix }]).count, 0)
})

t.test(
  'lock writes what the tools are, and --locked tells what differs and whom it breaks',
  async t => {
    const { run, write, read } = repository(t, {
      asker: agent('asker', asks(`, expects: { ${outputs('string').slice(2)} }`)),
      clock: agent('clock', say(outputs('string'))),
    })
    t.match(await run('validate', '.', '--locked'), {
      code: 3,
      err: /MESH_LOCK_INVALID: mesh\.lock does not exist/,
    })
    t.match(await run('lock', '.'), {
      code: 0,
      out: 'mesh.lock written: 2 tools, 1 filled dependencies',
    })
    const before = read('mesh.lock')
    t.match(await run('lock', '.'), { out: /^mesh\.lock is as it was/ })
    t.match(await run('validate', '.', '--locked'), {
      code: 0,
      err: '2 agents are sound, 0 errors',
    })
    write('clock.mesh.yaml', agent('clock', say(`${outputs('string')}, description: Now.`)))
    const drift = await run('validate', '.', '--locked')
    t.match(drift, {
      code: 3,
      err: /MESH_LOCK_DRIFTED: default\/clock\.date 1\.0\.0 is not what mesh\.lock says: it asks for a patch step\n +~ its description changed \(patch\)\n +no consumer/,
    })
    t.match(drift.err, /MESH_STEP_SHORT[^]*write version: 1\.0\.1 on the tool/)
    t.equal((await run('validate', '.')).code, 0, "without --locked it is nobody's matter")
    await run('lock', '.')
    t.not(read('mesh.lock'), before)
    write('mesh.lock', '{')
    t.match(await run('validate', '.', '--locked'), {
      code: 3,
      err: /MESH_LOCK_INVALID: mesh\.lock is no JSON/,
    })
  },
)

t.test('--against a folder fills dependencies, and tells what a change breaks there', async t => {
  const asker = agent('asker', asks(`, expects: { ${outputs('string').slice(2)} }`))
  const module = 'export default () => 1\n'
  const cwd = t.testdir({
    theirs: {
      'asker.mesh.yaml': asker,
      'clock.mesh.yaml': agent('clock', say(outputs('string'))),
      'h.js': module,
    },
    mine: { 'h.js': module },
  })
  const against = (text: string) => {
    writeFileSync(join(cwd, 'mine', 'mine.mesh.yaml'), text)
    return cli(['validate', join(cwd, 'mine'), '--against', join(cwd, 'theirs')], { cwd })
  }
  const mine = (more = '') => agent('mine', asks(more))
  t.match(await against(mine()), { code: 0, err: '1 agent is sound, 0 errors' })
  t.match(await against(mine(', version: ^3')), {
    code: 3,
    err: /MESH_VERSION_UNMET[^\n]*default\/clock\.date 1\.0\.0 \(in /,
  })
  const broken = await against(agent('clock', say(outputs('number'))))
  t.equal(broken.code, 3)
  t.match(
    broken.err,
    /mine\.mesh\.yaml:7:\d+: error MESH_CONSUMER_BROKEN: default\/asker\.ask in [^ ]* needs "day", which default\/clock\.date@1\.0\.0 fills; with this change nothing does: its result at "text" may be number/,
  )
  t.match(broken.err, /MESH_STEP_SHORT[^]*write version: 2\.0\.0/)
  const gone = await against(agent('clock', tool('other')))
  t.match(gone.err, /mine\.mesh\.yaml:3:\d+: error MESH_CONSUMER_BROKEN: .*it is gone/)
})

t.test(
  'the hook of the examples refuses a commit with a faulty manifest, and takes a sound one',
  async t => {
    const { cwd, write } = repository(t, {
      asker: agent('asker', asks(', version: ^2')),
      clock: agent('clock', tool('date')),
    })
    const git = (...args: string[]) =>
      spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
        cwd,
        encoding: 'utf8',
        env: {
          PATH: process.env.PATH,
          HOME: cwd,
          MESHCTL: `${process.execPath} --import ${join(process.cwd(), 'scripts/typescript.mjs')} ${join(process.cwd(), 'core/cli/meshctl.ts')}`,
        },
      })
    execFileSync('rm', ['-r', join(cwd, '.git'), join(cwd, 'nested')])
    git('init', '-q')
    cpSync('examples/ci/pre-commit', join(cwd, '.git/hooks/pre-commit'))
    git('add', '.')
    const refused = git('commit', '-qm', 'a')
    t.equal(refused.status, 1, 'git gives the verdict of the hook')
    t.match(
      refused.stderr,
      /^asker\.mesh\.yaml:7:\d+: error MESH_VERSION_UNMET/m,
      'places are those of the repository',
    )
    write('asker.mesh.yaml', agent('asker', asks()))
    t.equal(git('commit', '-qm', 'a').status, 1, 'what counts is what would be committed')
    git('add', '.')
    const taken = git('commit', '-qm', 'a')
    t.equal(taken.status, 0, taken.stderr)
  },
)

t.test('the workflow of the examples says what meshctl takes', async t => {
  const { jobs } = parse(readFileSync('examples/ci/validate-mesh.yml', 'utf8')) as {
    jobs: { validate: { steps: { name?: string; run?: string }[] } }
  }
  const step = (name: string) => jobs.validate.steps.find(each => each.name === name)?.run ?? ''
  const { cwd } = repository(t, faulty())
  const program = join(cwd, 'bin')
  execFileSync('mkdir', [program])
  writeFileSync(
    join(program, 'meshctl'),
    `#!/bin/sh\nexec "${process.execPath}" --import "${join(process.cwd(), 'scripts/typescript.mjs')}" "${join(process.cwd(), 'core/cli/meshctl.ts')}" "$@"\n`,
    { mode: 0o755 },
  )
  const run = (script: string) =>
    spawnSync('bash', ['-e', '-c', script], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${program}:${process.env.PATH}` },
    })
  const shown = run(step('Findings beside their lines'))
  t.equal(shown.status, 3, shown.stderr)
  t.match(shown.stdout, /^::error file=/m)
  t.equal(run(step('Report for code scanning')).status, 0)
  t.match(JSON.parse(readFileSync(join(cwd, 'mesh.sarif'), 'utf8')), { version: '2.1.0' })
})
