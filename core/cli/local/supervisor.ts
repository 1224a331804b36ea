/**
 * What `meshctl start` does once the manifests are checked: holds a registry, runs an agent for each manifest, and
 * looks after them until it is asked to stop. It writes down who runs, so that `stop`, `status` and the next `start` know.
 */
import { serveControl, type StopAnswer, type StopRequest } from './control.ts'
import { socketPath } from './home.ts'
import { identify } from './identity.ts'
import { keepRegistry, type KeptRegistry, type RegistrySettings } from './keep-registry.ts'
import { LocalAgent, type AgentIdentity } from './local-agent.ts'
import { agentLog, openLog } from './log-file.ts'
import { readableLine } from './log-line.ts'
import { removeRecord, writeRecord } from './records.ts'
import { startAll } from './start-all.ts'
import type { StartRecord } from './start-records.ts'

export interface SupervisorSettings extends RegistrySettings {
  readonly agents: readonly AgentIdentity[]
  /** For each of the agents the indexes of those that it starts after. */
  readonly after: readonly (readonly number[])[]
  readonly hasColor: boolean
  /** Aborted to drain everything and end. */
  readonly stop: AbortSignal
  /** Aborted to end everything at once. */
  readonly kill: AbortSignal
  /** A readable line of an agent's log. */
  readonly log: (line: string) => void
  /** Called when everything serves; what it resolves to is called before the end. */
  readonly onServing: (agents: readonly LocalAgent[]) => Promise<() => Promise<void>>
  /** Everything is as it should be, or was stopped before. */
  readonly onReady: () => void
}

/** Resolves to the exit code when all has ended; rejects with the error of the first agent that does not start. */
export async function supervise(settings: SupervisorSettings): Promise<number> {
  const { home, say, kill } = settings
  const self = identify(process.pid) ?? { pid: process.pid, startTime: '' }
  const socket = socketPath(home, `start-${self.pid}.sock`)
  const since = new Date().toISOString()
  const stopping = new AbortController()
  const stop = AbortSignal.any([settings.stop, stopping.signal])
  let isWritten = true
  const writeDown = () => {
    if (!isWritten) return
    const record: StartRecord = {
      ...self,
      socket,
      since,
      registryUrls: settings.registryUrls,
      agents: agents.map(({ settings: { namespace, name, manifest }, served }) => ({
        namespace,
        name,
        manifest,
        ...served,
      })),
    }
    writeRecord(home, 'start', self.pid, record)
  }
  const agents = agentsOf(settings, writeDown)
  const stopAll = () => Promise.all(agents.map(agent => agent.stop()))

  async function onRequest({ agents: keys }: StopRequest): Promise<StopAnswer> {
    const chosen = agents.filter(agent => !keys || keys.includes(agent.key))
    if (!keys) stopping.abort()
    await Promise.all(chosen.map(agent => agent.stop()))
    return { stopped: chosen.map(agent => agent.key) }
  }

  kill.addEventListener('abort', () => agents.forEach(agent => agent.kill()), { once: true })
  stop.addEventListener('abort', () => void stopAll(), { once: true })
  const control = await serveControl(socket, self, onRequest)
  let registry: KeptRegistry | undefined
  let close: () => Promise<void> = async () => undefined
  try {
    writeDown()
    registry = await keepRegistry(settings)
    if (!stop.aborted) await startAll(agents, settings.after, say)
    if (!stop.aborted) close = await settings.onServing(agents)
    if (!stop.aborted) say(summary(agents, registry))
    settings.onReady()
    return await ended(agents, stop, say)
  } catch (error) {
    if (stop.aborted) return 0 // what was cut short by the stop is no failure
    throw error
  } finally {
    await close()
    await stopAll()
    await Promise.all(agents.map(agent => agent.settings.log.close()))
    isWritten = false
    removeRecord(home, 'start', self.pid)
    await registry?.close()
    control.close()
  }
}

function agentsOf(settings: SupervisorSettings, onChange: () => void): LocalAgent[] {
  const { home, bins, env, isRestarted, hasColor, say, log, registryUrls } = settings
  const width = Math.max(0, ...settings.agents.map(({ name }) => name.length))
  return settings.agents.map(identity => {
    const style = { name: identity.name, width, hasColor }
    return new LocalAgent({
      ...identity,
      bin: bins.agent,
      env: { ...env, MESH_HOME: home.root, MESH_REGISTRY_URL: registryUrls.join(',') },
      isRestarted,
      log: openLog(agentLog(home, identity.namespace, identity.name)),
      onLine: line => log(readableLine(line, style)),
      say,
      onChange,
    })
  })
}

/** Waits for the end of every agent; where there is none, for the stop. */
async function ended(
  agents: readonly LocalAgent[],
  stop: AbortSignal,
  say: (line: string) => void,
): Promise<number> {
  if (agents.length === 0 && !stop.aborted) {
    await new Promise(resolve => stop.addEventListener('abort', resolve, { once: true }))
  }
  const exits = await Promise.all(agents.map(agent => agent.finished))
  if (stop.aborted) return 0
  say('no agent runs any more')
  return exits.some(({ code }) => code !== 0) ? 1 : 0
}

function summary(agents: readonly LocalAgent[], { url, isThere }: KeptRegistry): string {
  const count = agents.length === 1 ? '1 agent' : `${agents.length} agents`
  return `mesh is ready: ${count}, registry ${isThere ? url : 'not reachable'}`
}
