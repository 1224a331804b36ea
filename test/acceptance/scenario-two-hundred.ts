/** Scenario 11: two hundred agents join one registry process at once. What it does is counted by the registry itself. */
import t from 'tap'
import { agentManifest, openFleet } from '../../bench/fleet.ts'
import { callText } from '../support/call.ts'
import { agentFiles, createMesh, until } from '../support/mesh.ts'

const COUNT = 200

t.test(
  '11: of 200 agents that join at once each is Ready, once, and work grows with changes',
  async t => {
    const mesh = await createMesh(t)
    await mesh.registry()
    const fleet = await openFleet(mesh.registryUrl)
    t.teardown(() => fleet.close())
    const dates = agentFiles('dates', { tool: 'date_service', handler: 'return "Monday"' })
    const greeter = agentFiles('greeter', {
      tool: 'greet',
      handler: 'return deps.date ? `today is ${await deps.date({})}` : "no date"',
      toolSpec: 'dependencies: { date: { capability: date_service, required: false } }',
    })
    const [consumer] = await Promise.all([
      mesh.agent(greeter),
      mesh.agent(dates),
      fleet.joinAll(COUNT, COUNT),
    ])
    const listed = async () =>
      (await mesh.agents()).map(({ status }) => `${status.phase}:${status.instances.length}`)
    await until(
      async () => (await listed()).filter(each => each === 'Ready:1').length === COUNT + 2,
    )
    t.equal((await listed()).length, COUNT + 2, 'and nobody else')
    const isWired = async () => (await callText(consumer.endpoint, 'greet')) === 'today is Monday'
    t.ok(await until(isWired), 'the real ones among them work')

    const read = () => readCounts(mesh.registryUrl)
    // Settling ends with one more snapshot for everybody: it is awaited, so that it is in no difference below.
    await until(async () => (await read()).settling === 0)
    const joined = await read()
    t.comment(JSON.stringify(joined))
    t.ok(joined.resolutions >= COUNT / 4, 'those who came before a provider are told of it')
    t.ok(joined.resolutions <= 2 * COUNT + 2, 'each is told of each of its two providers at most')
    t.ok(joined.resolved <= 4 * COUNT + 4, 'resolved: two slots of its own, two that want it')

    const stranger = await fleet.join(agentManifest('stranger', 'of_no_use', []), 'stranger-1')
    t.strictSame(await read(), { ...joined, snapshots: joined.snapshots + 1 })
    const second = await fleet.join(agentManifest('second', 'cap-1', []), 'second-1')
    const after = await read()
    t.equal(after.resolutions - joined.resolutions, 2, 'cap-1 is wanted by two')
    t.equal(after.resolved - joined.resolved, 2)
    const [left, right] = [stranger, second].map(({ watch }) => watch)
    left?.destroy()
    right?.destroy()
    await until(async () => (await read()).resolutions === after.resolutions + 2)
    t.ok(true, 'and both hear of its end')
  },
)

/** Events sent by type, and slots resolved. */
async function readCounts(url: string) {
  const text = await (await fetch(`${url}/metrics`)).text()
  const value = (series: string) =>
    Number(
      text
        .split('\n')
        .find(line => line.startsWith(`${series} `))
        ?.slice(series.length + 1),
    )
  return {
    snapshots: value('mesh_pushes_total{type="snapshot"}'),
    resolutions: value('mesh_pushes_total{type="resolutions"}'),
    settling: value('mesh_settling'),
    resolved: value('mesh_resolutions_total'),
  }
}
