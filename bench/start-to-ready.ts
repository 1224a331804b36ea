/**
 * From nothing to two agents Ready, as a newcomer starts them: `meshctl start examples/hello`, registry included, until it
 * says that the mesh is ready. The baseline is four bare `node` processes one after the other, two at a time: what those processes cost
 * at least (meshctl, the registry, two agents).
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageFile } from '../core/model/package-file.ts'
import { isQuick, median, quantile, report, round } from './measure.ts'
import { freePort } from '../test/support/mesh.ts'

const run = promisify(execFile)
const meshctl = packageFile('dist/core/cli/meshctl.js')
const ready: number[] = []
const bare: number[] = []
for (let i = 0; i < (isQuick ? 2 : 7); i++) {
  const home = await mkdtemp(join(tmpdir(), 'mesh-bench-'))
  const registry = `http://127.0.0.1:${await freePort()}`
  const env = { ...process.env, MESH_HOME: home, MESH_REGISTRY_URL: registry }
  let start: ReturnType<typeof spawn> | undefined
  try {
    const from = performance.now()
    start = spawn(process.execPath, [meshctl, 'start', packageFile('examples/hello')], { env })
    await says(start, 'mesh is ready')
    ready.push(performance.now() - from)
    const { stdout } = await run(process.execPath, [meshctl, 'list', '-o', 'json'], { env })
    const { items } = JSON.parse(stdout) as { items: { status: { phase: string } }[] }
    const phases = items.map(item => item.status.phase).join()
    if (phases !== 'Ready,Ready') throw new Error(`not both agents are Ready but ${phases}`)
  } finally {
    start?.kill('SIGTERM')
    if (start && start.exitCode === null) await once(start, 'exit')
    await rm(home, { recursive: true, force: true })
  }
  const from = performance.now()
  for (let pair = 0; pair < 2; pair++) {
    await Promise.all([run(process.execPath, ['-e', '0']), run(process.execPath, ['-e', '0'])])
  }
  bare.push(performance.now() - from)
}
report('start-to-ready', {
  runs: ready.length,
  p50Ms: round(median(ready), 0),
  maxMs: round(quantile(ready, 1), 0),
  bareNodeP50Ms: round(median(bare), 0),
  ratioToBareNode: round(median(ready) / median(bare)),
})

/** Resolves once its stdout has the text; rejects when it ends before that. */
async function says(child: ReturnType<typeof spawn>, text: string): Promise<void> {
  let seen = ''
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', chunk => {
      seen += String(chunk)
      if (seen.includes(text)) resolve()
    })
    child.stderr?.on('data', chunk => (seen += String(chunk)))
    child.once('exit', () => reject(new Error(`meshctl start ended early:\n${seen}`)))
  })
}
