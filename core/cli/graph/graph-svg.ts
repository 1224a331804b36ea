/** The mesh as a picture: the text for Graphviz, laid out by Graphviz itself, which comes as WebAssembly. */
import { instance } from '@viz-js/viz'
import type { DrawnGraph } from './drawn-graph.ts'
import { dotOf } from './graph-text.ts'

/** A whole SVG document. Its texts are escaped by Graphviz, so that no name in them becomes markup. */
export async function svgOf(graph: DrawnGraph): Promise<string> {
  const viz = await instance()
  return viz.renderString(dotOf(graph).join('\n'), { format: 'svg' }).trimEnd()
}
