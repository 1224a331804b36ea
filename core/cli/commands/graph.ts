/** `meshctl graph`: who fills whose dependency, as a tree, as a picture, or as a picture's source; live or from files. */
import type { Command, Context } from '../command.ts'
import type { DrawnGraph } from '../graph/drawn-graph.ts'
import { loadChecked } from '../manifests/faults.ts'
import { treeOf } from '../graph/graph-tree.ts'
import { allNamespacesOption, listOf, scopeOf } from '../line/options.ts'
import { printValue } from '../output/output.ts'

const forms = ['tree', 'dot', 'mermaid', 'svg', 'json', 'yaml']

export const graph: Command = {
  name: 'graph',
  summary: 'Show the mesh: agents, their tools, and what fills each dependency',
  usage: 'meshctl graph',
  takes: [0, 0],
  about:
    'As the registry has it resolved now; with -f as these manifests would be, if an instance of each were ready, and no registry ' +
    'is asked. An edge leads to the tool that leads among those that fill the dependency, or to a capability that nothing ' +
    'offers; with -o json it has every endpoint in its order. The picture needs no other program: it is laid out here.',
  options: [
    {
      flags: '-f, --file <path>...',
      about: 'file or folder to read in place of asking the registry',
    },
    allNamespacesOption,
    { flags: '-o, --output <form>', about: 'how to print', choices: forms },
  ],
  examples: [
    { command: 'meshctl graph', about: 'as a tree' },
    { command: 'meshctl graph -o svg > mesh.svg', about: 'as a picture' },
    {
      command: 'meshctl graph -f examples -o mermaid',
      about: 'of files, for a page that draws Mermaid, as GitHub does',
    },
  ],
  async run(_, context) {
    const { io, options } = context
    const shown = await graphFor(context)
    if (printValue(io, options, shown)) return 0
    if (shown.nodes.length === 0) io.say('no agent runs or is wanted')
    else for (const line of await linesOf(shown, context)) io.out(line)
    return 0
  },
}

async function graphFor(context: Context): Promise<DrawnGraph> {
  const files = listOf(context.options, 'file')
  const { namespace } = scopeOf(context)
  if (files.length === 0) return (await context.registry()).graph(namespace)
  const { graphFromFiles } = await import('../graph/graph-from-files.ts')
  const manifests = await loadChecked(files, context)
  const all = graphFromFiles(manifests.map(({ agent }) => agent))
  if (context.options.namespace === undefined) return all
  const isHere = (id: string) => id.startsWith(`${namespace}/`)
  const [nodes, edges] = [
    all.nodes.filter(({ id }) => isHere(id)),
    all.edges.filter(({ from }) => isHere(from)),
  ]
  return { ...all, nodes, edges }
}

async function linesOf(shown: DrawnGraph, { io, options }: Context): Promise<string[]> {
  if (options.output === 'svg') return [await (await import('../graph/graph-svg.ts')).svgOf(shown)]
  if (options.output === 'dot') return (await import('../graph/graph-text.ts')).dotOf(shown)
  if (options.output === 'mermaid') return (await import('../graph/graph-text.ts')).mermaidOf(shown)
  return treeOf(shown, io.hasColor)
}
