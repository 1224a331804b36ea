/** `meshctl config`: contexts, so that a registry, a namespace and a token have a name. */
import { MeshError } from '../../model/error.ts'
import type { Command, Context } from '../command.ts'
import {
  contextOf,
  isReference,
  LOCAL,
  readConfig,
  writeConfig,
  type Config,
  type MeshContext,
} from '../line/contexts.ts'
import { missing } from '../line/nearest.ts'
import { outputOption, textOf } from '../line/options.ts'
import { printList, type Column } from '../output/output.ts'
import { readUrls } from '../line/registry-urls.ts'

type Action = (name: string, context: Context, known: Config) => void

const takesName = ['use-context', 'set-context', 'delete-context']

export const config: Command = {
  name: 'config',
  summary: 'Name registries, and choose the one to speak to',
  usage:
    'meshctl config {get-contexts | current-context | use-context <name> | set-context <name> | delete-context <name>}',
  takes: [1, 2],
  about:
    'A context is a registry, a namespace and a token under a name, kept in MESH_HOME/config.json. "local" is always there: the ' +
    'registry that meshctl start runs. MESH_REGISTRY_URL and MESH_TOKEN come before the current context, --context and the ' +
    'other flags before both. A registry in a cluster is reached by its ingress, or through kubectl port-forward. A token is ' +
    'written as a reference, never as itself.',
  options: [
    {
      flags: '--token <reference>',
      about: 'of set-context: where the token is, ${env:NAME} or ${file:/path}',
    },
    outputOption,
  ],
  examples: [
    {
      command: 'meshctl config set-context docker --registry-url http://127.0.0.1:8080 -n shop',
      about: 'a registry in a container, and a namespace of it',
    },
    {
      command:
        "meshctl config set-context prod --registry-url https://mesh.example.com --token '${file:/run/secrets/mesh}'",
      about: 'one in a cluster, with a token',
    },
    { command: 'meshctl config use-context prod', about: 'from now on' },
    { command: 'meshctl list --context docker', about: 'for one command' },
    { command: 'meshctl config get-contexts', about: 'which there are' },
  ],
  completes: args =>
    args.length === 0
      ? ['get-contexts', 'current-context', ...takesName]
      : takesName.includes(args[0] ?? '')
        ? 'context'
        : undefined,
  async run([word = '', name], context) {
    const action = Object.hasOwn(actions, word) ? actions[word] : undefined
    if (!action) {
      const known = Object.keys(actions)
      throw missing(
        { found: `"${word}" is nothing that config does`, name: word, known, see: config.usage },
        'MESH_USAGE_INVALID',
      )
    }
    if (takesName.includes(word) !== (name !== undefined)) {
      const found =
        name === undefined ? `${word} was given no name` : `${word} does not take "${name}"`
      throw new MeshError('MESH_USAGE_INVALID', found, `write ${config.usage}`)
    }
    action(name ?? '', context, readConfig(context.env))
    return 0
  },
}

const actions: Record<string, Action> = {
  'get-contexts': list,
  'current-context': (_, { io }, { current = LOCAL }) => io.out(current),
  'use-context'(name, { env, io }, known) {
    contextOf(known, name)
    writeConfig(env, { ...known, current: name })
    io.out(`context/${name} is the current one`)
    if (env.MESH_REGISTRY_URL) io.say('but MESH_REGISTRY_URL is set, and comes before it')
  },
  'set-context': set,
  'delete-context'(name, { env, io }, known) {
    contextOf(known, name)
    const { [name]: gone, ...contexts } = known.contexts
    if (!gone) throw new MeshError('MESH_USAGE_INVALID', `context "${name}" is always there`)
    const { current = LOCAL } = known
    writeConfig(env, { ...(current === name ? {} : { current }), contexts })
    io.out(`context/${name} deleted`)
    if (current === name) io.say(`it was the current one: now that is ${LOCAL}`)
  },
}

function set(name: string, { env, io, options }: Context, known: Config) {
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/i.test(name)) {
    const mend = 'write letters, digits, dots, dashes and underscores, at most 63'
    throw new MeshError('MESH_USAGE_INVALID', `"${name}" is no name of a context`, mend)
  }
  const [registryUrl, token] = [textOf(options, 'registryUrl'), textOf(options, 'token')]
  const namespace = textOf(options, 'namespace')
  if (token !== undefined && !isReference(token)) {
    throw new MeshError(
      'MESH_SECRET_INLINE',
      'the token of a context is a reference, so that no file holds it',
      "write --token '${env:NAME}' or '${file:/path}'",
    )
  }
  const next: MeshContext = {
    ...known.contexts[name],
    ...(registryUrl === undefined ? {} : { registryUrl: readUrls(registryUrl).join(',') }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(token === undefined ? {} : { token }),
  }
  writeConfig(env, { ...known, contexts: { ...known.contexts, [name]: next } })
  io.out(`context/${name} ${Object.hasOwn(known.contexts, name) ? 'changed' : 'set'}`)
}

interface Row extends MeshContext {
  name: string
  isCurrent: boolean
}

const columns: readonly Column<Row>[] = [
  { head: 'CURRENT', of: ({ isCurrent }) => (isCurrent ? '*' : '') },
  { head: 'NAME', of: ({ name }) => name },
  { head: 'REGISTRY', of: ({ registryUrl }) => registryUrl ?? readUrls(undefined).join(',') },
  { head: 'NAMESPACE', of: ({ namespace }) => namespace ?? 'default' },
  { head: 'TOKEN', of: ({ token }) => token ?? '', wide: true },
]

function list(_: string, { io, options }: Context, { current = LOCAL, contexts }: Config) {
  const names = [...new Set([LOCAL, ...Object.keys(contexts).sort()])]
  const rows = names.map(name => ({ name, isCurrent: name === current, ...contexts[name] }))
  printList(io, options, { rows, columns, nameOf: ({ name }) => `context/${name}`, none: '' })
}
