// examples/hello as its README tells it, and its handlers as a unit test of a user would be.
import t from 'tap'
import { hello } from '../../examples/hello/hello-world/hello.ts'
import { date, info } from '../../examples/hello/system-agent/system.ts'
import { createMesh, until } from '../support/mesh.ts'

t.test('a handler is tested by calling it with plain functions', async t => {
  t.equal(await hello({}, { date: async () => 'a day' }), 'Hello from MCP Mesh! Today is a day')
  t.equal(await hello({}, {}), 'Hello from MCP Mesh! (date service not available yet)')
  t.match(date({ zone: 'Asia/Tokyo' }), /^\w+day, \w+ \d+, \d{4}$/)
  t.equal(date({}), date({ zone: 'UTC' }))
  t.match(info(), { node: process.version, uptimeSeconds: Number })
})

t.test('the example works as its README says', async t => {
  const mesh = await createMesh(t)
  const cwd = process.cwd()
  const ctl = async (...args: string[]) => {
    const done = await mesh.meshctl(args, { cwd })
    t.equal(done.code, 0, `meshctl ${args.join(' ')}: ${done.stderr}`)
    return done.stdout
  }
  const greeting = async () => (await ctl('call', 'hello_mesh_simple')).trim()
  const without = 'Hello from MCP Mesh! (date service not available yet)'
  const withDate = `Hello from MCP Mesh! Today is ${date({})}`

  await ctl('start', 'examples/hello/hello-world', '--detach')
  t.equal(await greeting(), without)
  await ctl('start', 'examples/hello/system-agent', '--detach')
  t.ok(await until(async () => (await greeting()) === withDate), 'with the date, and no restart')
  t.match(
    await ctl('get', 'edges'),
    /hello-world:hello_mesh_simple +date \(optional\) +date_service +system-agent/,
  )
  await ctl('stop', 'system-agent')
  t.ok(await until(async () => (await greeting()) === without), 'without it again')

  const applied = await ctl('apply', '-f', 'examples/hello/hello-world/apply.yaml', '--wait')
  t.equal(applied, 'agent/hello-world configured (generation 2)\n')
  const agent = JSON.parse(await ctl('get', 'agent', 'hello-world', '-o', 'json')) as object
  t.match(agent, {
    metadata: { generation: 2, origin: 'applied' },
    spec: { version: '1.1.0' },
    status: { observedGeneration: 2, instances: [{ state: 'ready', observedGeneration: 2 }] },
  })
  await ctl('delete', 'agent', 'hello-world')
  await ctl('stop')
  t.ok(await until(() => mesh.processes().length === 0))
})
