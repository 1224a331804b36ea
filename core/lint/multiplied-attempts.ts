/**
 * Attempts that multiply along a path: three retrying hops of three attempts each send the last provider 27 calls for one,
 * just when it can bear them least. Counted are attempts that somebody wrote; those of the shipped policies are held down by
 * their retry budget. It is told at the hop by which it becomes too many.
 */
import { faultOf } from '../manifest/fault.ts'
import { nameOf, type Edge, type ToolNode } from './mesh-view.ts'
import type { Finding, Scene } from './rules.ts'
import { isWritten, placeOfField } from './written-policy.ts'

/** Calls of the last provider for one call of the first; three times five is still borne. */
const MOST = 15

interface Chain {
  calls: number
  steps: readonly string[]
}

const one: Chain = { calls: 1, steps: [] }

export function multipliedAttempts({ mesh, placeOf }: Scene): Finding[] {
  const chains = new Map<ToolNode, Chain>()
  return mesh.nodes.flatMap(node =>
    node.filled.flatMap(edge => {
      const below = longest(edge.suited.map(each => chainOf(each, chains)))
      const chain = along(edge, below)
      if (chain.calls <= MOST || below.calls > MOST) return []
      const [provider] = edge.suited
      const where = provider
        ? ` (${nameOf(provider)} stands at ${placeOf(provider.member, [...provider.path, 'name'])})`
        : ''
      const message = `one call may become ${chain.calls} along ${chain.steps.join(' -> ')}${where}`
      const fault = faultOf(
        'MESH_ATTEMPTS_MULTIPLIED',
        placeOfField(edge, 'retries.attempts'),
        message,
        {
          severity: 'warning',
          at: 'key',
          mend: 'repeat at one place of the path: write retries: { attempts: 1 } at the others',
        },
      )
      return [{ member: node.member, fault }]
    }),
  )
}

function along(edge: Edge, below: Chain): Chain {
  const attempts = isWritten(edge, ['retries.attempts']) ? edge.alternative.retries.attempts : 1
  const step = `${nameOf(edge.from)} (${attempts} ${attempts === 1 ? 'attempt' : 'attempts'})`
  return { calls: attempts * below.calls, steps: [step, ...below.steps] }
}

function chainOf(node: ToolNode, chains: Map<ToolNode, Chain>): Chain {
  const known = chains.get(node)
  if (known) return known
  chains.set(node, one) // a circle adds nothing
  const chain = longest(
    node.filled.map(edge => along(edge, longest(edge.suited.map(each => chainOf(each, chains))))),
  )
  const whole = chain.calls === 1 ? one : chain
  chains.set(node, whole)
  return whole
}

function longest(chains: readonly Chain[]): Chain {
  return chains.reduce((most, chain) => (chain.calls > most.calls ? chain : most), one)
}
