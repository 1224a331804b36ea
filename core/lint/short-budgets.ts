/**
 * Times that cannot hold along a path: a tool that may run for less than a dependency of it may use, and an attempt that gives
 * up before the longest path below it has run. Only times that somebody wrote are summed: the shipped ones suit each other,
 * and whoever writes nothing has asked for nothing.
 */
import { faultOf } from '../manifest/fault.ts'
import { valueAt } from '../manifest/record.ts'
import { nameOf, type Edge, type MeshView, type ToolNode } from './mesh-view.ts'
import { providersFirst } from './providers-first.ts'
import { trailText, type Trail } from './trail.ts'
import type { Finding, Scene } from './rules.ts'
import { isWritten, placeOfField } from './written-policy.ts'

/** How long something may take, and the names along which it does. */
interface Need {
  ms: number
  path: Trail | undefined
}

type Needs = ReadonlyMap<ToolNode, Need>

const nothing: Need = { ms: 0, path: undefined }
const fields = ['timeout', 'deadline', 'retries.attempts']

export function shortBudgets({ mesh, placeOf }: Scene): Finding[] {
  const needs = needsOf(mesh)
  const findings: Finding[] = []
  for (const node of mesh.consumers) {
    const at = [...node.path, 'timeout']
    const isTimed = valueAt(node.member.manifest, at) !== undefined
    const ownMs = node.tool && isTimed ? node.tool.timeoutMs : Infinity
    for (const edge of node.filled) {
      const used = usedBy(edge, needs)
      if (ownMs < used.ms) {
        const message = `${nameOf(node)} may run for ${text(ownMs)}, and its dependency "${edge.dependency.name}" may use ${shown(used)} (${placeOf(node.member, edge.path)})`
        const mend = `write timeout: ${text(used.ms)} or more, or a deadline of at most ${text(ownMs)} on the dependency`
        findings.push(finding(edge, at, message, mend))
      }
      const below = belowOf(edge, needs)
      if (edge.alternative.timeoutMs >= below.ms) continue
      const provider = edge.suited.find(each => needs.get(each) === below)
      const where = provider ? placeOf(provider.member, [...provider.path, 'name']) : ''
      const message = `an attempt of "${edge.dependency.name}" gives up after ${text(edge.alternative.timeoutMs)}, and what it waits for may take ${shown(below)} (${where})`
      const mend = `write timeout: ${text(below.ms)} or more, or shorten what is waited for`
      findings.push(finding(edge, placeOfField(edge, 'timeout'), message, mend))
    }
  }
  return findings
}

function finding(edge: Edge, path: (string | number)[], message: string, mend: string): Finding {
  const fault = faultOf('MESH_BUDGET_EXCEEDED', path, message, {
    severity: 'warning',
    at: 'key',
    mend,
  })
  return { member: edge.from.member, fault }
}

/** What a dependency may use in all: its attempts and the pauses between them, at most its deadline. */
function usedBy(edge: Edge, needs: Needs): Need {
  const { timeoutMs, deadlineMs, retries } = edge.alternative
  if (!isWritten(edge, fields)) {
    const below = belowOf(edge, needs)
    return below.ms === 0 ? nothing : { ms: Math.min(below.ms, deadlineMs), path: below.path }
  }
  const { attempts, backoff } = retries
  let pauses = 0
  for (let i = 0; i < attempts - 1; i++)
    pauses += Math.min(backoff.maxMs, backoff.initialMs * 2 ** i)
  const [provider] = edge.suited
  const name = provider ? nameOf(provider) : edge.alternative.capability
  const inAll = attempts * timeoutMs + pauses
  const how = inAll > deadlineMs ? 'its deadline' : `${attempts} x ${text(timeoutMs)}`
  return { ms: Math.min(deadlineMs, inAll), path: { text: `${name} ${how}`, rest: undefined } }
}

/** The longest that each tool waits for one of its dependencies, at most its own timeout where that is written; a circle adds nothing. */
function needsOf(mesh: MeshView): Needs {
  const needs = new Map<ToolNode, Need>()
  for (const node of providersFirst(mesh)) {
    const { ms, path } = worst(node.filled.map(edge => usedBy(edge, needs)))
    const own = {
      ms: Math.min(ms, node.tool.timeoutMs),
      path: { text: nameOf(node), rest: path },
    }
    needs.set(node, ms === 0 ? nothing : own)
  }
  return needs
}

function belowOf({ suited }: Edge, needs: Needs): Need {
  return worst(suited.map(each => needs.get(each) ?? nothing))
}

function worst(needs: readonly Need[]): Need {
  return needs.reduce((most, need) => (need.ms > most.ms ? need : most), nothing)
}

const shown = ({ ms, path }: Need) => `${text(ms)}: ${trailText(path)}`

/** `2s`, `1500ms`. */
function text(ms: number): string {
  const whole = Math.ceil(ms)
  return whole % 1000 === 0 ? `${whole / 1000}s` : `${whole}ms`
}
