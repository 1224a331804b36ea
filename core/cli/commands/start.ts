/** `meshctl start PATH...`: a registry if there is none, an agent for each manifest, all looked after until Ctrl-C. */
import { MeshError, messageOf } from '../../model/error.ts'
import type { LoadedManifest } from '../../manifest/load.ts'
import type { Command, Context } from '../command.ts'
import { lockFileOption, lockOption } from '../line/options.ts'
import { loadChecked, showFaults } from '../manifests/faults.ts'
import { startDetached } from '../local/detach.ts'
import { openHome } from '../local/home.ts'

export const start: Command = {
  name: 'start',
  summary: 'Run agents, and a registry if there is none',
  usage: 'meshctl start <path>...',
  takes: [0, Infinity],
  about:
    'Checks all manifests first. Where MESH_REGISTRY_URL is loopback and nobody answers, a registry is started; it is shared ' +
    'by all starts and ends with the last of them. An agent starts when those are ready that could fill its dependencies, a few at ' +
    'a time. The logs of all agents are printed with their names and kept under ' +
    'MESH_HOME/logs. Ctrl-C drains everything; a second one ends it at once.',
  options: [
    { flags: '--registry-only', about: 'run only the registry' },
    {
      flags: '--auto-restart',
      about: 'start again what fails, sooner at first and then every 10 s',
    },
    {
      flags: '--watch-files',
      about: 'reload an agent when its manifest or a module beside it changes',
    },
    {
      flags: '--detach',
      about: 'go on in the background; returns when everything is ready or has failed',
    },
    {
      flags: '--locked',
      about: 'fill dependencies only with tools that are what the lock file says',
    },
    lockFileOption,
    { flags: '--supervised', about: 'runs in the background already', hidden: true },
  ],
  examples: [
    { command: 'meshctl start examples/hello', about: 'every agent below a folder' },
    { command: 'meshctl start mesh.yaml --watch-files', about: 'while working on it' },
    {
      command: 'meshctl start examples/hello --detach',
      about: 'in the background, until meshctl stop',
    },
  ],
  completes: () => 'path',
  async run(paths, context) {
    const { options, io } = context
    if (paths.length === 0 && !options.registryOnly) {
      throw new MeshError(
        'MESH_USAGE_INVALID',
        'start was given no manifest',
        `write ${start.usage}, or meshctl start --registry-only`,
      )
    }
    if (paths.length > 0 && options.registryOnly) {
      throw new MeshError(
        'MESH_USAGE_INVALID',
        `--registry-only starts no agent, but "${paths[0]}" was given`,
        'leave one of the two out',
      )
    }
    if (options.detach) return startDetached(paths, context)
    const parent = options.supervised ? context.parent : undefined
    const say = (line: string) => {
      io.out(line)
      parent?.send({ type: 'out', line })
    }
    const err = (line: string) => {
      io.err(line)
      parent?.send({ type: 'err', line })
    }
    const own = { ...context, io: { ...io, say, err } }
    try {
      const manifests = await held(await loadChecked(paths, own), own)
      if (manifests.length === 0 && !options.registryOnly) {
        throw new MeshError('MESH_USAGE_INVALID', `${paths.join(', ')} describes no agent`)
      }
      return await run(manifests, own, () => {
        parent?.send({ type: 'ready' })
        parent?.release()
      })
    } catch (error) {
      if (error instanceof MeshError) {
        const { code, message, mend, details } = error
        parent?.send({ type: 'failed', error: { code, message, mend, lines: details?.lines } })
      } else parent?.send({ type: 'failed', error: { message: messageOf(error) } })
      throw error
    }
  },
}

/** The manifests as their agents will serve them: with `--locked` they are held to the lock file. */
async function held(manifests: LoadedManifest[], context: Context): Promise<LoadedManifest[]> {
  if (context.options.locked !== true) return manifests
  const { readLockFile } = await import('../../manifest/lock-file.ts')
  const { pinLoaded } = await import('../../manifest/pin.ts')
  const { file, name } = lockOption(context)
  const lock = await readLockFile(file, name)
  return manifests.map(loaded => pinLoaded(loaded, lock))
}

async function run(
  manifests: readonly LoadedManifest[],
  context: Context,
  onReady: () => void,
): Promise<number> {
  const { io, token, options, bins, onStop, registryUrls } = context
  const env = { ...context.env, MESH_TOKEN: token } // of the context, where the variable is not set
  const lock = options.locked === true ? lockOption(context).file : undefined
  const { supervise } = await import('../local/supervisor.ts')
  const { startOrder } = await import('../local/start-order.ts')
  const [stop, kill] = [new AbortController(), new AbortController()]
  const stopListening = onStop(() => {
    if (stop.signal.aborted) return kill.abort()
    io.say('stopping; once more ends everything at once')
    stop.abort()
  })
  try {
    const code = await supervise({
      agents: manifests.map(({ file, policyFiles, agent: { namespace, name } }) => {
        return { namespace, name, manifest: file, policyFiles, lock }
      }),
      after: startOrder(manifests.map(({ agent }) => agent)),
      registryUrls,
      home: openHome(env),
      bins,
      env,
      isRestarted: options.autoRestart === true,
      hasColor: io.hasColor,
      stop: stop.signal,
      kill: kill.signal,
      say: io.say,
      log: io.out,
      onReady,
      async onServing(agents) {
        if (!options.watchFiles) return async () => undefined
        const { watchFiles } = await import('../local/watch-files.ts')
        return watchFiles({
          ...{ manifests, agents, lock },
          registry: await context.registry(),
          say: io.say,
          showFaults: faults => showFaults(faults, context),
        })
      },
    })
    return kill.signal.aborted ? 1 : code
  } finally {
    stopListening()
  }
}
