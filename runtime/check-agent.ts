/**
 * A start without its end: loads the manifest and its modules as an agent does, starts or reaches the server that it wraps and
 * reads its tools, and serves nothing.
 */
import type { Agent } from '../core/model/agent.ts'
import { MeshError } from '../core/model/error.ts'
import { explainHandlers, readManifest, type ManifestFiles } from './read-manifest.ts'
import { loadHandlers } from './handlers.ts'
import type { Environment } from './secrets.ts'
import { credentialsOf, filesOf, serve } from './served.ts'
import { createLog } from './telemetry/log.ts'
import { observeOffers } from './telemetry/observe-offers.ts'
import { passOn } from './telemetry/tracing.ts'
import { wrapServer } from './wrapped/server-of-agent.ts'

/**
 * Throws, as a MeshError, what would keep the agent from serving: faults, modules that throw, secrets that are missing,
 * MESH_SERVER_UNAVAILABLE where the wrapped server does not answer or lacks a tool that the manifest offers.
 */
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
  const inject = () => Promise.resolve({}) // nothing runs here
  serve(manifest, agent, { handlers, folder, files, log, env, credentials, observe, inject })
  await checkServer(agent, { folder, env, log })
}

/** A second one beside that of the agent that runs: it ends before this resolves. */
async function checkServer(agent: Agent, means: Parameters<typeof wrapServer>[2]): Promise<void> {
  if (!agent.server) return
  const server = await wrapServer(agent, agent.server, means)
  try {
    const found = server.unhealthy(agent)?.reason
    if (found !== undefined)
      throw new MeshError('MESH_SERVER_UNAVAILABLE', found, 'mend spec.server or spec.tools')
  } finally {
    await server.close()
  }
}
