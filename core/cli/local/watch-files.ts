/**
 * Reloads an agent when its manifest or a module in its folder changes. Only what validates, loads in a process of its own,
 * and is refused neither by the registry nor for its port replaces what runs: else the old process stays and the fault is
 * shown. A changed manifest is applied to the registry first where the agent has other instances or an applied manifest.
 */
import { createHash } from 'node:crypto'
import { readFileSync, realpathSync } from 'node:fs'
import { createServer } from 'node:net'
import { relative, sep } from 'node:path'
import { watch } from 'chokidar'
import { portHolder } from '../../client/port-holder.ts'
import type { RegistryClient } from '../../client/registry-client.ts'
import type { Diagnostic } from '../../manifest/diagnostic.ts'
import { readLockFile } from '../../manifest/lock-file.ts'
import { pinLoaded } from '../../manifest/pin.ts'
import { loadManifests, type LoadedManifest } from '../../manifest/load.ts'
import { hasCode, messageOf, MeshError } from '../../model/error.ts'
import type { LocalAgent } from './local-agent.ts'

const SETTLE_MS = 150
const watched = /\.(ya?ml|json|[cm]?[jt]s)$/

export interface WatchSettings {
  readonly manifests: readonly LoadedManifest[]
  readonly agents: readonly LocalAgent[]
  /** The mesh.lock to which they are held; watched too. */
  readonly lock: string | undefined
  readonly registry: RegistryClient
  readonly say: (line: string) => void
  readonly showFaults: (faults: readonly Diagnostic[]) => void
}

/**
 * Resolves once every change is seen, with what ends the watch and resolves when a reload under way is over.
 */
