/** A start without its end: loads the manifest and its modules as an agent does, and serves nothing. */
import { explainHandlers, readManifest } from './read-manifest.ts'
import { loadHandlers } from './handlers.ts'
import type { Environment } from './secrets.ts'
import { credentialsOf, serve } from './served.ts'

/** Throws, as a MeshError, what would keep the agent from serving: faults, modules that throw, secrets that are missing. */
export async function checkAgent(file: string, wanted: string | undefined, env: Environment) {
  const { manifest, agent, folder } = await readManifest(file, wanted)
  const handlers = await loadHandlers(agent, folder).catch((e: unknown) => explainHandlers(file, e))
  serve(manifest, agent, { handlers, env, credentials: credentialsOf(agent) })
}
