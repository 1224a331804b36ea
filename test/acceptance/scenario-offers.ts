/** Handlers of a resource, a template, a prompt and a completion call another agent; on real processes, through a loss. */
import t from 'tap'
import { cli } from '../support/cli.ts'
import { createMesh, until, type Mesh, type RunningAgent } from '../support/mesh.ts'
import { openOtlpReceiver } from '../support/otlp-receiver.ts'
import { send } from '../support/run-gateway.ts'
import { chain, traces } from '../support/spans.ts'

const clock = {
  'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: clock }
spec:
  version: 1.0.0
  tools:
    - { name: today, capability: date, handler: ./clock.js#today, annotations: { readOnlyHint: true } }
    - { name: list_zones, capability: zones, handler: ./clock.js#zones }
    - { name: hang, capability: slow, handler: ./clock.js#hang }
`,
  'clock.js': `
export const today = ({ zone = 'UTC' }) => '2026-11-26 in ' + zone
export const zones = ({ start }) => ['UTC', 'CET', 'EST'].filter(zone => zone.startsWith(start))
export const hang = (args, deps, { signal, log }) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => (log.info('hung up'), reject(signal.reason))))
`,
}

const date = 'date: { capability: date, timeout: 1500ms }'
const desk = {
  'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: desk }
spec:
  version: 1.0.0
  settle: 1ms
  tools: [{ name: hello, handler: ./desk.js#hello }]
  resources:
    - uri: docs://report
      name: report
      handler: ./desk.js#report
      dependencies: { ${date} }
    - uriTemplate: days://{zone}
      name: day
      handler: ./desk.js#day
      complete: { zone: ./desk.js#zones }
      dependencies:
        date: { capability: date, required: false }
        zones: { capability: zones, required: false }
    - { uri: docs://plain, name: plain, text: Without any. }
    - uri: docs://slow
      name: slow
      handler: ./desk.js#slow
      dependencies: { slow: { capability: slow, required: false, timeout: 1m, deadline: 2m } }
  prompts:
    - name: brief
      handler: ./desk.js#brief
      arguments: [{ name: topic }]
      dependencies: { ${date} }
`,
  'desk.js': `
export const hello = () => 'hello'
export const report = async (variables, { date }) => 'Report of ' + (await date({}))
export const day = async ({ zone }, { date }) => (date ? date({ zone }) : 'no day')
export const zones = async ({ value }, { zones }) => (zones ? zones({ start: value }) : [])
export const brief = async ({ topic }, { date }) => 'Brief me on ' + topic + ' as of ' + (await date())
export const slow = (variables, { slow }) => slow({})
`,
}

const front = {
  'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Gateway
metadata: { name: front }
spec: { version: 1.0.0 }
`,
}

type Params = Record<string, unknown>

async function answer(agent: RunningAgent, method: string, params?: Params, signal?: AbortSignal) {
  const response = await send(agent.endpoint, method, params, { ...(signal && { signal }) })
  return (await response.json()) as {
    result?: Record<string, never>
    error?: { code: number; message: string }
  }
}

/** Throws the message of an error. */
async function ask<T>(agent: RunningAgent, method: string, params?: Params): Promise<T> {
  const { result, error } = await answer(agent, method, params)
  if (!result) throw new Error(error?.message)
  return result as T
}

async function errorOf(agent: RunningAgent, method: string, params: Params) {
  const { error } = await answer(agent, method, params)
  return error ?? { code: 0, message: 'no error' }
}

async function readText(agent: RunningAgent, uri: string): Promise<string> {
  type Read = { contents: { text: string }[] }
  return (await ask<Read>(agent, 'resources/read', { uri })).contents[0]!.text
}

async function brief(agent: RunningAgent): Promise<string> {
  type Got = { messages: { content: { text: string } }[] }
  const params = { name: 'brief', arguments: { topic: 'tides' } }
  return (await ask<Got>(agent, 'prompts/get', params)).messages[0]!.content.text
}

async function zonesFor(agent: RunningAgent, value: string): Promise<string[]> {
  type Completed = { completion: { values: string[] } }
  const ref = { type: 'ref/resource', uri: 'days://{zone}' }
  const params = { ref, argument: { name: 'zone', value } }
  return (await ask<Completed>(agent, 'completion/complete', params)).completion.values
}

/** What it lists: URIs, templates and names of prompts. */
async function shownBy(agent: RunningAgent): Promise<string> {
  type List = Record<string, Record<string, string>[]>
  const of = async (method: string, key: string, name: string) =>
    (await ask<List>(agent, method))[key]!.map(entry => String(entry[name]))
  const all = [
    ...(await of('resources/list', 'resources', 'uri')),
    ...(await of('resources/templates/list', 'resourceTemplates', 'uriTemplate')),
    ...(await of('prompts/list', 'prompts', 'name')),
  ]
  return all.sort().join(' ')
}

/** In this process: only agents and registries are others here. */
const meshctlOf =
  ({ env, folder }: Mesh) =>
  (...args: string[]) =>
    cli(args, { env, cwd: folder })

t.test('handlers of resources, prompts and completions call other agents', async t => {
  const mesh = await createMesh(t)
  await mesh.registry()
  const ctl = meshctlOf(mesh)
  let provider = await mesh.agent(clock)
  const agent = await mesh.agent(desk)
  const gateway = await mesh.agent(front)
  const all = 'brief days://{zone} docs://plain docs://report docs://slow'

  const works = async (by: RunningAgent) => {
    t.equal(await readText(by, 'docs://report'), 'Report of 2026-11-26 in UTC')
    t.equal(await readText(by, 'days://CET'), '2026-11-26 in CET')
    t.equal(await brief(by), 'Brief me on tides as of 2026-11-26 in UTC')
    t.strictSame(await zonesFor(by, 'C'), ['CET'])
  }
  await until(() => readText(agent, 'docs://report'))
  await works(agent)
  await until(async () => (await shownBy(gateway)) === all, { what: 'all is shown' })
  await works(gateway)

  const metrics = await (await fetch(agent.endpoint.replace('/mcp', '/metrics'))).text()
  t.match(metrics, /mesh_calls_total\{edge="desk\.resource:report -> date"[^}]*\} 3\n/)
  t.match(metrics, /mesh_calls_total\{edge="desk\.prompt:brief -> date"[^}]*\} 2\n/)

  await t.test('meshctl tells of them as it does of those of tools', async t => {
    const why = await ctl('why', 'desk', 'resource:report/date')
    t.match(why.out, /^resource:report\/date \(required\): filled by alternative 1 of 1$/m)
    t.match(why.out, /fits +clock\/today@1\.0\.0/)
    t.equal(why.code, 0)
    const explained = await ctl('explain', 'desk.resource:report.date', '-f', mesh.folder)
    t.match(explained.out, /timeout +1500ms +dependency \(.*mesh\.yaml:12\)/)
    t.match((await ctl('explain', 'desk.prompt:brief.date')).out, /timeout +1500ms +dependency/)
    const unknown = await ctl('explain', 'desk.prompt:brif.date')
    t.match(unknown.err, /agent "desk" has no "prompt:brif"[^]*prompt:brief/)
    t.equal(unknown.code, 4)
    const graph = (await ctl('graph')).out
    t.match(graph, /^├─ resource report\n│ {2}└─ date -> clock\.today 1\.0\.0$/m)
    t.match(graph, /^└─ prompt brief\n {3}└─ date -> clock\.today 1\.0\.0$/m)
    t.match((await ctl('describe', 'agent', 'desk')).out, /desk:prompt:brief +date +date/)
    t.match((await ctl('graph', '-o', 'mermaid')).out, /\["report: resource"\]/)
  })

  await provider.stop('SIGKILL')
  const lost = await until(async () => {
    const error = await errorOf(agent, 'resources/read', { uri: 'docs://report' })
    return /MESH_DEPENDENCY_UNRESOLVED/.test(error.message) ? error : undefined
  })
  t.equal(lost.code, -32603)
  t.match(
    lost.message,
    'desk.resource:report -> date: nothing fills the dependency "date" (capability date)',
  )
  t.match(
    (await errorOf(agent, 'prompts/get', { name: 'brief' })).message,
    'desk.prompt:brief -> date: nothing fills the dependency "date"',
  )
  t.equal(await readText(agent, 'days://CET'), 'no day', 'an optional one is undefined')
  t.strictSame(await zonesFor(agent, 'C'), [])
  const rest = 'days://{zone} docs://plain docs://slow'
  await until(async () => (await shownBy(gateway)) === rest, {
    what: 'what cannot be had is shown no more',
  })
  const found = (await mesh.agents()).find(({ metadata }) => metadata.name === 'desk')
  t.match(
    found?.status.conditions.find(({ type }) => type === 'DependenciesResolved'),
    { status: 'False', reason: 'RequiredUnresolved', message: /resource:report\/date: / },
  )
  t.equal((await ctl('why', 'desk', 'prompt:brief/date')).code, 1)
  t.match((await ctl('graph')).out, /resource report {2}broken/)

  provider = await mesh.agent(clock)
  await until(async () => (await shownBy(gateway)) === all, { what: 'it is back' })
  await until(() => readText(agent, 'docs://report'))
  await works(agent)
  await works(gateway)

  await t.test(
    'what is read no more is called no more, and the time left is handed on',
    async t => {
      const end = new AbortController()
      const reading = answer(agent, 'resources/read', { uri: 'docs://slow' }, end.signal)
      const hangs = async () => {
        const text = await (await fetch(provider.endpoint.replace('/mcp', '/metrics'))).text()
        return /mesh_tool_calls_in_flight\{tool="hang"\} 1\n/.test(text)
      }
      await until(hangs)
      end.abort()
      await t.rejects(reading)
      await until(async () => !(await hangs()), { what: 'the call below has ended' })
      const meta = { 'mcp-mesh.dev/timeout-ms': 500 }
      const late = await send(agent.endpoint, 'resources/read', { uri: 'docs://slow' }, { meta })
      t.match(await late.json(), { error: { message: /MESH_DEADLINE_EXCEEDED/ } })
      await until(async () => !(await hangs()), { what: 'it has ended for its own time' })
    },
  )
})

t.test(
  'an apply changes what fills them in place, within what the process was started with',
  async t => {
    const mesh = await createMesh(t)
    await mesh.registry()
    const ctl = meshctlOf(mesh)
    const files = (dependency: string) => ({
      'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: desk }
spec:
  version: 1.0.0
  tools: [{ name: old, handler: ./desk.js#old }, { name: new, handler: ./desk.js#young }]
  resources:
    - uri: docs://report
      name: report
      handler: ./desk.js#report
      dependencies: { from: ${dependency} }
`,
      'desk.js': `
export const old = () => 'the old one'
export const young = () => 'the new one'
export const report = async (variables, { from }) => (from ? from() : 'nobody')
`,
    })
    const folder = mesh.write('desk', files('{ capability: old }'))
    const agent = await mesh.agent(`${folder}/mesh.yaml`)
    const apply = (dependency: string) => {
      mesh.write('desk', files(dependency))
      return ctl('apply', '-f', folder, '--wait', '--force')
    }
    const reads = (text: string) =>
      until(async () => (await readText(agent, 'docs://report')) === text, { what: text })
    await reads('the old one')
    t.equal((await apply('[{ capability: gone }, { capability: new }]')).code, 0)
    await reads('the new one')
    const worse = mesh.write('worse', files('{ capability: gone }'))
    const plan = await ctl('plan', '-f', worse)
    t.match(plan.out, /default\/desk\.resource:report "from": default\/desk\.new@1\.0\.0 filled it/)
    t.equal(plan.code, 1)
    t.equal((await apply('{ capability: gone, required: false }')).code, 0)
    await reads('nobody')

    const token = '{ capability: new, auth: { bearer: "${env:OTHER_TOKEN}" } }'
    const refused = await apply(token)
    t.match(refused.err, /MESH_AGENT_DRIFTED: .*OTHER_TOKEN.* for capability "new" is not in the/)
    t.equal(await readText(agent, 'docs://report'), 'nobody', 'it goes on with what it had')
  },
)

t.test('a read and the calls below it are one trace', async t => {
  const mesh = await createMesh(t)
  const receiver = await openOtlpReceiver()
  t.teardown(() => receiver.close())
  await mesh.registry()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  const agents = [await mesh.agent(clock, { env }), await mesh.agent(desk, { env })]
  const [, agent] = agents
  await until(() => readText(agent!, 'docs://report'))
  await brief(agent!)
  await zonesFor(agent!, 'C')
  for (const each of agents) await each.stop()
  const chains = [...traces(receiver.spans).values()].map(spans => chain(spans).join(' > '))
  const below = (tool: string) => `desk client tools/call ${tool} > clock server tools/call ${tool}`
  for (const expected of [
    `desk server resources/read > ${below('today')}`,
    `desk server prompts/get brief > ${below('today')}`,
    `desk server completion/complete > ${below('list_zones')}`,
  ])
    t.ok(chains.includes(expected), `${expected} is among\n${chains.join('\n')}`)
})
