/**
 * README and docs, held to what they say: every command of README's shell blocks runs here as it stands, on a registry port
 * and a MESH_HOME of its own (`npm ci`, `npm test` and `npm run demo` are run by .ci/run); links lead somewhere.
 */
import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import t from 'tap'
import { createMesh } from '../support/mesh.ts'

const readme = readFileSync('README.md', 'utf8')
const section = (title: string) =>
  readme.split(/^## /m).find(part => part.startsWith(title)) ?? t.fail(`no section ${title}`)
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(m => m[1]!)

interface Outcome {
  code: number
  stdout: string
  stderr: string
}

function sh(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
  return new Promise(resolve => {
    execFile('sh', ['-c', command], { cwd, env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    )
  })
}

t.test('the programs may be run where they are, whatever npx remembers of the folder', async t => {
  const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    bin: Record<string, string>
  }
  for (const file of Object.values(bin)) t.equal(statSync(file).mode & 0o111, 0o111, file)
})

t.test('the commands under "Try it" work in this order and leave nothing running', async t => {
  const mesh = await createMesh(t)
  const seen: Record<string, string> = {}
  for (const command of blocks(section('Try it') as string, 'sh')[0]!
    .trim()
    .split('\n')) {
    const { code, stdout, stderr } = await sh(command, '.', mesh.env)
    t.equal(code, 0, `${command}\n${stdout}${stderr}`)
    seen[command.split(' ').slice(0, 3).join(' ')] = stdout
  }
  t.match(seen['npx meshctl list'], /hello-world.*Ready[^]*system-agent.*Ready/)
  t.match(seen['npx meshctl call'], 'Hello from MCP Mesh! Today is')
  t.match(seen['curl -s http://localhost:9090/mcp/'], 'Hello from MCP Mesh! Today is')
  t.strictSame(mesh.processes(), [])
})

t.test('the smallest agent is an agent', async t => {
  const mesh = await createMesh(t)
  const folder = resolve('node_modules/.cache/readme')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const text = section('The smallest agent') as string
  writeFileSync(join(folder, 'mesh.yaml'), blocks(text, 'yaml')[0]!)
  writeFileSync(join(folder, 'greet.js'), blocks(text, 'js')[0]!)
  for (const command of blocks(text, 'sh')[0]!.trim().split('\n')) {
    const { code, stdout, stderr } = await sh(command, folder, mesh.env)
    t.equal(code, 0, `${command}\n${stdout}${stderr}`)
    if (command.includes('call')) t.equal(stdout, 'Hello Ada\n')
  }
  t.strictSame(mesh.processes(), [])
})

t.test(
  'the two commands of the README are the ones that decide whether a change lands',
  async t => {
    const [first, second] = blocks(section('Two commands') as string, 'sh')[0]!
      .trim()
      .split('\n')
    const ci = readFileSync('.ci/run', 'utf8')
    for (const command of `${first} && ${second}`.split(' && '))
      t.match(ci, command.replace('npm run demo', 'npm run -s demo'))
  },
)

t.test('every link leads to a file', async t => {
  const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .map(name => join('docs', name))
  for (const file of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...docs]) {
    for (const [, link] of readFileSync(file, 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^https?:/.test(link!)) continue
      t.ok(existsSync(join(dirname(file), link!)), `${file} links to ${link}`)
    }
  }
})

t.test('what is generated is current', async t => {
  const { code, stdout } = await sh('npm run -s generate -- --check', '.', process.env)
  t.equal(code, 0, stdout)
})
