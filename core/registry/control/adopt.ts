/** What is wanted of an agent, from whichever registry it was told: applied or deleted, unless something newer is known. */
import { agentKey, type Desired } from './desired.ts'
import type { Mesh } from './mesh.ts'

/** `from` is the generation that a rollback took up again; `isNews: false` says nothing about it in the audit trail. */
export function adopt(
  mesh: Mesh,
  desired: Desired,
  { from, isNews = true }: { from?: number | undefined; isNews?: boolean } = {},
): void {
  const { agent, generation, revision } = desired
  const { namespace, name } = agent
  const entry = mesh.desired.getOrAdd(namespace, name)
  mesh.revisions.observe(revision)
  if (entry.desired?.origin === 'applied' && entry.desired.revision >= revision) return
  mesh.desired.set(entry, desired)
  if (isNews) {
    mesh.log.info({ agent: entry.key, generation, from }, 'manifest applied')
    const message = `generation ${generation}, version ${agent.version}`
    mesh.audit.add(
      from === undefined
        ? { type: 'Applied', namespace, agent: name, message }
        : { type: 'RolledBack', namespace, agent: name, message: `${message}, that of ${from}` },
    )
  }
  mesh.changed({ agent: entry.key })
  for (const instance of entry.instances) mesh.changed({ agent: entry.key, instance: instance.id })
}

/** Its instances are told to leave, and are picked no more. */
export function adoptDeletion(mesh: Mesh, { namespace, name }: AgentName, revision: number): void {
  mesh.revisions.observe(revision)
  const key = agentKey(namespace, name)
  const entry = mesh.desired.get(key)
  if (!entry?.desired) return
  if (entry.desired.origin === 'applied' && entry.desired.revision > revision) return
  mesh.desired.set(entry, undefined)
  const message = 'its instances are to leave'
  mesh.audit.add({ type: 'Deleted', namespace, agent: name, message })
  mesh.log.info({ agent: key }, 'agent deleted')
  for (const instance of entry.instances) {
    instance.isDeleted = true
    mesh.index.setState(instance, 'draining')
    mesh.peers.tell(instance.id, 'update')
    mesh.changed({ agent: key, instance: instance.id })
  }
  mesh.changed({ agent: key })
}

interface AgentName {
  namespace: string
  name: string
}
