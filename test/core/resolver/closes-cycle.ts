/** Cycles by what a manifest changes: always what the walk over the whole graph says, and for far less of it. */
import fc from 'fast-check'
import t from 'tap'
import { lower } from '../../../core/manifest/lower.ts'
import { digestOf } from '../../../core/manifest/digest.ts'
import type { Agent } from '../../../core/model/agent.ts'
import type { AgentManifest } from '../../../core/model/generated/manifest.ts'
import { closesCycle } from '../../../core/resolver/closes-cycle.ts'
import { findRequiredCycle, type RequiredGraph } from '../../../core/resolver/graph.ts'
import { agentKey, DesiredState } from '../../../core/registry/control/desired.ts'
import { manifestOf, type ToolText } from '../../support/registry.ts'

/** What is wanted, and how often somebody looked at a node of it. */
function state() {
  const desired = new DesiredState()
  const seen = { looks: 0 }
  const counted = (graph: RequiredGraph): RequiredGraph => {
    const count: (of: RequiredGraph['offering']) => RequiredGraph['offering'] = of => {
      return (namespace, capability) => (seen.looks++, of(namespace, capability))
    }
    return { offering: count(graph.offering), requiring: count(graph.requiring) }
  }
  const graphWith = (agent: Agent) => counted(desired.graphWith(agent))
  return {
    seen,
    closes(agent: Agent) {
      const before = desired.get(agentKey(agent.namespace, agent.name))?.desired?.agent
      return closesCycle(agent, before, graphWith)
    },
    closesByWalk: (agent: Agent) =>
      findRequiredCycle(agent, desired.graphWith(agent).offering) !== undefined,
    set(agent: Agent, manifest: AgentManifest | undefined) {
      const wanted = manifest && {
        ...{ manifest, agent, digest: digestOf(manifest), generation: 1, revision: 1 },
        origin: 'applied' as const,
      }
      desired.set(desired.getOrAdd(agent.namespace, agent.name), wanted)
    },
  }
}

t.test('one change after the other, it says what the walk over all says', async t => {
  const few = <T>(of: fc.Arbitrary<T>, max: number) => fc.array(of, { maxLength: max })
  const capability = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  const need = fc.record({
    capability,
    version: fc.constantFrom('*', '^1', '^2'),
    required: fc.boolean(),
  })
  const tool = fc.record({
    capability,
    version: fc.constantFrom('1.0.0', '2.0.0'),
    needs: few(fc.oneof(need, fc.tuple(need, need)), 2),
  })
  const change = fc.record({
    name: fc.constantFrom('p', 'q', 'r', 's', 'u', 'v'),
    tools: fc.array(tool, { minLength: 1, maxLength: 3 }),
    isDeleted: fc.nat(9).map(n => n === 0),
  })
  const outcomes = { taken: 0, refused: 0 }
  fc.assert(
    fc.property(fc.array(change, { minLength: 10, maxLength: 30 }), changes => {
      const mesh = state()
      for (const { name, tools, isDeleted } of changes) {
        const texts: Record<string, ToolText> = {}
        for (const [i, { needs, ...rest }] of tools.entries()) {
          const slots: ToolText['needs'] = {}
          for (const [j, each] of needs.entries()) {
            slots[`d${j}`] = Array.isArray(each)
              ? each.map(one => ({ ...one, required: each[0].required }))
              : each
          }
          texts[`t${i}`] = { ...rest, needs: slots }
        }
        const manifest = manifestOf(name, texts)
        const agent = lower(manifest)
        const closes = !isDeleted && mesh.closes(agent)
        if (!isDeleted && closes !== mesh.closesByWalk(agent)) return false
        outcomes[closes ? 'refused' : 'taken']++
        if (!closes) mesh.set(agent, isDeleted ? undefined : manifest)
      }
      return true
    }),
    { numRuns: 300 },
  )
  t.ok(outcomes.taken > 500, `${outcomes.taken} taken`)
  t.ok(outcomes.refused > 500, `${outcomes.refused} refused`)
})

t.test('a long chain costs each agent of it its own edges, in whatever order', async t => {
  const length = 2_000
  const manifests = Array.from(
    { length },
    (_, i) => (version: string) =>
      manifestOf(
        `a${i}`,
        { [`t${i}`]: { version, needs: { next: { capability: `t${i + 1}` } } } },
        { version },
      ),
  )
  const numbers = manifests.map((_, i) => i)
  // Each of the first half behind its neighbours: segments grow and are joined.
  const mixed = [...numbers.filter(i => i % 2 === 0), ...numbers.filter(i => i % 2 === 1)]
  for (const [what, order] of Object.entries({
    'consumers first': numbers,
    'providers first': numbers.toReversed(),
    mixed,
  })) {
    const mesh = state()
    const applyAll = (version: string) => {
      mesh.seen.looks = 0
      for (const i of order) {
        const manifest = manifests[i]!(version)
        const agent = lower(manifest)
        if (mesh.closes(agent)) throw new Error(`a${i} closes no cycle`)
        mesh.set(agent, manifest)
      }
      return mesh.seen.looks
    }
    const first = applyAll('1.0.0')
    const again = applyAll('1.1.0')
    t.comment(`${what}: ${first / length} looks an agent, ${again / length} for its next version`)
    t.ok(first < 10 * length, `${what}: ${first} looks`)
    t.ok(again < 10 * length, `${what}, the next version: ${again} looks`)
    const last = manifestOf('last', {
      [`t${length}`]: { needs: { first: { capability: 't0' } } },
    })
    t.equal(mesh.closes(lower(last)), true, 'the manifest that closes it is found')
  }
})
