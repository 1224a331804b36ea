/** What the other registries wrote becomes part of what is known here. Safe to take twice. */
import type { Agent } from '../../model/agent.ts'
import type { Manifest } from '../../model/manifest.ts'
import { checkManifest } from '../../manifest/check-manifest.ts'
import type { Change, Changes, ManifestKey } from '../store/shared-store.ts'
import { adopt, adoptDeletion } from './adopt.ts'
import { agentKey } from './desired.ts'
import { keyOf, type Mesh } from './mesh.ts'
import { eventOf } from './record.ts'

export interface Served {
  agent: Agent
  manifest: Manifest
}

export interface TakeOptions {
  /** Id of this registry. */
  self: string
  /** Announced or ended here since: what others wrote before does not count. */
  outranksOthers(this: void, id: string): boolean
  isAnnouncing(this: void, key: string): boolean
  /** Its beats are over. */
  isDead(this: void, owner: string): boolean
  served(this: void, key: ManifestKey): Served | undefined
}

type Taken<Kind extends Change['kind']> = Extract<Change, { kind: Kind }>

export function takeChanges(mesh: Mesh, changes: Changes, options: TakeOptions): void {
  for (const change of changes.items) {
    if (change.kind === 'agent') takeAgent(mesh, change)
    else if (change.kind === 'announced') takeAnnounced(mesh, change, options)
    else if (change.kind === 'instance') takeInstance(mesh, change, options)
    else takeDeletion(mesh, change, options)
  }
  if (changes.isWhole) forgetOthers(mesh, changes)
  mesh.revisions.observe(changes.newest)
}

function takeAgent(mesh: Mesh, { agent: stored }: Taken<'agent'>): void {
  const { namespace, name, generation, revision, digest } = stored
  const known = mesh.desired.get(agentKey(namespace, name))?.desired
  if (known?.origin === 'applied' && known.revision >= revision) return
  const checked = checkManifest(stored.manifest)
  if (checked.faults) {
    mesh.log.error(
      { agent: agentKey(namespace, name), faults: checked.faults },
      'stored manifest refused',
    )
    return
  }
  const { agent, manifest } = checked
  adopt(mesh, { manifest, agent, digest, generation, revision, origin: 'applied' })
}

function takeAnnounced(
  mesh: Mesh,
  { change, announced }: Taken<'announced'>,
  options: TakeOptions,
): void {
  const { namespace, name, generation, digest, at } = announced
  const known = mesh.desired.get(agentKey(namespace, name))?.desired
  if (known?.origin === 'applied') return
  if (known && known.generation > generation) return
  if (known?.generation === generation && known.digest === digest) return
  const served = options.served({ namespace, name, digest })
  if (!served) return // its instances have left meanwhile
  const entry = mesh.desired.getOrAdd(namespace, name)
  const wanted = { ...served, digest, generation, at, origin: 'announced' } as const
  mesh.desired.set(entry, { ...wanted, revision: change })
  mesh.changed({ agent: entry.key })
}

function takeInstance(
  mesh: Mesh,
  { instance, owner }: Taken<'instance'>,
  options: TakeOptions,
): void {
  const { id, namespace, agent: name, digest } = instance
  const old = mesh.index.instances.get(id)
  if (options.outranksOthers(id)) return
  if (owner === options.self) {
    const isAsked = old?.owner === undefined && instance.state === 'draining'
    if (old && isAsked) setState(mesh, id, 'draining')
    return
  }
  const served = options.served({ namespace, name, digest })
  if (!served) return // it has left meanwhile: its deletion follows
  const wasOwn = old !== undefined && old.owner === undefined
  if (wasOwn) mesh.liveness.forget(id)
  if (old) mesh.desired.get(keyOf(old))?.instances.delete(old)
  const isThere = instance.state === 'ready' || instance.state === 'unhealthy'
  const state = isThere && options.isDead(owner) ? 'suspect' : instance.state
  const { endpoint, pid, host, since, observedGeneration, drift, unhealthy, isDeleted } = instance
  const put = mesh.index.put(served.agent, digest, {
    ...{ id, endpoint, pid, host, since, state, observedGeneration, drift, unhealthy, isDeleted },
    owner,
  })
  mesh.peers.remember(put.serving, served.manifest)
  const entry = mesh.desired.getOrAdd(namespace, name)
  entry.instances.add(put)
  if (!old) mesh.audit.add(eventOf(put, 'Joined', `serves at ${endpoint}`))
  else if (old.state !== state) recordState(mesh, id)
  mesh.changed({ agent: entry.key, instance: id })
  if (wasOwn) mesh.watchers.end(id) // the process announced itself elsewhere, and is told there
}

function takeDeletion(
  mesh: Mesh,
  { change, of, key, why }: Taken<'deletion'>,
  options: TakeOptions,
): void {
  if (of === 'agent') {
    const [namespace = '', name = ''] = key.split('/')
    if (!options.isAnnouncing(key)) adoptDeletion(mesh, { namespace, name }, change)
    return
  }
  const instance = mesh.index.instances.get(key)
  if (!instance || options.outranksOthers(key)) return
  if (instance.owner === undefined && why === 'gone') {
    mesh.peers.tell(key, 'claim') // others took this registry for dead; it knows better
    return
  }
  mesh.audit.add(
    eventOf(instance, why === 'gone' ? 'Gone' : 'Left', `it was told to another registry`),
  )
  mesh.forget(instance)
}

/** What others had told once and the store does not hold any more. */
function forgetOthers(mesh: Mesh, { items, newest }: Changes): void {
  const ids = new Set(items.flatMap(item => (item.kind === 'instance' ? [item.instance.id] : [])))
  for (const instance of [...mesh.index.instances.values()]) {
    if (instance.owner !== undefined && !ids.has(instance.id)) mesh.forget(instance)
  }
  const keys = new Set(
    items.flatMap(item =>
      item.kind === 'agent' ? [agentKey(item.agent.namespace, item.agent.name)] : [],
    ),
  )
  for (const { key, namespace, name, desired } of mesh.desired.list()) {
    if (desired?.origin !== 'applied' || keys.has(key)) continue
    adoptDeletion(mesh, { namespace, name }, newest)
  }
}

/** The state of an instance as somebody else decided it. */
export function setState(mesh: Mesh, id: string, state: 'draining' | 'suspect'): void {
  const instance = mesh.index.instances.get(id)
  if (!instance || instance.state === state) return
  mesh.index.setState(instance, state)
  recordState(mesh, id)
  mesh.changed({ agent: keyOf(instance), instance: id })
}

function recordState(mesh: Mesh, id: string): void {
  const instance = mesh.index.instances.get(id)
  if (!instance) return
  if (instance.state === 'suspect') {
    mesh.audit.add(eventOf(instance, 'Suspect', 'its registry does not see it any more'))
  } else if (instance.state === 'draining') {
    mesh.audit.add(eventOf(instance, 'Draining', 'it is picked no more'))
  } else mesh.audit.add(eventOf(instance, 'Recovered', `it is ${instance.state}`))
}
