/** `meshctl graph`: who fills whose dependency, as a tree or as a picture's source. */
import type { Graph } from '../../model/operations-api.ts'
import type { Command } from '../command.ts'
import { dotOf, mermaidOf, treeOf } from '../graph-text.ts'
import { allNamespacesOption, scopeOf } from '../options.ts'
import { printValue } from '../output.ts'

const forms: Record<string, (graph: Graph) => string[]> = {
  tree: treeOf,
  dot: dotOf,
  mermaid: mermaidOf,
}

export const graph: Command = {
  name: 'graph',
  summary: 'Show the mesh: agents, their tools, and what fills each dependency',
  usage: 'meshctl graph',
  takes: [0, 0],
  about:
    'As the registry has it resolved now. An edge leads to the tool that leads among those that fill the dependency; with ' +
    '-o json it has every endpoint in its order.',
  options: [
    allNamespacesOption,
    {
      flags: '-o, --output <form>',
      about: 'how to print',
      choices: ['tree', 'dot', 'mermaid', 'json', 'yaml'],
    },
  ],
  examples: [
    { command: 'meshctl graph', about: 'as a tree' },
    { command: 'meshctl graph -o mermaid', about: 'for a page that draws Mermaid, as GitHub does' },
    {
      command: 'meshctl graph -o dot | dot -Tsvg > mesh.svg',
      about: 'as a picture, with Graphviz',
    },
  ],
  async run(_, context) {
    const { io, options } = context
    const shown = await (await context.registry()).graph(scopeOf(context).namespace)
    if (printValue(io, options, shown)) return 0
    if (shown.nodes.length === 0) io.say('no agent runs or is wanted')
    else for (const line of (forms[String(options.output)] ?? treeOf)(shown)) io.out(line)
    return 0
  },
}
