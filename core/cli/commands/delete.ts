/** `meshctl delete`: agents leave the registry; their running instances drain and end. */
import { readFile } from 'node:fs/promises'
import { hasCode, MeshError } from '../../model/error.ts'
import type { Command, Context } from '../command.ts'
import { listOf, scopeOf, selectorOption } from '../line/options.ts'
import { oneAgent } from '../agents/one-agent.ts'

export const remove: Command = {
  name: 'delete',
  summary: 'Delete agents from the registry; their instances drain and end',
  usage: 'meshctl delete {-f {<file> | <folder> | -} | agent <name>... | agents -l <selector>}',
  takes: [0, Infinity],
  options: [
    { flags: '-f, --file <path>...', about: 'manifests of the agents to delete' },
    selectorOption,
    { flags: '--ignore-not-found', about: 'an agent that is not there is no error' },
  ],
  examples: [
    { command: 'meshctl delete agent hello-world', about: 'by its name' },
    { command: 'meshctl delete agents -l team=docs', about: 'those with a label' },
    { command: 'meshctl delete -f mesh.yaml', about: 'by its manifest' },
  ],
  completes: args => (args.length === 0 ? ['agent', 'agents'] : 'agent'),
  async run(args, context) {
    const names = await readNames(args, context)
    const registry = await context.registry()
    let absent: Error | undefined
    for (const { name, namespace } of names) {
      try {
        await registry.deleteAgent(namespace, name)
        context.io.out(`agent/${name} deleted`)
      } catch (error) {
        if (!hasCode(error, 'MESH_RESOURCE_MISSING')) throw error
        if (!context.options.ignoreNotFound) absent ??= await whyMissing(name, namespace, context)
      }
    }
    if (absent) throw absent
    return 0
  },
}

async function readNames(args: readonly string[], context: Context) {
  const files = listOf(context.options, 'file')
  const [kind, ...names] = args
  const isAgents = kind === 'agent' || kind === 'agents'
  if (context.options.selector !== undefined && isAgents && names.length + files.length === 0) {
    const { items } = await (await context.registry()).agents(scopeOf(context))
    if (items.length === 0) context.io.say(`no agents with ${String(context.options.selector)}`)
    return items.map(({ metadata: { name, namespace } }) => ({ name, namespace }))
  }
  const isBySelector = context.options.selector !== undefined
  if (files.length > 0 && args.length === 0 && !isBySelector) {
    const { findManifests } = await import('../../manifest/find-manifests.ts')
    const { namesIn } = await import('../manifests/manifest-text.ts')
    const texts = files.includes('-') ? [await context.io.read()] : []
    const paths = files.filter(path => path !== '-')
    for (const file of paths.length > 0 ? await findManifests(paths) : []) {
      texts.push(await readFile(file, 'utf8'))
    }
    const found = texts.flatMap(namesIn)
    if (found.length === 0) {
      throw new MeshError('MESH_USAGE_INVALID', `${files.join(', ')} names no agent`)
    }
    return found.map(({ name, namespace = context.namespace }) => ({ name, namespace }))
  }
  if (files.length === 0 && isAgents && names.length > 0 && !isBySelector) {
    return names.map(name => ({ name, namespace: context.namespace }))
  }
  const [, ownName] = /^agents?\/(.+)$/.exec(kind ?? '') ?? []
  if (files.length === 0 && ownName && names.length === 0 && !isBySelector) {
    return [{ name: ownName, namespace: context.namespace }]
  }
  throw new MeshError(
    'MESH_USAGE_INVALID',
    kind === undefined
      ? 'delete was given nothing to delete'
      : `delete does not take "${args.join(' ')}"`,
    `write ${remove.usage}`,
  )
}

/** The error of `get agent`, which knows what was perhaps meant. */
async function whyMissing(
  name: string,
  namespace: string,
  context: Context,
): Promise<Error | undefined> {
  return oneAgent(name, { ...context, namespace }).then(
    () => undefined, // it came back in between
    (error: Error) => error,
  )
}
