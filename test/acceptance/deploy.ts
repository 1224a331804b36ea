/**
 * The Dockerfiles, followed step by step without a container engine: each stage is an empty folder, COPY copies, RUN runs,
 * ENV and CMD start the process, HEALTHCHECK is asked. What this cannot show is the base image; paths outside the
 * working folder (/data, /agent) are mapped into the sandbox.
 */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { callText } from '../support/call.ts'
import { agentFiles, createMesh, freePort, until } from '../support/mesh.ts'

const run = promisify(execFile)

/** Stages by their own text, as an engine's layer cache keeps them: both images have the same first stage. */
const built = new Map<string, string>()

interface Image {
  folder: string
  env: Record<string, string>
  command: string[]
  healthcheck: string[] | undefined
}

/** Follows a Dockerfile; instructions it does not know fail the test. */
async function build(t: Test, file: string, sandbox: string): Promise<Image> {
  const stages = new Map<string, string>()
  const image: Image = { folder: '', env: {}, command: [], healthcheck: undefined }
  let root = ''
  const inside = (path: string) =>
    path.startsWith('/') ? join(root, path) : join(image.folder, path)
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line && !line.startsWith('#'))
  const stageOf = (i: number) =>
    lines
      .slice(
        i,
        lines.findIndex((l, j) => j > i && /^FROM/.test(l)),
      )
      .join('\n')
  let isBuilt = false
  for (const [i, line] of lines.entries()) {
    const [, instruction, rest] = /^(\S+) (.*)$/.exec(line)!
    if (isBuilt && instruction !== 'FROM') continue
    switch (instruction) {
      case 'FROM': {
        const stage = / AS (\S+)$/.exec(rest!)?.[1] ?? 'final'
        const before = stage === 'final' ? undefined : built.get(stageOf(i))
        isBuilt = before !== undefined
        root = before ?? join(sandbox, stage)
        mkdirSync(root, { recursive: true })
        stages.set(stage, root)
        if (stage !== 'final') built.set(stageOf(i), root)
        break
      }
      case 'WORKDIR':
        image.folder = join(root, rest!)
        mkdirSync(image.folder, { recursive: true })
        break
      case 'COPY': {
        const [, stage, from, to] = /^(?:--from=(\S+) )?(\S+) (\S+)$/.exec(rest!)!
        if (stage) cpSync(join(stages.get(stage)!, from!), inside(to!), { recursive: true })
        else {
          // what git tracks is what a clean checkout has; .dockerignore leaves out the rest
          const tracked = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0')
          for (const path of tracked.filter(Boolean)) cpSync(path, join(image.folder, path))
        }
        break
      }
      case 'RUN':
        if (rest!.includes('/data')) mkdirSync(join(root, 'data'), { recursive: true })
        else await run('sh', ['-c', rest!], { cwd: image.folder })
        break
      case 'ENV':
        for (const [, key, value] of rest!.matchAll(/(\w+)=(\S+)/g))
          image.env[key!] = value!.startsWith('/') ? join(root, value!) : value!
        break
      case 'HEALTHCHECK':
        image.healthcheck = JSON.parse(rest!.slice(rest!.indexOf('['))) as string[]
        break
      case 'ENTRYPOINT':
      case 'CMD':
        image.command.push(...(JSON.parse(rest!) as string[]))
        break
      case 'USER':
      case 'VOLUME':
      case 'EXPOSE':
        break
      default:
        t.fail(`${file}: ${instruction} is not followed by this test`)
    }
  }
  return image
}

function start(t: Test, image: Image, env: NodeJS.ProcessEnv) {
  const [command, ...args] = image.command
  const child = spawn(command!, args, {
    cwd: image.folder,
    env: { ...env, ...image.env },
    stdio: 'ignore',
  })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

t.test('both images build and serve', { timeout: 300_000 }, async t => {
  const mesh = await createMesh(t)
  const image = await build(t, 'deploy/registry.Dockerfile', join(mesh.folder, 'registry'))
  const port = await freePort()
  const swap = (parts: string[]) => parts.map(part => part.replace('8000', String(port)))
  const token = 'a-token-of-the-test'
  const env = { ...mesh.env, MESH_TOKEN: token, MESH_REGISTRY_URL: `http://127.0.0.1:${port}` }

  const bare = { ...mesh.env, ...image.env }
  const [command, ...args] = swap(image.command)
  const refused = await run(command!, args, { cwd: image.folder, env: bare }).catch(
    (e: unknown) => e,
  )
  t.match(refused, { stderr: /MESH_BIND_UNSAFE/ }, 'without a token nothing but loopback is bound')

  start(t, { ...image, command: swap(image.command) }, env)
  const [node, ...check] = swap(image.healthcheck!)
  await until(() => run(node!, check).then(() => true), { what: 'the health check' })

  const runtime = await build(t, 'deploy/runtime.Dockerfile', join(mesh.folder, 'runtime'))
  const files = agentFiles('packed', {
    handler: 'return "from an image"',
    spec: `http: { port: ${await freePort()} }`,
  })
  const manifest = join(mesh.write('packed', files), 'mesh.yaml')
  const agent = runtime.command.map(part => part.replace('/agent/mesh.yaml', manifest))
  start(t, { ...runtime, command: agent }, env)
  const listed = await until(async () => {
    const { stdout } = await mesh.meshctl(['list', '-o', 'json'], { env })
    const [item] = (
      JSON.parse(stdout) as { items: { status: { instances: { endpoint: string }[] } }[] }
    ).items
    return item?.status.instances[0]
  })
  t.equal(await callText(listed.endpoint, 'packed'), 'from an image')
})
