/**
 * Several registries over one PostgreSQL, without a leader (ADR 0009). Each judges the instances that announced themselves at
 * it, tells the others in batches what it sees of them, and takes over what they tell. A notification only says that there is
 * something to read; one that was missed is made up for with the next beat.
 */
import { checkManifest } from '../../manifest/check-manifest.ts'
import { MeshError } from '../../model/error.ts'
import type { Manifest } from '../../model/manifest.ts'
import { sleep } from '../../model/sleep.ts'
import type { Changes, Link, ManifestKey, Replica, SharedStore } from '../store/shared-store.ts'
import { agentKey } from './desired.ts'
import type { Mesh } from './mesh.ts'
import type { Instance, Serving } from './mesh-index.ts'
import { Outbox } from './outbox.ts'
import type { Peers } from './peers.ts'
import { eventOf } from './record.ts'
import { Replicas } from './replicas.ts'
import { setState, takeChanges, type Served } from './take-changes.ts'

const BEAT_MS = 1_000
/** Two beats may fail. */
const TTL_MS = 3_000
/** A registry that was away for longer reads everything. */
const KEPT_DELETIONS_S = 600
const BEATS_PER_TRIM = 60
const FIRST_BEAT_WITHIN_MS = 5_000

export interface ReplicationOptions {
  shared: SharedStore
  now: () => number
  /** Everybody is known from another registry: the settle window may end. */
  endSettling(this: void): void
}

