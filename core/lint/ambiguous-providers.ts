/**
 * Tools of different agents that fill a dependency equally well, by score and version: which one answers is left to chance.
 * Instances of one agent are no such thing: they are replicas.
 */
import compareBuild from 'semver/functions/compare-build.js'
import { faultOf } from '../manifest/fault.ts'
import { scoreOf } from '../resolver/rank.ts'
import { nameOf, type Edge, type ToolNode } from './mesh-view.ts'
import type { Finding, Scene } from './rules.ts'

export function ambiguousProviders({ mesh, placeOf }: Scene): Finding[] {
  return mesh.consumers
    .flatMap(({ filled }) => filled)
    .flatMap(edge => {
      const leading = leadingOf(edge)
      if (leading.length < 2) return []
      const names = leading.map(
        node => `${nameOf(node)} (${placeOf(node.member, [...node.path, 'name'])})`,
      )
      const shown = names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} more`] : names
      const message = `"${edge.dependency.name}" is filled equally well by ${shown.join(' and ')}: each call goes to any of them`
      const fault = faultOf('MESH_PROVIDER_AMBIGUOUS', edge.path, message, {
        severity: 'warning',
        at: 'key',
        mend: 'prefer one with a tag such as +fast, or switch MESH_PROVIDER_AMBIGUOUS off in meshlint.yaml where they are meant to share the calls',
      })
      return [{ member: edge.from.member, fault }]
    })
}

/** Those that nobody ranks before. */
export function leadingOf({ suited, alternative }: Edge): readonly ToolNode[] {
  if (suited.length < 2) return suited
  const ranked = suited
    .map(node => ({ node, score: scoreOf(alternative.tags, node.tool.tags) }))
    .sort((a, b) => b.score - a.score || compareBuild(b.node.tool.version, a.node.tool.version))
  const [first] = ranked
  return ranked
    .filter(
      ({ node, score }) =>
        first &&
        score === first.score &&
        compareBuild(node.tool.version, first.node.tool.version) === 0,
    )
    .map(({ node }) => node)
}