export async function watchFiles(settings: WatchSettings): Promise<() => Promise<void>> {
  const { manifests, agents, say } = settings
  const digests = new Map(manifests.map(loaded => [keyOf(loaded), loaded.digest]))
  // A folder that is itself a symbolic link is watched where it leads; links inside it are not followed.
  const folderOf = ({ folder }: LoadedManifest) => realpathSync(folder)
  const folders = [...new Set(manifests.map(folderOf))]
  const hashes = new Map<string, string>()
  /** Of the manifest that was taken up last. */
  const ports = new Map<string, number>()
  /** Since it was looked at last. */
  const touched = new Set<string>()
  const changed = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let work: Promise<void> = Promise.resolve()
  let isClosed = false
  let isReady = false

  // Policies may stand in files elsewhere.
  const policies = new Map(
    manifests.map(loaded => [loaded, loaded.policyFiles.map(file => realpathSync(file))]),
  )
  const lock = settings.lock === undefined ? undefined : realpathSync(settings.lock)
  const others = [...new Set([...policies.values()].flat()), ...(lock === undefined ? [] : [lock])]
  const watcher = watch([...folders, ...others], {
    ignored: path => folders.some(folder => isHidden(relative(folder, path))),
    followSymlinks: false,
  })
  watcher.on('all', (event, path) => {
    if ((!watched.test(path) && path !== lock) || !/^(add|change|unlink)$/.test(event)) return
    if (!isReady && !hashes.has(path)) return void hashes.set(path, hashOf(path))
    touched.add(path)
    clearTimeout(timer)
    timer = setTimeout(look, SETTLE_MS)
  })

  /** Only now, as a file that is written is empty for a moment, and of what comes close behind one event none is told. */
  function look() {
    for (const path of touched) {
      const hash = hashOf(path)
      if (hashes.get(path) === hash) continue // saved without a change
      hashes.set(path, hash)
      changed.add(path)
    }
    touched.clear()
    if (changed.size > 0) work = work.then(reloadChanged)
  }
  watcher.on('error', error => say(`the files are not watched any more: ${messageOf(error)}`))
  await new Promise<void>(resolve => watcher.once('ready', resolve))
  isReady = true

  async function reloadChanged() {
    const paths = [...changed]
    changed.clear()
    for (const loaded of manifests) {
      if (isClosed) return
      const concerns = (path: string) =>
        path === lock ||
        isBelow(folderOf(loaded), path) ||
        policies.get(loaded)?.includes(path) === true
      if (!paths.some(concerns)) continue
      const agent = agents.find(agent => agent.key === keyOf(loaded))
      if (!agent) continue
      try {
        await reload(loaded, agent)
      } catch (error) {
        say(`${agent.settings.name} is down until its files are mended: ${textOf(error)}`)
      }
    }
  }

  async function reload(old: LoadedManifest, agent: LocalAgent) {
    const { name } = agent.settings
    const result = await loadManifests([old.file], { policyFiles: old.policyFiles })
    const faults = result.diagnostics.filter(({ severity }) => severity === 'error')
    let next = result.manifests.find(loaded => keyOf(loaded) === agent.key)
    if (faults.length > 0 || !next) {
      settings.showFaults(faults)
      const why = next || faults.length > 0 ? 'has faults' : `no longer describes ${name}`
      return say(`${name} goes on as it was: its manifest or modules ${why}`)
    }
    try {
      if (lock !== undefined) next = pinLoaded(next, await readLockFile(lock, relative('', lock)))
      await agent.check()
    } catch (error) {
      return say(`${name} goes on as it was: ${textOf(error)}`)
    }
    if (isClosed) return
    if (next.digest !== digests.get(agent.key)) {
      try {
        await offer(next, old, agent)
      } catch (error) {
        return say(`${name} goes on as it was: ${textOf(error)}`)
      }
    }
    ports.set(agent.key, next.agent.http.port)
    say(`${name} changed: restarting it`)
    await agent.replace()
    digests.set(agent.key, next.digest)
    if (agent.served) say(`${name} ready at ${agent.served.endpoint} (${agent.served.instance})`)
  }

  /** What only others can refuse, asked while the old process runs: its port, and the registry. */
  async function offer(next: LoadedManifest, old: LoadedManifest, { key, served }: LocalAgent) {
    const { namespace, name, http } = next.agent
    const bound = ports.get(key) ?? old.agent.http.port
    if (http.port !== 0 && http.port !== bound) await checkPort(http.host, http.port)
    try {
      await settings.registry.apply(next.manifest, { dryRun: true })
      const { metadata, status } = await settings.registry.agent(namespace, name)
      const others = status.instances.filter(({ id }) => id !== served?.instance)
      // An own process that was merely announced simply gives way.
      if (metadata.origin === 'announced' && others.length === 0) return
      await settings.registry.apply(next.manifest)
    } catch (error) {
      const isNobody =
        hasCode(error, 'MESH_RESOURCE_MISSING') || hasCode(error, 'MESH_REGISTRY_UNREACHABLE')
      if (!isNobody) throw error
    }
  }

  return async () => {
    isClosed = true
    clearTimeout(timer)
    await watcher.close()
    await work
  }
}

/** Throws MESH_PORT_TAKEN where somebody else listens there. */
async function checkPort(host: string, port: number): Promise<void> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host.replace(/^\[(.*)\]$/, '$1'), resolve)
    })
  } catch (cause) {
    const holder = await portHolder(host, port)
    const found = `port ${port} is taken${holder ? ` by ${holder}` : ''}`
    throw new MeshError('MESH_PORT_TAKEN', found, undefined, { cause })
  } finally {
    server.close()
  }
}

const keyOf = ({ agent }: LoadedManifest) => `${agent.namespace}/${agent.name}`

const textOf = (error: unknown) =>
  `${error instanceof MeshError ? `${error.code}: ` : ''}${messageOf(error)}`

const isBelow = (folder: string, path: string) => !relative(folder, path).startsWith('..')

const isHidden = (path: string) =>
  path.split(sep).some(part => part === 'node_modules' || (part.startsWith('.') && part !== '..'))

function hashOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  } catch {
    return '' // removed
  }
}
