/** Applied manifests from the store into memory. One that this version no longer takes is left out, and said so. */
import type { Logger } from 'pino'
import { checkManifest } from '../../manifest/check-manifest.ts'
import type { Store } from '../store/store.ts'
import type { DesiredState } from './desired.ts'
import type { Revisions } from './revisions.ts'

export async function restore({
  store,
  desired,
  revisions,
  log,
}: {
  store: Store
  desired: DesiredState
  revisions: Revisions
  log: Logger
}): Promise<void> {
  for (const stored of await store.load()) {
    const { namespace, name, generation, revision, digest } = stored
    revisions.observe(revision)
    const checked = checkManifest(stored.manifest)
    if (checked.faults) {
      log.error(
        { agent: `${namespace}/${name}`, faults: checked.faults },
        'stored manifest refused',
      )
      continue
    }
    const { agent, manifest } = checked
    const entry = desired.getOrAdd(namespace, name)
    desired.set(entry, { manifest, agent, digest, generation, revision, origin: 'applied' })
  }
}
