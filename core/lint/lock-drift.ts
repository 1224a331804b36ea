/** What differs between mesh.lock and the manifests: which tool changed how, whom that breaks, and the version that it asks for. */
import type { SetMember } from '../manifest/check-set.ts'
import { faultOf, type Fault, type Path } from '../manifest/fault.ts'
import type { Lock } from '../manifest/lock-file.ts'
import { toolDigest } from '../manifest/tool-digest.ts'
import { lockOf } from './lock.ts'
import { changeOf, type ToolChange } from './mesh-changes.ts'
import {
  isTool,
  meshOf,
  nameOf,
  type ConsumerNode,
  type Edge,
  type MeshView,
  type ToolNode,
} from './mesh-view.ts'
import type { Finding } from './rules.ts'

export interface Drift {
  findings: Finding[]
  /** Of tools that are in the lock only: they stand in no file. */
  gone: { name: string; message: string }[]
}

export function driftOf(lock: Lock, members: readonly SetMember[]): Drift {
  const mesh = meshOf(members)
  const current = lockOf(members)
  const findings = mesh.consumers.flatMap(node => [
    ...(isTool(node) ? toolDrift(node, lock, mesh) : []),
    ...useDrift(node, lock, current),
  ])
  const there = new Set(mesh.nodes.map(nameOf))
  const gone = Object.keys(lock.tools)
    .filter(name => !there.has(name))
    .map(name => ({
      name,
      message: `${name} is locked and no longer there; ${consumersText(usersOf(lock, name))}`,
    }))
  return { findings, gone }
}

function toolDrift(node: ToolNode, lock: Lock, mesh: MeshView): Finding[] {
  const name = nameOf(node)
  const path: Path = [...node.path, 'name']
  const fault = (message: string, more: Partial<Fault> = {}): Finding => ({
    member: node.member,
    fault: faultOf('MESH_LOCK_DRIFTED', path, message, more),
  })
  const locked = lock.tools[name]
  if (!locked) return [fault(`${name} is not in mesh.lock`)]
  const { digest, ...facts } = locked
  const { tool } = node
  const isSame =
    toolDigest({
      ...{ capability: tool.capability, version: tool.version, tags: [...tool.tags].sort() },
      ...{ description: tool.description, inputSchema: tool.inputSchema },
      ...{ outputSchema: tool.outputSchema, annotations: tool.annotations },
    }) === digest
  if (isSame) return []
  const change = changeOf({ tool: { ...tool, ...facts } }, node)
  const broken = brokenEdges(mesh, lock, name)
  return [fault(driftText(change, broken)), ...stepFault(change)]
}

function driftText(
  { name, before, after, changes, asked }: ToolChange,
  broken: readonly Edge[],
): string {
  const versions = before === after ? before : `${before} -> ${after}`
  const list = changes.map(({ step, text }) => `\n    ${marks[step]} ${text} (${step})`).join('')
  const what =
    changes.length === 0 ? 'only its version changed' : `it asks for a ${asked} step${list}`
  return `${name} ${versions} is not what mesh.lock says: ${what}\n    ${brokenText(broken)}`
}

const marks = { major: '-', minor: '+', patch: '~', none: ' ' } as const

function brokenText(broken: readonly Edge[]): string {
  if (broken.length === 0) return 'no consumer in these files breaks'
  const names = broken.map(edge => `${nameOf(edge.from)} ("${edge.dependency.name}")`)
  return `breaks ${names.join(', ')}`
}

/** Dependencies that the tool filled, and that nothing fills now. */
function brokenEdges(mesh: MeshView, lock: Lock, name: string): Edge[] {
  return mesh.consumers.flatMap(node =>
    node.edges.filter(({ dependency }) => {
      const isUsed = lock.uses[`${nameOf(node)}/${dependency.name}`]?.some(use =>
        use.startsWith(`${name}@`),
      )
      return (
        isUsed &&
        node.edges.every(edge => edge.dependency !== dependency || edge.suited.length === 0)
      )
    }),
  )
}

function usersOf(lock: Lock, name: string): string[] {
  return Object.keys(lock.uses).filter(use =>
    lock.uses[use]?.some(each => each.startsWith(`${name}@`)),
  )
}

function consumersText(users: readonly string[]): string {
  return users.length === 0 ? 'nobody used it' : `it filled ${users.join(', ')}`
}

/** A version that says less than what changed; placed at the version. */
export function stepFault({
  name,
  before,
  after,
  asked,
  least,
  node,
  changes,
}: ToolChange): Finding[] {
  if (least === undefined) return []
  const message = `${name} went from ${before} to ${after}, and its changes ask for a ${asked} step: ${changes[0]?.text ?? ''}`
  const fault = faultOf('MESH_STEP_SHORT', [...node.path, 'version'], message, {
    mend: `write version: ${least} on the tool`,
  })
  return [{ member: node.member, fault }]
}

function useDrift(node: ConsumerNode, lock: Lock, current: Lock): Finding[] {
  return node.dependencies.flatMap(({ name }) => {
    const key = `${nameOf(node)}/${name}`
    const [before = [], after = []] = [lock.uses[key], current.uses[key]]
    // Another version of the same tool is told at the tool.
    const tools = (uses: readonly string[]) => uses.map(use => use.replace(/@[^@]*$/, '')).join()
    if (tools(before) === tools(after)) return []
    const [from, to] = [before, after].map(uses => uses.join(', ') || 'nothing')
    const message = `"${name}" is filled by ${to}; mesh.lock has ${from}`
    const path: Path = [...node.path, 'dependencies', name]
    return [
      { member: node.member, fault: faultOf('MESH_LOCK_DRIFTED', path, message, { at: 'key' }) },
    ]
  })
}
