/** What `npm pack` makes, installed into an empty project: meshctl works, `mcp-mesh/runtime` loads, nothing needs a build. */
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { agentFiles, createMesh } from '../support/mesh.ts'

const run = promisify(execFile)

t.test('the packed package works in an empty project', { timeout: 180_000 }, async t => {
  const mesh = await createMesh(t)
  const project = join(mesh.folder, 'project')
  mkdirSync(project)
  const pack = await run('npm', [
    'pack',
    '--json',
    '--ignore-scripts',
    '--pack-destination',
    mesh.folder,
  ])
  const [packed] = JSON.parse(pack.stdout) as { filename: string; files: { path: string }[] }[]
  const paths = packed!.files.map(file => file.path)
  for (const needed of [
    'dist/runtime/typescript-hook.mjs',
    'schemas/agent.schema.json',
    'manifests/policies/default.yaml',
  ])
    t.ok(paths.includes(needed), `${needed} is packed`)
  t.strictSame(
    paths.filter(path => /^(test|bench|core|runtime|dist\/test)\//.test(path)),
    [],
    'no sources, no tests',
  )

  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }')
  const install = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund']
  await run('npm', [...install, join(mesh.folder, packed!.filename)], {
    cwd: project,
    env: mesh.env,
  })
  const inProject = (command: string, args: string[]) =>
    run(command, args, { cwd: project, env: mesh.env })

  t.match((await inProject('npx', ['meshctl', 'version'])).stdout, /0\.1\.0/)
  mesh.write('project', agentFiles('adder', { tool: 'add', handler: 'return args.a + args.b' }))
  t.teardown(() => inProject('npx', ['meshctl', 'stop']))
  await inProject('npx', ['meshctl', 'start', '.', '--detach'])
  t.equal((await inProject('npx', ['meshctl', 'call', 'add', '{"a":1,"b":2}'])).stdout, '3\n')
  await inProject('npx', ['meshctl', 'stop'])

  const script = `
    import { startAgent } from 'mcp-mesh/runtime'
    import schema from 'mcp-mesh/schemas/agent.schema.json' with { type: 'json' }
    import * as mesh from 'mcp-mesh'
    console.log(typeof startAgent, schema.title, Object.keys(mesh).length > 0)`
  const args = ['--no-warnings', '--input-type=module', '-e', script]
  t.equal((await inProject(process.execPath, args)).stdout, 'function Agent true\n')
})
