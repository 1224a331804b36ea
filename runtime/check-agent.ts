/** A start without its end: loads the manifest and its modules as an agent does, and serves nothing. */
import { explainHandlers, readManifest, type ManifestFiles } from './read-manifest.ts'
import { loadHandlers } from './handlers.ts'
import type { Environment } from './secrets.ts'
import { credentialsOf, filesOf, serve } from './served.ts'
import { createLog } from './telemetry/log.ts'
import { observeOffers } from './telemetry/observe-offers.ts'
import { passOn } from './telemetry/tracing.ts'

/** Throws, as a MeshError, what would keep the agent from serving: faults, modules that throw, secrets that are missing. */
export async function checkAgent(
  given: ManifestFiles,
  wanted: string | undefined,
  env: Environment,
) {
  const loaded = await readManifest(given, wanted)
  const { manifest, agent, folder } = loaded
  const handlers = await loadHandlers(agent, folder).catch((e: unknown) =>
    explainHandlers(loaded, e),
  )
  const log = createLog('error', () => undefined)
  const credentials = credentialsOf(agent)
  const { observe } = observeOffers(passOn)
  const files = filesOf(agent)
  serve(manifest, agent, { handlers, folder, files, log, env, credentials, observe })
}
