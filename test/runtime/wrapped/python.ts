/**
 * A server in Python, by FastMCP from PyPI, its file unchanged. The packages go into a virtual environment of their own that
 * is made once. Where Python cannot make one the suite says in one line what to install; in CI that is a failure.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import { startAgent } from '../../../runtime/agent.ts'
import { createLog } from '../../../runtime/telemetry/log.ts'
import { callRaw } from '../../support/call.ts'
import { eventually } from '../../support/run-agents.ts'

const wanted = 'fastmcp==3.4.10'

/** The interpreter of an environment that has FastMCP; undefined where none can be made. */
function pythonWithFastmcp(t: Test): string | undefined {
  const folder = resolve('node_modules/.cache', wanted.replace('==', '-'))
  const done = join(folder, 'complete')
  const python = join(folder, 'bin/python')
  if (existsSync(done)) return python
  try {
    execFileSync('python3', ['-m', 'venv', '--clear', folder], { stdio: 'pipe' })
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', wanted], { stdio: 'pipe' })
    writeFileSync(done, '')
    return python
  } catch (error) {
    const reason = String((error as { stderr?: Buffer }).stderr ?? error)
      .trim()
      .split('\n')
      .at(-1)
    const message = `no Python with ${wanted} (${reason}): apt-get install python3-venv, and PyPI has to be reached`
    if (process.env.CI) t.fail(message)
    else t.comment(message)
    return undefined
  }
}

t.test('a FastMCP server in Python: its tools, values and errors', async t => {
  const python = pythonWithFastmcp(t)
  if (python === undefined) return
  const folder = mkdtempSync(join(tmpdir(), 'mesh-python-'))
  const manifest = join(folder, 'mesh.yaml')
  const spec = {
    version: '1.0.0',
    server: { command: [python, resolve('test/support/weather.py')] },
    tools: [{ name: 'forecast', capability: 'weather', annotations: { readOnlyHint: true } }],
  }
  const head = { apiVersion: 'mcp-mesh.dev/v1', kind: 'Agent', metadata: { name: 'weather' } }
  writeFileSync(manifest, stringify({ ...head, spec }))
  const lines: string[] = []
  const agent = await startAgent({
    ...{ manifest, registryUrls: ['http://127.0.0.1:9'], env: { PATH: process.env.PATH } },
    log: createLog('debug', line => lines.push(line)),
  })
  t.teardown(async () => {
    await agent.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const healthz = agent.endpoint.replace('/mcp', '/healthz')
  await eventually(async () => (await fetch(healthz)).ok, `there: ${lines.join('')}`, 60_000)
  const result = await callRaw(agent.endpoint, 'forecast', { city: 'Ōsaka', days: 2 })
  t.strictSame(result.structuredContent, {
    city: 'Ōsaka',
    days: [
      { day: 0, celsius: 20 },
      { day: 1, celsius: 21 },
    ],
  })
  const storm = await callRaw(agent.endpoint, 'storm', { city: 'Ōsaka' })
  t.match(storm, { isError: true, content: [{ text: /no storms in Ōsaka/ }] })
  const wrong = await callRaw(agent.endpoint, 'forecast', { days: 'many' })
  t.equal(wrong.isError, true)
  t.match(wrong.content[0]?.text, /city/)
})
