/**
 * Times that cannot hold along a path: a tool that may run for less than a dependency of it may use, and an attempt that gives
 * up before the longest path below it has run. Only times that somebody wrote are summed: the shipped ones suit each other,
 * and whoever writes nothing has asked for nothing.
 */
import { faultOf } from '../manifest/fault.ts'
import { valueAt } from '../manifest/record.ts'
import { nameOf, type Edge, type ToolNode } from './mesh-view.ts'
import type { Finding, Scene } from './rules.ts'
import { isWritten, placeOfField } from './written-policy.ts'

/** How long something may take, and the names along which it does. */
interface Need {
  ms: number
  path: readonly string[]
}

const nothing: Need = { ms: 0, path: [] }
const fields = ['timeout', 'deadline', 'retries.attempts']

export function shortBudgets({ mesh, placeOf }: Scene): Finding[] {
  const needs = new Map<ToolNode, Need>()
  const findings: Finding[] = []
  for (const node of mesh.nodes) {
    const at = [...node.path, 'timeout']
    const isTimed = valueAt(node.member.manifest, at) !== undefined
    for (const edge of node.filled) {
      const used = usedBy(edge, needs)
      if (isTimed && node.tool.timeoutMs < used.ms) {
        const message = `${nameOf(node)} may run for ${text(node.tool.timeoutMs)}, and its dependency "${edge.dependency.name}" may use ${shown(used)} (${placeOf(node.member, edge.path)})`
        const mend = `write timeout: ${text(used.ms)} or more, or a deadline of at most ${text(node.tool.timeoutMs)} on the dependency`
        findings.push(finding(edge, at, message, mend))
      }
      const below = worst(edge.suited.map(provider => needOf(provider, needs)))
      if (edge.alternative.timeoutMs >= below.ms) continue
      const provider = edge.suited.find(each => needOf(each, needs) === below)
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
function usedBy(edge: Edge, needs: Map<ToolNode, Need>): Need {
  const { timeoutMs, deadlineMs, retries } = edge.alternative
  if (!isWritten(edge, fields)) {
    const below = worst(edge.suited.map(provider => needOf(provider, needs)))
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
  return { ms: Math.min(deadlineMs, inAll), path: [`${name} ${how}`] }
}

/** The longest that a tool waits for one of its dependencies, at most its own timeout where that is written. */
function needOf(node: ToolNode, needs: Map<ToolNode, Need>): Need {
  const known = needs.get(node)
  if (known) return known
  needs.set(node, nothing) // a circle adds nothing
  const longest = worst(node.filled.map(edge => usedBy(edge, needs)))
  const own = {
    ms: Math.min(longest.ms, node.tool.timeoutMs),
    path: [nameOf(node), ...longest.path],
  }
  const need = longest.ms === 0 ? nothing : own
  needs.set(node, need)
  return need
}

function worst(needs: readonly Need[]): Need {
  return needs.reduce((most, need) => (need.ms > most.ms ? need : most), nothing)
}

const shown = ({ ms, path }: Need) => `${text(ms)}: ${path.join(' -> ')}`

/** `2s`, `1500ms`. */
function text(ms: number): string {
  const whole = Math.ceil(ms)
  return whole % 1000 === 0 ? `${whole / 1000}s` : `${whole}ms`
}
