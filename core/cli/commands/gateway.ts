/** `meshctl gateway --stdio`: a gateway for a client that starts its servers itself and speaks MCP on their standard streams. */
import type { LoadedManifest } from '../../manifest/load.ts'
import { MeshError } from '../../model/error.ts'
import type { AgentResource } from '../../model/registry-api.ts'
import type { Command, Context } from '../command.ts'
import { launch, type Launched } from '../local/child.ts'
import { openHome } from '../local/home.ts'
import { loadChecked } from '../manifests/faults.ts'

export const gateway: Command = {
  name: 'gateway',
  summary: 'Speak MCP on standard input and output, by a gateway of the mesh',
  usage: 'meshctl gateway --stdio [path]...',
  takes: [0, Infinity],
  about:
    'With paths: what they describe is started as meshctl start does it, and ends with this. One of it is a manifest of kind Gateway. ' +
    'Without paths: a gateway that runs already. Messages go to stdout, a line each, everything else to stderr. A token that the gateway ' +
    'asks for is taken from MESH_TOKEN.',
  options: [
    { flags: '--stdio', about: 'on standard input and output: the one way that there is' },
    { flags: '--name <gateway>', about: 'which one, where there are several' },
  ],
  examples: [
    {
      command: 'meshctl gateway --stdio /home/me/mesh',
      about: 'the command of a server in the settings of a desktop client',
    },
    { command: 'meshctl gateway --stdio --name front', about: 'one that runs already' },
  ],
  completes: () => 'path',
  async run(paths, context) {
    const { io, options, env, onStop } = context
    if (!options.stdio) {
      const mend = 'write meshctl gateway --stdio; meshctl start runs one for clients over HTTP'
      throw new MeshError('MESH_USAGE_INVALID', 'gateway was not told how to speak', mend)
    }
    const stop = new AbortController()
    const stopListening = onStop(() => stop.abort())
    let started: Launched | undefined
    try {
      const loaded = paths.length > 0 ? await loadChecked(paths, context) : []
      if (paths.length > 0) {
        const known = loaded.filter(({ manifest }) => manifest.kind === 'Gateway').map(keyOf)
        chosen(known, context, paths.join(', '))
        started = start(paths, context)
        await started.ready
      }
      const url = await endpointOf(loaded, context)
      const { bridge } = await import('../instances/stdio-bridge.ts')
      const token = env['MESH_TOKEN'] || undefined
      await bridge({ url, token, lines: io.lines(), out: io.out, signal: stop.signal })
      return 0
    } finally {
      stopListening()
      started?.signal('SIGTERM')
      await started?.exited
    }
  },
}

/** `meshctl start` in a process of its own, whose words all go to stderr. */
function start(paths: readonly string[], { bins, env, io, registryUrls }: Context): Launched {
  const urls = ['--registry-url', registryUrls.join(',')]
  return launch({
    bin: bins.meshctl,
    args: ['start', '--supervised', ...urls, '--', ...paths],
    env: { ...env, MESH_HOME: openHome(env).root },
    output: 'pipe',
    what: 'meshctl start',
    onLine: io.err,
  })
}

async function endpointOf(loaded: readonly LoadedManifest[], context: Context): Promise<string> {
  const { items } = await (await context.registry()).agents()
  const own = new Set(loaded.map(keyOf))
  const found = items.filter(
    ({ kind, metadata: { namespace, name } }) =>
      kind === 'Gateway' &&
      (own.size > 0 ? own.has(`${namespace}/${name}`) : namespace === context.namespace),
  )
  const keys = found.map(({ metadata: { namespace, name } }) => `${namespace}/${name}`)
  const key = chosen(keys, context, 'the mesh')
  const gateway = found[keys.indexOf(key)]
  const instance = gateway?.status.instances.find(isReady)
  if (instance) return instance.endpoint
  throw new MeshError('MESH_AGENT_UNREACHABLE', `gateway "${key}" has no live instance`)
}

const isReady = ({ state }: AgentResource['status']['instances'][number]) => state === 'ready'

const keyOf = ({ agent }: LoadedManifest) => `${agent.namespace}/${agent.name}`

/** The only one, or the one that is named. */
function chosen(keys: readonly string[], { options }: Context, where: string): string {
  const { name } = options
  const fit = keys.filter(
    key => name === undefined || key === name || key.endsWith(`/${String(name)}`),
  )
  const [only, second] = fit
  if (only !== undefined && second === undefined) return only
  if (second !== undefined) {
    const mend = `write --name with one of ${fit.join(', ')}`
    throw new MeshError('MESH_USAGE_INVALID', `${where} has ${fit.length} gateways`, mend)
  }
  const found = name === undefined ? 'has no gateway' : `has no gateway "${String(name)}"`
  const mend =
    keys.length > 0
      ? `write --name with one of ${keys.join(', ')}`
      : 'add a manifest of kind Gateway, as in examples/gateway'
  throw new MeshError('MESH_RESOURCE_MISSING', `${where} ${found}`, mend)
}
