/** A server in Python, by FastMCP from PyPI, its file unchanged. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import { startAgent } from '../../../runtime/agent.ts'
import { createLog } from '../../../runtime/telemetry/log.ts'
import { callRaw } from '../../support/call.ts'
import { pythonWithFastmcp } from '../../support/installed.ts'
import { eventually } from '../../support/run-agents.ts'

t.test('a FastMCP server in Python: its tools, values and errors', async t => {
  const python = await pythonWithFastmcp(t)
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
    ...{ manifest, registryUrls: ['http://127.0.0.1:9'] },
    env: { MESH_HOME: folder, PATH: process.env.PATH },
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
