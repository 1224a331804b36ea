/**
 * Attempts that multiply along a path: three retrying hops of three attempts each send the last provider 27 calls for one,
 * just when it can bear them least. Counted are attempts that somebody wrote; those of the shipped policies are held down by
 * their retry budget. It is told at the hop by which it becomes too many.
 */
import { faultOf } from '../manifest/fault.ts'
import { nameOf, type Edge, type MeshView, type ToolNode } from './mesh-view.ts'
import { providersFirst } from './providers-first.ts'
import { trailText, type Trail } from './trail.ts'
import type { Finding, Scene } from './rules.ts'
import { isWritten, placeOfField } from './written-policy.ts'

/** Calls of the last provider for one call of the first; three times five is still borne. */
const MOST = 15

interface Chain {
  calls: number
  steps: Trail | undefined
}

const one: Chain = { calls: 1, steps: undefined }

export function multipliedAttempts({ mesh, placeOf }: Scene): Finding[] {
  const chains = chainsOf(mesh)
  return mesh.consumers.flatMap(node =>
    node.filled.flatMap(edge => {
      const below = belowOf(edge, chains)
      const chain = along(edge, below)
      if (chain.calls <= MOST || below.calls > MOST) return []
      const [provider] = edge.suited
      const where = provider
        ? ` (${nameOf(provider)} stands at ${placeOf(provider.member, [...provider.path, 'name'])})`
        : ''
      const message = `one call may become ${chain.calls} along ${trailText(chain.steps)}${where}`
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
  return { calls: attempts * below.calls, steps: { text: step, rest: below.steps } }
}

/** By tool; a circle adds nothing. */
function chainsOf(mesh: MeshView): Map<ToolNode, Chain> {
  const chains = new Map<ToolNode, Chain>()
  for (const node of providersFirst(mesh)) {
    const chain = longest(node.filled.map(edge => along(edge, belowOf(edge, chains))))
    chains.set(node, chain.calls === 1 ? one : chain)
  }
  return chains
}

function belowOf({ suited }: Edge, chains: ReadonlyMap<ToolNode, Chain>): Chain {
  return longest(suited.map(each => chains.get(each) ?? one))
}

function longest(chains: readonly Chain[]): Chain {
  return chains.reduce((most, chain) => (chain.calls > most.calls ? chain : most), one)
}
