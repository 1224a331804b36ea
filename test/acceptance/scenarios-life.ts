/** Scenarios of discovery and life on real processes: registry, agents, SIGKILL, restarts. Numbers are SCENARIOS.md's. */
import t from 'tap'
import { callText } from '../support/call.ts'
import { agentFiles, createMesh, isRunning, until, type Mesh } from '../support/mesh.ts'

const date = (text: string) =>
  agentFiles('dates', { tool: 'date_service', handler: `return ${JSON.stringify(text)}` })
const greeter = (settle = '1ms') =>
  agentFiles('greeter', {
    tool: 'greet',
    handler: 'return deps.date ? `today is ${await deps.date({})}` : "no date"',
    spec: `settle: ${settle}`,
    toolSpec: 'dependencies: { date: { capability: date_service, required: false } }',
  })
const counts = async (mesh: Mesh) =>
  (await mesh.agents())
    .map(a => `${a.metadata.name}:${a.status.instances.length}:${a.status.phase}`)
    .sort()
    .join(' ')

t.test(
  '1: an agent that starts is listed Ready with name, capability, tags, version, endpoint',
  async t => {
    const mesh = await createMesh(t)
    await mesh.registry()
    t.strictSame(await mesh.agents(), [], 'empty at first')
    const files = agentFiles('greeter', {
      tool: 'greet',
      handler: 'return "hi"',
      toolSpec: 'capability: greeting\nversion: 1.4.2\ntags: [demo, english]',
    })
    const agent = await mesh.agent(files)
    const [listed, ...others] = await mesh.agents()
    t.same(others, [])
    t.match(listed, {
      kind: 'Agent',
      metadata: { name: 'greeter', namespace: 'default', generation: 1 },
      spec: {
        version: '1.0.0',
        tools: [{ capability: 'greeting', version: '1.4.2', tags: ['demo', 'english'] }],
      },
      status: {
        phase: 'Ready',
        instances: [
          { id: agent.instance, endpoint: agent.endpoint, state: 'ready', pid: agent.pid },
        ],
        conditions: [{ type: 'Ready', status: 'True' }],
      },
    })
    const table = await mesh.meshctl(['list', '-o', 'wide'])
    for (const part of ['greeter', 'Ready', 'greeting', '1.0.0', agent.endpoint])
      t.match(table.stdout, part)
  },
)

t.test(
  '2: without its registry a wired pair goes on, and meshctl says so with exit code 5',
  async t => {
    const mesh = await createMesh(t)
    const registry = await mesh.registry()
    await mesh.agent(date('Monday'))
    const consumer = await mesh.agent(greeter())
    await until(async () => (await callText(consumer.endpoint, 'greet')) === 'today is Monday')
    await registry.stop('SIGKILL')
    for (let i = 0; i < 20; i++)
      t.equal(await callText(consumer.endpoint, 'greet'), 'today is Monday')
    const list = await mesh.meshctl(['list'])
    t.equal(list.code, 5)
    t.match(list.stderr, 'MESH_REGISTRY_UNREACHABLE')
    t.match(list.stderr, mesh.registryUrl)
    t.equal(list.stdout, '')
  },
)

t.test(
  '3: a registry that restarts empty gets everybody back, edges too, and no call fails',
  async t => {
    const mesh = await createMesh(t)
    let registry = await mesh.registry(['--store', 'memory'])
    const provider = await mesh.agent(date('Monday'))
    const consumer = await mesh.agent(greeter())
    await until(async () => (await callText(consumer.endpoint, 'greet')) === 'today is Monday')
    const answers = new Set<string>()
    let calling = true
    const caller = (async () => {
      while (calling) answers.add(await callText(consumer.endpoint, 'greet'))
    })()
    await registry.stop('SIGKILL')
    registry = await mesh.registry(['--store', 'memory'])
    await until(async () => (await counts(mesh)) === 'dates:1:Ready greeter:1:Ready')
    const [dates, greet] = (await mesh.agents()).sort((a, b) =>
      a.metadata.name.localeCompare(b.metadata.name),
    )
    t.equal(dates?.status.instances[0]?.pid, provider.pid, 'the same process')
    t.equal(greet?.status.instances[0]?.pid, consumer.pid, 'the same process')
    await until(async () => {
      const agents = await mesh.agents()
      return (
        agents.find(a => a.metadata.name === 'greeter')?.status.resolutions[0]?.endpoints[0]
          ?.url === provider.endpoint
      )
    })
    calling = false
    await caller
    t.strictSame([...answers], ['today is Monday'], 'the edge never went away')
  },
)

t.test(
  '4: an agent that is stopped drains, leaves at once, and no call of its consumers fails',
  async t => {
    const mesh = await createMesh(t)
    await mesh.registry()
    const slow = agentFiles('dates', {
      tool: 'date_service',
      handler: 'await new Promise(r => setTimeout(r, args.ms ?? 0)); return "Monday"',
    })
    const provider = await mesh.agent(slow)
    const consumer = await mesh.agent(greeter())
    t.equal(await callText(consumer.endpoint, 'greet'), 'today is Monday')
    const answers: string[] = []
    let calling = true
    const caller = (async () => {
      while (calling) answers.push(await callText(consumer.endpoint, 'greet').catch(String))
    })()
    const running = callText(provider.endpoint, 'date_service', { ms: 1_500 })
    await until(() => answers.length > 10)
    const stopped = provider.stop()
    await until(() => answers.includes('no date'))
    t.ok(isRunning(provider.pid), 'consumers are rewired while it still drains')
    t.equal(await running, 'Monday', 'what ran was finished')
    t.equal((await stopped).code, 0)
    t.equal(await counts(mesh), 'greeter:1:Ready', 'gone from the list at once')
    calling = false
    await caller
    t.equal(answers.at(-1), 'no date')
    t.strictSame([...new Set(answers)], ['today is Monday', 'no date'], 'no call failed')
  },
)

