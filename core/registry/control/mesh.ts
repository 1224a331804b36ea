/**
 * The control plane in one process: desired and observed state, and the three queues that follow a change through.
 * resolutions (what fills each slot) -> agents (status, what is forgotten) and instances (what is pushed). All turns
 * of one change run in the tick in which it was heard of.
 */
import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { WorkQueue } from '../../reconcile/work-queue.ts'
import type { Store } from '../store/store.ts'
import { AgentWatchers } from './agent-watchers.ts'
import { Audit } from './audit.ts'
import { createMetrics, type Metrics } from '../metrics.ts'
import { measuredStore } from '../store/measured-store.ts'
import { agentKey, DesiredState, type AgentEntry } from './desired.ts'
import { EventIds } from './event-id.ts'
import { alone, type Peers } from './peers.ts'
import { openReplication } from './replication.ts'
import { Liveness, type LivenessTimes } from './liveness.ts'
import { MeshIndex, type Instance } from './mesh-index.ts'
import { settle } from './resolution-controller.ts'
import { Revisions } from './revisions.ts'
import { eventOf, recordRewiring } from './record.ts'
import { statusOf } from './status.ts'
import { Turns } from './turns.ts'
import { Watchers } from './watchers.ts'
import { restore } from './restore.ts'

export interface MeshTimes extends LivenessTimes {
  /** After the start: not everybody has come back yet. */
  settleMs: number
}

export interface MeshOptions {
  store: Store
  log: Logger
  times: MeshTimes
  /** Milliseconds of a clock that never goes back. */
  now: () => number
}

/** State and queues; what changes them stands in announce.ts, apply.ts and lifecycle.ts. */
export interface Mesh {
  readonly store: Store
  readonly log: Logger
  readonly times: MeshTimes
  readonly index: MeshIndex
  readonly desired: DesiredState
  readonly revisions: Revisions
  readonly liveness: Liveness
  readonly watchers: Watchers
  readonly agentWatchers: AgentWatchers
  readonly audit: Audit
  readonly turns: Turns
  /** The other registries over the same store. */
  readonly peers: Peers
  readonly metrics: Metrics
  readonly settling: boolean
  /** Something of the instance or of its agent changed: everything that follows from it is done in this tick. */
  changed(this: void, of: { agent: string; instance?: string }): void
  /** An event of this type went out to an instance. */
  sent(this: void, type: string): void
  /** The instance, out of the index and of its agent. */
  forget(this: void, instance: Instance): void
  close(this: void): Promise<void>
}