/** Resolves when all that the others know is known here. Throws MESH_STORE_UNAVAILABLE. */
export async function openReplication(
  mesh: Mesh,
  { shared, now, endSettling }: ReplicationOptions,
  onOpen: (peers: Peers) => void,
): Promise<void> {
  const { index, desired, log } = mesh
  const manifests = new WeakMap<Serving, Manifest>()
  const replicas = new Replicas({
    self: shared.id,
    ttlMs: TTL_MS,
    graceMs: mesh.times.graceMs,
    now,
  })
  const renewals = new Set<string>()
  let seen = 0
  let beats = 0
  let reading: Promise<void> | undefined
  let following: Promise<void> | undefined
  let isOpen = false
  const links: Link[] = [] // one, from the moment on in which it is made
  const isUp = () => links.some(link => link.isUp)

  const manifestOf = ({ namespace, name, digest }: ManifestKey) => {
    const wanted = desired.get(agentKey(namespace, name))?.desired
    if (wanted?.digest === digest) return wanted.manifest
    const serving = index.serving({ namespace, name }, digest)
    return serving && manifests.get(serving)
  }
  const outbox = new Outbox({
    ...{ shared, manifestOf, isUp },
    instance: id => index.instances.get(id),
    desired: key => desired.get(key)?.desired,
    current: () => mesh.revisions.current,
    onError: error => log.warn({ err: error }, 'changes could not be told to the other registries'),
  })

  /** Each reading begins after it was asked for; those who ask meanwhile share the next one. */
  function catchUp(): Promise<void> {
    if (!reading) return (reading = read().finally(() => (reading = undefined)))
    following ??= reading
      .catch(() => undefined) // its own callers hear of it
      .then(() => {
        following = undefined
        return catchUp()
      })
    return following
  }

  async function read(): Promise<void> {
    const changes = await shared.changesAfter(seen)
    const known = await readManifests(changes)
    takeChanges(mesh, changes, {
      self: shared.id,
      outranksOthers: id => outbox.outranksOthers(id),
      isAnnouncing: key => outbox.isAnnouncing(key),
      isDead: owner => replicas.isDead(owner),
      served: key => servedHere(key) ?? known.get(textOf(key)),
    })
    seen = changes.newest
  }

  function servedHere(key: ManifestKey): Served | undefined {
    const manifest = manifestOf(key)
    const wanted = desired.get(agentKey(key.namespace, key.name))?.desired
    const agent =
      wanted?.digest === key.digest ? wanted.agent : index.serving(key, key.digest)?.agent
    return manifest && agent && { agent, manifest }
  }

  /** Those that changed instances serve and that were not seen before. */
  async function readManifests({ items }: Changes): Promise<Map<string, Served>> {
    const missing = new Map<string, ManifestKey>()
    for (const item of items) {
      const key =
        item.kind === 'instance'
          ? { ...item.instance, name: item.instance.agent }
          : item.kind === 'announced' && item.announced
      if (!key || servedHere(key)) continue
      const { namespace, name, digest } = key
      missing.set(textOf(key), { namespace, name, digest })
    }
    const known = new Map<string, Served>()
    if (missing.size === 0) return known
    for (const { manifest, ...key } of await shared.manifests([...missing.values()])) {
      const checked = checkManifest(manifest)
      if (checked.faults) log.error({ ...key, faults: checked.faults }, 'stored manifest refused')
      else known.set(textOf(key), checked)
    }
    return known
  }

  function onBeat({ replicas: all, newest }: { replicas: Replica[]; newest: number }): void {
    const verdict = replicas.beat(all, ownersOf(index.instances.values()))
    if (verdict.hasSettledPeer && isOpen) endSettling()
    for (const id of verdict.dead) markSuspect(id)
    for (const id of verdict.gone) inBackground(removeOwned(id), 'remove')
    if (++beats % BEATS_PER_TRIM === 0) inBackground(shared.trim(KEPT_DELETIONS_S), 'trim')
    if (newest > seen && isOpen) onChange()
    if (verdict.wasAway) inBackground(tellAgain(), 'tell again')
    outbox.flush()
  }

  function markSuspect(owner: string): void {
    for (const { id, state } of ownedBy(owner)) {
      if (state === 'ready' || state === 'unhealthy') setState(mesh, id, 'suspect')
    }
  }

  async function removeOwned(owner: string): Promise<void> {
    await shared.removeReplica(owner, mesh.revisions.current)
    for (const instance of ownedBy(owner)) {
      mesh.audit.add(eventOf(instance, 'Gone', 'its registry is gone, and it came to no other'))
      mesh.forget(instance)
    }
    replicas.forget(owner)
  }

  /** Others may have given up what is judged here. */
  async function tellAgain(): Promise<void> {
    await catchUp()
    for (const { id, owner } of index.instances.values()) {
      if (owner === undefined) outbox.tell(id, 'claim')
    }
  }

  function ownedBy(owner: string): Instance[] {
    return [...index.instances.values()].filter(instance => instance.owner === owner)
  }

  function onChange(): void {
    inBackground(catchUp(), 'catch up')
  }

  /** The next beat tries again. */
  function inBackground(work: Promise<void>, what: string): void {
    work.catch((error: unknown) => log.warn({ err: error, what }, 'other registries: not done'))
  }

  const peers: Peers = {
    tell: (id, news) => outbox.tell(id, news),
    tellAnnounced: key => outbox.tellAnnounced(key),
    remember: (serving, manifest) => manifests.set(serving, manifest),
    catchUp,
    async renew(id) {
      if (!isUp()) throw down()
      if (!index.instances.has(id)) await catchUp()
      const owner = index.instances.get(id)?.owner
      if (owner === undefined) return mesh.liveness.renew(id)
      if (replicas.isDead(owner)) return false
      renewals.add(id)
      return true
    },
    get isUp() {
      return isUp()
    },
    async close() {
      await outbox.idle()
      await Promise.all(links.map(link => link.close()))
      await Promise.allSettled([reading, following])
    },
  }
  onOpen(peers)
  const first = new AbortController()
  const link = shared.connect({
    beatMs: BEAT_MS,
    ttlMs: TTL_MS,
    isSettled: () => isOpen && !mesh.settling,
    takeRenewals() {
      const taken = [...renewals]
      renewals.clear()
      return taken
    },
    onBeat(beat) {
      first.abort()
      onBeat(beat)
    },
    onChange: () => isOpen && onChange(),
    onRenewals: ids => ids.forEach(id => mesh.liveness.renew(id)),
    onDown: error => log.warn({ err: error }, 'lost the store; going on with what is known'),
  })
  links.push(link)
  await sleep(FIRST_BEAT_WITHIN_MS, first.signal).catch(() => undefined) // ended early: it beats
  await catchUp()
  isOpen = true
  log.info(
    { replica: shared.id, instances: index.instances.size },
    'knows what other registries know',
  )
}

function ownersOf(instances: Iterable<Instance>): Set<string> {
  const owners = new Set<string>()
  for (const { owner } of instances) if (owner !== undefined) owners.add(owner)
  return owners
}

function textOf({ namespace, name, digest }: ManifestKey): string {
  return `${namespace}/${name}@${digest}`
}

function down(): MeshError {
  return new MeshError('MESH_STORE_UNAVAILABLE', 'the store does not answer')
}