t.test(
  '5: after SIGKILL consumers stop picking it within 500 ms, and a second instance never fails',
  async t => {
    const mesh = await createMesh(t)
    await mesh.registry()
    const folder = mesh.write('dates', date('Monday'))
    const first = await mesh.agent(`${folder}/mesh.yaml`)
    const second = await mesh.agent(`${folder}/mesh.yaml`)
    const consumer = await mesh.agent(greeter())
    await until(async () => {
      const agents = await mesh.agents()
      return (
        agents.find(a => a.metadata.name === 'greeter')?.status.resolutions[0]?.endpoints.length ===
        2
      )
    })
    const failures: string[] = []
    let calls = 0
    let calling = true
    const caller = (async () => {
      while (calling) {
        const text = await callText(consumer.endpoint, 'greet').catch(
          (error: Error) => error.message,
        )
        calls++
        if (text !== 'today is Monday') failures.push(text)
      }
    })()
    await until(() => calls > 20)
    const killed = performance.now()
    process.kill(first.pid, 'SIGKILL')
    await until(async () => {
      const agents = await mesh.agents()
      const endpoints = agents.find(a => a.metadata.name === 'greeter')?.status.resolutions[0]
        ?.endpoints
      return endpoints?.length === 1 && endpoints[0]?.url === second.endpoint
    })
    const rewiredMs = performance.now() - killed
    t.comment(`rewired ${rewiredMs.toFixed(0)} ms after SIGKILL`)
    t.ok(rewiredMs < 500, `within the bound: ${rewiredMs.toFixed(0)} ms`)
    const from = calls
    await until(() => calls > from + 50)
    calling = false
    await caller
    t.strictSame(
      failures.filter(text => text === 'no date'),
      [],
      'the dependency never went away',
    )
    t.ok(
      failures.length <= 1,
      `at most the one call that ran in the killed process: ${failures.join('; ')}`,
    )
    if (failures[0])
      t.match(failures[0], 'MESH_CALL_INTERRUPTED', 'and it says that it may have run')
    t.notOk(isRunning(first.pid))
  },
)

t.test(
  '6: join, leave, rejoin: the counts are right at every step, and nobody who left is listed',
  async t => {
    const mesh = await createMesh(t)
    await mesh.registry()
    const folder = mesh.write('dates', date('Monday'))
    for (let round = 0; round < 3; round++) {
      const one = await mesh.agent(`${folder}/mesh.yaml`)
      t.equal(await counts(mesh), 'dates:1:Ready')
      const two = await mesh.agent(`${folder}/mesh.yaml`)
      t.equal(await counts(mesh), 'dates:2:Ready')
      await one.stop()
      t.equal(await counts(mesh), 'dates:1:Ready')
      await two.stop('SIGKILL')
      await until(async () => (await counts(mesh)) !== 'dates:1:Ready', { timeoutMs: 5_000 })
      await until(async () => (await counts(mesh)) === '', {
        timeoutMs: 20_000,
        what: 'the killed one to be gone',
      })
    }
  },
)

t.test(
  '7: a provider that comes back at another port is called there, without a restart',
  async t => {
    const mesh = await createMesh(t)
    await mesh.registry()
    const folder = mesh.write('dates', date('Monday'))
    const first = await mesh.agent(`${folder}/mesh.yaml`)
    const consumer = await mesh.agent(greeter())
    await until(async () => (await callText(consumer.endpoint, 'greet')) === 'today is Monday')
    await first.stop('SIGKILL')
    const second = await mesh.agent(`${folder}/mesh.yaml`)
    t.not(second.endpoint, first.endpoint)
    await until(async () => (await callText(consumer.endpoint, 'greet')) === 'today is Monday')
    t.ok(isRunning(consumer.pid))
  },
)

t.test(
  '9: started in any order, the first call waits for its dependency up to the settle limit',
  async t => {
    const mesh = await createMesh(t)
    await mesh.registry()
    const consumer = await mesh.agent(greeter('15s'))
    const first = callText(consumer.endpoint, 'greet')
    await mesh.agent(date('Monday'))
    t.equal(await first, 'today is Monday', 'not undefined by accident of order')

    const hasty = agentFiles('hasty', {
      tool: 'hasty',
      handler: 'return String(deps.nobody)',
      spec: 'settle: 300ms',
      toolSpec: 'dependencies: { nobody: { capability: nobody, required: false } }',
    })
    const alone = await mesh.agent(hasty)
    t.equal(await callText(alone.endpoint, 'hasty'), 'undefined', 'and not longer than the limit')
    const from = performance.now()
    await callText(alone.endpoint, 'hasty')
    t.comment(`a call after the settle limit took ${(performance.now() - from).toFixed(0)} ms`)
  },
)
