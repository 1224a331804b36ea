/** The registry as a `meshctl start` needs it: there before the agents, held while they run, let go after them. */
import { createRegistryClient } from '../../client/registry-client.ts'
import { messageOf } from '../../model/error.ts'
import { sleep } from '../../model/sleep.ts'
import type { Bins } from '../command.ts'
import type { Home } from './home.ts'
import { untilGone } from './identity.ts'
import {
  forgetRegistry,
  holdRegistry,
  isLoopback,
  isSameRegistry,
  type HeldRegistry,
} from './registry-hold.ts'
import { startRecords } from './start-records.ts'

const REACH_TIMEOUT_MS = 2_000
const END_TIMEOUT_MS = 5_000

export interface RegistrySettings {
  readonly registryUrls: readonly string[]
  readonly home: Home
  readonly bins: Bins
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isRestarted: boolean
  readonly say: (line: string) => void
}

export interface KeptRegistry {
  readonly url: string
  /** False where nobody answers, and it is not ours to start one. */
  readonly isThere: boolean
  /** True where it is somebody else's: it neither ends with us nor is it restarted. */
  readonly isForeign: boolean
  /** Lets it go; resolves when it has ended, or at once where others hold it. */
  readonly close: () => Promise<void>
}

/** Holds a registry, and where the first URL is loopback and nobody answers, starts one. */
export async function keepRegistry(settings: RegistrySettings): Promise<KeptRegistry> {
  const { registryUrls, env, say } = settings
  const [url = ''] = registryUrls
  const client = createRegistryClient({ urls: registryUrls, token: env.MESH_TOKEN })
  try {
    if (registryUrls.length > 1 || !isOurs(url)) {
      const isThere = await client.isReachable(REACH_TIMEOUT_MS)
      if (isThere || !isOurs(url)) {
        if (!isThere)
          say(`no registry answers at ${registryUrls.join(', ')}: agents join it when it comes`)
        return { url, isThere, isForeign: true, close: async () => undefined }
      }
    }
  } finally {
    await client.close()
  }
  return keepLocal(url, settings)
}

async function keepLocal(url: string, settings: RegistrySettings): Promise<KeptRegistry> {
  const { home, bins, env, isRestarted, say } = settings
  const client = createRegistryClient({ urls: [url], token: env.MESH_TOKEN })
  const need = { url, home, bins, env, isReachable: (ms: number) => client.isReachable(ms) }
  const closing = new AbortController()
  let held = await holdRegistry(need)
  if (held.started) say(`registry ready at ${url}`)

  async function follow(lost: HeldRegistry): Promise<void> {
    await lost.lost
    for (let failures = 0; !closing.signal.aborted; failures++) {
      if (failures === 0) say(`the registry at ${url} ended; agents go on with what they know`)
      if (!isRestarted) return
      try {
        held = await holdRegistry(need)
        say(`registry ready again at ${url}`)
        if (closing.signal.aborted) held.release()
        return void follow(held)
      } catch (error) {
        say(`the registry did not restart: ${messageOf(error)}`)
        await sleep(Math.min(100 * 2 ** failures, 10_000), closing.signal).catch(() => undefined)
      }
    }
  }
  void follow(held)

  return {
    url,
    isThere: true,
    isForeign: held.record === undefined,
    async close() {
      closing.abort()
      held.release()
      await client.close()
      const { record } = held
      const isShared = startRecords(home).live.some(
        other =>
          other.registryUrls.some(its => isSameRegistry(its, url)) && other.pid !== process.pid,
      )
      if (!record || isShared) return
      if (!(await untilGone(record, END_TIMEOUT_MS))) return
      forgetRegistry(home, record)
      say(`registry at ${url} stopped`)
    },
  }
}

/** Whether a registry that nobody has started is ours to start: it speaks http, at the root of a loopback address. */
function isOurs(url: string): boolean {
  const { protocol, pathname } = new URL(url)
  return isLoopback(url) && protocol === 'http:' && pathname === '/'
}
