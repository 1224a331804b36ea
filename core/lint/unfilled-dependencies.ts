/**
 * Required dependencies that no agent of the set fills: nobody offers the capability, nobody in the range of versions, or the one
 * that would has other schemas. A set of one agent is not compared with itself: its providers are described elsewhere.
 */
import { mismatchOf } from '../contract/contract.ts'
import { faultOf, type Fault, type Path } from '../manifest/fault.ts'
import { nearest } from '../manifest/suggest.ts'
import type { Dependency } from '../model/agent.ts'
import type { Left } from '../resolver/filter.ts'
import { nameOf, type ConsumerNode, type Edge, type ToolNode } from './mesh-view.ts'
import type { Finding, Scene } from './rules.ts'

/** Nearest candidates that a message names. */
const MOST_NAMED = 3

export function unfilledDependencies(scene: Scene): Finding[] {
  const { consumers } = scene.mesh
  const isAlone = consumers.every(({ member }) => member === consumers[0]?.member)
  if (!scene.isWhole || isAlone) return []
  return consumers.flatMap(node =>
    node.dependencies.flatMap(dependency => {
      const edges = node.edges.filter(edge => edge.dependency === dependency)
      const isFilled = edges.some(({ suited }) => suited.length > 0)
      if (!dependency.required || isFilled) return []
      return [{ member: node.member, fault: unfilled({ node, dependency, edges, scene }) }]
    }),
  )
}

interface Unfilled {
  node: ConsumerNode
  dependency: Dependency
  edges: readonly Edge[]
  scene: Scene
}

interface Candidate {
  edge: Edge
  node: ToolNode
  left: Left
}

function unfilled(slot: Unfilled): Fault {
  const { node, dependency, edges, scene } = slot
  const candidates = edges.flatMap(edge =>
    edge.left.map(({ node, left }): Candidate => ({ edge, node, left })),
  )
  const path: Path = [...node.path, 'dependencies', dependency.name]
  const misfits = candidates.filter(({ left }) => left.stage === 'schema')
  const [misfit] = misfits
  if (misfit && misfits.length === 1) return contractFault(slot, misfit)
  const versions = candidates.filter(
    ({ edge, left }) => left.stage === 'version' && edge.alternative.version !== '*',
  )
  const [unmet] = versions
  if (unmet && misfits.length === 0) {
    const offered = versions.map(({ node }) => placed(node, scene, 'version'))
    const message = `no offered version of "${unmet.edge.alternative.capability}" is in the range "${unmet.edge.alternative.version}" of the required dependency "${dependency.name}": ${some(offered)}`
    const nearby = [...new Set(versions.map(({ node }) => node.tool.version))]
    const mend = `write a range that takes ${nearby.join(' or ')}, or give the file of an agent that offers a version in it`
    return faultOf('MESH_VERSION_UNMET', [...unmet.edge.path, 'version'], message, { mend })
  }
  const message = `no agent in these files fills the required dependency "${dependency.name}"`
  return faultOf('MESH_DEPENDENCY_UNRESOLVED', path, `${message}: ${reasonOf(slot, candidates)}`, {
    at: 'key',
    mend: mendOf(slot, candidates),
  })
}

/** The one that would fill it, but for its schemas: places inside both. */
function contractFault({ dependency, scene }: Unfilled, { edge, node, left }: Candidate): Fault {
  const { expects } = edge.alternative
  const mismatch = expects && mismatchOf(expects, node.tool)
  const at = mismatch ? [mismatch.side, ...mismatch.expected] : []
  const declared = mismatch ? [mismatch.side, ...mismatch.declared] : ['name']
  const where = scene.placeOf(node.member, [...node.path, ...declared])
  const message = `of the agents in these files only ${nameOf(node)} (${where}) could fill "${dependency.name}", but ${left.reason}`
  return faultOf('MESH_CONTRACT_MISMATCH', [...edge.path, 'expects', ...at], message, { at: 'key' })
}

const stages = ['namespace', 'tags', 'version', 'schema', 'lock']

function reasonOf({ edges, scene }: Unfilled, candidates: readonly Candidate[]): string {
  const wanted = [...new Set(edges.map(({ alternative }) => `"${alternative.capability}"`))]
  if (candidates.length === 0) return `none offers ${wanted.join(' or ')}`
  const nearestFirst = [...candidates].sort(
    (a, b) => stages.indexOf(b.left.stage) - stages.indexOf(a.left.stage),
  )
  return some(
    nearestFirst.map(
      ({ node, left }) =>
        `${placed(node, scene, 'name').replace(/ .*? /, ' ')} is left out, ${left.reason}`,
    ),
  )
}

/** The first of them, and how many more there are. */
function some(texts: readonly string[]): string {
  const others = texts.length - MOST_NAMED
  return [...texts.slice(0, MOST_NAMED), ...(others > 0 ? [`and ${others} more are`] : [])].join(
    '; ',
  )
}

/** `default/clock.date 1.0.0 (clock.mesh.yaml:7:5)`. */
function placed(node: ToolNode, { placeOf }: Scene, key: 'name' | 'version'): string {
  return `${nameOf(node)} ${node.tool.version} (${placeOf(node.member, [...node.path, key])})`
}

function mendOf({ edges, scene }: Unfilled, candidates: readonly Candidate[]): string {
  const elsewhere = 'give the file of the agent that fills it too, or write required: false'
  if (candidates.length > 0) return `change what is asked for or what is offered, ${elsewhere}`
  const [capability = ''] = edges.map(({ alternative }) => alternative.capability)
  const near = nearest(capability, scene.mesh.offers.keys())
  return near ? `write ${near}, ${elsewhere}` : elsewhere
}