/** Reads the applied manifests and opens the settle window. */
export async function openMesh({ log, times, now, ...options }: MeshOptions): Promise<Mesh> {
  const metrics = createMetrics()
  const store = measuredStore(options.store, (operation, seconds) =>
    metrics.store.observe(`operation="${operation}"`, seconds),
  )
  const index = new MeshIndex()
  const desired = new DesiredState()
  const revisions = await Revisions.open(store, error =>
    log.error({ err: error }, 'revisions could not be reserved'),
  )
  const ids = new EventIds(randomBytes(4).toString('hex'))
  const watchers = new Watchers(ids, () => revisions.next())
  const audit = new Audit({ ids, nextRevision: () => revisions.next(), floor: revisions.current })
  const agentWatchers = new AgentWatchers(
    desired,
    () => revisions.current,
    () => settling,
  )
  const onError = (error: unknown, key: string) =>
    log.error({ err: error, key }, 'reconcile failed')
  let settling = times.settleMs > 0
  let peers = alone

  const resolutions = new WorkQueue<'all'>({
    onError,
    reconcile() {
      const { changed, before } = settle(index, () => revisions.next())
      for (const [i, slot] of changed.entries()) recordRewiring(audit, slot, before[i])
      for (const serving of new Set(changed.map(slot => slot.serving))) {
        agents.add(agentKey(serving.agent.namespace, serving.agent.name))
        for (const id of serving.instances.keys()) instances.add(id)
      }
    },
  })
  const agents = new WorkQueue<string>({
    onError,
    reconcile(key) {
      const entry = desired.get(key)
      if (entry) {
        reconcileAgent(entry)
        entry.json = undefined
      }
      agentWatchers.changed(key)
    },
  })
  const instances = new WorkQueue<string>({
    onError,
    reconcile(id) {
      const instance = index.instances.get(id)
      if (!instance) return
      const wanted = desired.get(keyOf(instance))?.desired
      watchers.tell({ instance, desired: wanted, revision: revisions.current, settling })
    },
  })

  function reconcileAgent(entry: AgentEntry): void {
    if (entry.instances.size === 0 && entry.desired?.origin !== 'applied') {
      desired.set(entry, undefined)
      return desired.forget(entry)
    }
    if (!entry.desired) return
    for (const instance of entry.instances) {
      if (instance.serving.digest === entry.desired.digest) {
        instance.observedGeneration = entry.desired.generation
      }
    }
    entry.status = statusOf(entry, entry.desired, new Date().toISOString())
  }

  let changedAt: number | undefined
  const changed: Mesh['changed'] = ({ agent, instance }) => {
    if (changedAt === undefined) {
      changedAt = now()
      setImmediate(() => (changedAt = undefined)) // all that follows from it is done by then
    }
    if (index.hasTouched) resolutions.add('all')
    agents.add(agent)
    if (instance !== undefined) instances.add(instance)
  }
  const forget: Mesh['forget'] = instance => {
    index.remove(instance)
    liveness.forget(instance.id)
    desired.get(keyOf(instance))?.instances.delete(instance)
    revisions.next()
    changed({ agent: keyOf(instance) })
    watchers.end(instance.id)
  }
  const liveness = new Liveness({
    ...times,
    index,
    now,
    onState(instance) {
      const { id, state } = instance
      log.info({ agent: keyOf(instance), instance: id, state }, 'instance changed state')
      if (state !== 'suspect') {
        const stays = state === 'ready' ? '' : `, but it is ${state}`
        audit.add(eventOf(instance, 'Recovered', `its watch is back${stays}`))
      } else audit.add(eventOf(instance, 'Suspect', 'its watch broke'))
      peers.tell(id, 'update')
      changed({ agent: keyOf(instance) })
    },
    isExcused: id => !peers.isUp && watchers.has(id),
    onGone(instance, why) {
      log.warn({ agent: keyOf(instance), instance: instance.id, why }, 'instance is gone')
      audit.add(eventOf(instance, 'Gone', why))
      peers.tell(instance.id, 'gone')
      forget(instance)
    },
  })
  await restore({ store, desired, revisions, log })
  for (const entry of desired.list()) agents.add(entry.key)

  const endSettling = () => {
    clearTimeout(settled)
    if (!settling) return
    settling = false
    for (const id of watchers.ids()) instances.add(id)
    agentWatchers.settled()
  }
  const settled = setTimeout(endSettling, times.settleMs)
  settled.unref()

  const mesh: Mesh = {
    ...{ store, log, times, index, desired, revisions, liveness },
    ...{ watchers, agentWatchers, audit, metrics },
    turns: new Turns(),
    get peers() {
      return peers
    },
    get settling() {
      return settling
    },
    changed,
    forget,
    sent(type) {
      metrics.pushes.add(`type="${type}"`)
      if (changedAt !== undefined) metrics.pushLag.observe('', (now() - changedAt) / 1_000)
    },
    async close() {
      clearTimeout(settled)
      liveness.close()
      await peers.close()
      await Promise.all([resolutions.close(), agents.close(), instances.close()])
    },
  }
  if (store.shared) {
    const joined = openReplication(mesh, { shared: store.shared, now, endSettling }, opened => {
      peers = opened
    })
    await joined.catch(async (error: unknown) => {
      await mesh.close()
      throw error
    })
  }
  return mesh
}

/** Key of the agent that an instance belongs to. */
export function keyOf({ serving: { agent } }: Instance): string {
  return agentKey(agent.namespace, agent.name)
}
