/**
 * `meshctl validate` of a whole repository, graph included, each size in a process of its own: time, memory, and the cost of a
 * manifest, which has to stay the same from 100 to 5,000. The baseline is one process that reads the same files and parses their
 * YAML by the library; that of a single file is a Node that runs nothing.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageFile } from '../core/model/package-file.ts'
import { isQuick, median, report, round } from './measure.ts'
import { writeMesh } from './validate-mesh.ts'

const run = promisify(execFile)
const meshctl = packageFile('dist/core/cli/meshctl.js')
const rounds = isQuick ? 1 : 5
/** Says on stderr, at its end, the most memory that the process held. */
const peak =
  'data:text/javascript,process.on("exit",()=>console.error("peak",process.resourceUsage().maxRSS))'
const yamlOnly = `
  import { readdirSync, readFileSync } from 'node:fs'
  import { parseAllDocuments } from ${JSON.stringify(import.meta.resolve('yaml'))}
  const root = process.argv[1]
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('mesh.yaml')) parseAllDocuments(readFileSync(root + '/' + name, 'utf8')).map(d => d.toJS())
`

interface Cost {
  ms: number
  mb: number
}

async function cost(args: readonly string[]): Promise<Cost> {
  const from = performance.now()
  const { stderr } = await run(process.execPath, ['--import', peak, ...args])
  const ms = performance.now() - from
  return { ms, mb: Number(/peak (\d+)/.exec(stderr)?.[1]) / 1024 }
}

async function typical(args: readonly string[]): Promise<Cost> {
  const costs: Cost[] = []
  for (let i = 0; i < rounds; i++) costs.push(await cost(args))
  return { ms: median(costs.map(({ ms }) => ms)), mb: median(costs.map(({ mb }) => mb)) }
}

const root = await mkdtemp(join(tmpdir(), 'mesh-bench-'))
try {
  const figures: Record<string, number> = {}
  const perManifest: number[] = []
  const one = await typical([
    meshctl,
    'validate',
    packageFile('examples/hello/hello-world/mesh.yaml'),
  ])
  const bare = await typical(['-e', '0'])
  figures.oneFileMs = round(one.ms, 0)
  figures.bareNodeMs = round(bare.ms, 0)
  for (const count of isQuick ? [100, 300] : [100, 1000, 5000]) {
    const folder = join(root, String(count))
    await writeMesh(folder, count)
    const ours = await typical([meshctl, 'validate', folder])
    const yaml = await typical(['--input-type=module', '-e', yamlOnly, folder])
    // What a process costs before it has read anything is paid once.
    perManifest.push((ours.ms - one.ms) / count)
    figures[`ms${count}`] = round(ours.ms, 0)
    figures[`mb${count}`] = round(ours.mb, 0)
    figures[`msPerManifest${count}`] = round((ours.ms - one.ms) / count, 3)
    figures[`ratioToYaml${count}`] = round(ours.ms / yaml.ms)
  }
  const [first = NaN] = perManifest
  figures.growth = round((perManifest.at(-1) ?? NaN) / first)
  report('validate', { rounds, ...figures })
} finally {
  await rm(root, { recursive: true, force: true })
}
