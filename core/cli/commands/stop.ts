/** `meshctl stop [NAME...]`: ends what `meshctl start` runs here, and returns when it is gone. */
import { rmSync } from 'node:fs'
import { MeshError } from '../../model/error.ts'
import type { Command, Context } from '../command.ts'
import { requestStop } from '../local/control.ts'
import { openHome, type Home } from '../local/home.ts'
import { endProcess, untilGone } from '../local/identity.ts'
import { removeRecord } from '../local/records.ts'
import { registryRecords } from '../local/registry-hold.ts'
import { startRecords, type StartRecord } from '../local/start-records.ts'
import { missing } from '../line/nearest.ts'

/** Longer than an agent may take to drain. */
const ANSWER_TIMEOUT_MS = 15_000
const END_TIMEOUT_MS = 10_000

export const stop: Command = {
  name: 'stop',
  summary: 'Stop local agents, all or some',
  usage: 'meshctl stop [name]...',
  takes: [0, Infinity],
  about:
    'Agents drain first. The registry that was started for them ends with the last of them. Only what runs on this machine ' +
    'under this MESH_HOME is stopped.',
  options: [],
  examples: [
    { command: 'meshctl stop', about: 'everything that was started here' },
    { command: 'meshctl stop hello-world', about: 'every local instance of one agent' },
  ],
  completes: () => 'local agent',
  async run(names, context) {
    const home = openHome(context.env)
    const { live, stale } = startRecords(home)
    await Promise.all(stale.map(record => cleanUp(record, home)))
    return names.length === 0 ? stopAll(live, home, context) : stopSome(live, names, context)
  },
}

async function stopAll(records: StartRecord[], home: Home, { io }: Context): Promise<number> {
  const registries = registryRecords(home)
  await Promise.all(
    records.map(async record => {
      const answer = await requestStop(record.socket, record, { op: 'stop' }, ANSWER_TIMEOUT_MS)
      if (!answer || !(await untilGone(record, END_TIMEOUT_MS))) {
        await endProcess(record, 2_000) // it hangs
        await cleanUp(record, home)
      }
      // One that was stopped by its name before has no process any more.
      for (const { name, process } of record.agents) if (process) io.out(`agent/${name} stopped`)
    }),
  )
  // With no holder left they end by themselves; one that does not is helped.
  for (const registry of registries) {
    if (!(await untilGone(registry, END_TIMEOUT_MS))) await endProcess(registry, END_TIMEOUT_MS)
    io.out(`registry at ${registry.url} stopped`)
  }
  if (records.length === 0 && registries.length === 0) io.out('nothing is running')
  return 0
}

async function stopSome(
  records: readonly StartRecord[],
  names: readonly string[],
  { io, namespace }: Context,
): Promise<number> {
  const here = records.flatMap(({ agents }) => agents.filter(a => a.namespace === namespace))
  const known = [...new Set(here.map(({ name }) => name))]
  for (const name of names) {
    if (known.includes(name)) continue
    const found = `no agent "${name}" runs here in namespace "${namespace}"`
    throw missing({ found, name, known, see: 'meshctl status' })
  }
  const keys = names.map(name => `${namespace}/${name}`)
  await Promise.all(
    records.map(async record => {
      const concerned = record.agents.filter(a => keys.includes(`${a.namespace}/${a.name}`))
      if (concerned.length === 0) return
      const request = { op: 'stop', agents: keys } as const
      const answer = await requestStop(record.socket, record, request, ANSWER_TIMEOUT_MS)
      if (!answer || answer.error !== undefined) {
        throw new MeshError(
          'MESH_PROCESS_FAILED',
          `meshctl start (pid ${record.pid}) did not stop ${names.join(', ')}: ${answer?.error ?? 'no answer'}`,
          'meshctl stop without a name ends everything',
        )
      }
      // With its last agent the start itself ends.
      const left = record.agents.filter(agent => agent.process && !concerned.includes(agent))
      if (left.length === 0) await untilGone(record, END_TIMEOUT_MS)
      for (const { name } of concerned) io.out(`agent/${name} stopped`)
    }),
  )
  return 0
}

/** What a dead start has left: its agents end by themselves, since their channel broke; one that does not is helped. */
async function cleanUp(record: StartRecord, home: Home): Promise<void> {
  await Promise.all(
    record.agents.map(async ({ process }) => {
      if (process && !(await untilGone(process, END_TIMEOUT_MS))) await endProcess(process, 2_000)
    }),
  )
  removeRecord(home, 'start', record.pid)
  rmSync(record.socket, { force: true })
}
