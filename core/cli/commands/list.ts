/** `meshctl list`: the agents of a namespace, or of all. */
import { agentColumns } from '../agents-view.ts'
import type { Command, Context } from '../command.ts'
import { allNamespacesOption, outputOption, scopeOf, selectorOption } from '../options.ts'
import { printList } from '../output.ts'
import { withNamespace } from '../watch-agents.ts'

export const list: Command = {
  name: 'list',
  summary: 'List the agents of the mesh',
  usage: 'meshctl list',
  takes: [0, 0],
  options: [outputOption, allNamespacesOption, selectorOption],
  examples: [
    { command: 'meshctl list', about: 'who lives, what they offer, where' },
    { command: 'meshctl list -l team=docs', about: 'those with a label' },
    { command: 'meshctl list -A -o json', about: 'every namespace, for programs' },
  ],
  run: (_, context) => listAgents(context),
}

/** Prints the agents; also `meshctl get agents`. */
export async function listAgents(context: Context): Promise<number> {
  const { io, options, namespace } = context
  const everywhere = options.allNamespaces === true
  const { items } = await (await context.registry()).agents(scopeOf(context))
  const rows = items.toSorted((a, b) => keyOf(a.metadata).localeCompare(keyOf(b.metadata)))
  printList(io, options, {
    rows,
    columns: everywhere ? withNamespace(agentColumns) : agentColumns,
    nameOf: ({ metadata }) => `agent/${metadata.name}`,
    none:
      options.selector !== undefined
        ? `no agents with ${String(options.selector)}`
        : everywhere
          ? 'no agents; meshctl start runs some'
          : `no agents in namespace "${namespace}"; -A looks in all, meshctl start runs some`,
  })
  return 0
}

const keyOf = ({ name, namespace }: { name: string; namespace: string }) => `${namespace}/${name}`
