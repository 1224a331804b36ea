// Behaves as mesh-agent does towards its supervisor and does nothing else. A line `# fake: WORD` in the manifest says
// how: `fails` (an error before it is ready), `crashes` (ends without a word), `stubborn` (ignores SIGTERM), `parent` (has a
// child that holds its output).
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

const manifest = process.argv[process.argv.indexOf('--manifest') + 1]
const agent = process.argv[process.argv.indexOf('--agent') + 1]
const how = /# fake: (\w+)/.exec(readFileSync(manifest, 'utf8'))?.[1]
const log = msg => console.log(JSON.stringify({ level: 30, time: Date.now(), agent, msg }))
const alive = setInterval(() => undefined, 1_000)

const end = () => {
  log('drained')
  process.exit(0)
}
process.on('disconnect', end)
process.on('SIGTERM', () => how !== 'stubborn' && end())
if (how === 'fails') {
  const error = { code: 'MESH_HANDLER_FAILED', message: 'it threw "boom"', mend: 'mend it' }
  process.send({ type: 'failed', error }, () => process.exit(1))
} else if (how === 'crashes') {
  clearInterval(alive)
  console.error('Segmentation fault, or so')
  process.exit(7)
} else {
  if (how === 'parent') log(`child ${spawn('sleep', ['60'], { stdio: 'inherit' }).pid}`)
  log('serving')
  const endpoint = 'http://127.0.0.1:1/mcp'
  process.send({ type: 'ready', instance: `${agent.split('/')[1]}-1`, endpoint, pid: process.pid })
}
