// Who starts after whom, for agents that depend on each other in chains, diamonds and circles.
import t, { type Test } from 'tap'
import { startOrder } from '../../../../core/cli/local/start-order.ts'
import { loadManifests } from '../../../../core/manifest/load.ts'

/** Agents by what they depend on; each offers its own name, or what stands behind the colon. */
async function agentsOf(t: Test, wants: Record<string, string[]>) {
  const folder = t.testdir({ 'run.js': 'export const run = () => 1\n' })
  const text = Object.entries(wants).map(([name, dependencies]) => {
    const [agent = '', version = '1.0.0'] = name.split('@')
    const slots = dependencies.map((want, i) => {
      const [capability, range = '*', optional] = want.split(':')
      return `d${i}: { capability: ${capability}, version: "${range}", required: ${optional === undefined} }`
    })
    return `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: ${agent} }
spec:
  version: ${version}
  tools: [{ name: ${agent}, handler: ./run.js#run, dependencies: { ${slots.join(', ')} } }]
`
  })
  const file = `${folder}/mesh.yaml`
  const { writeFileSync } = await import('node:fs')
  writeFileSync(file, text.join('---\n'))
  const { manifests, diagnostics } = await loadManifests([file])
  t.strictSame(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  )
  return manifests.map(({ agent }) => agent)
}

t.test('each starts after those that could fill its dependencies', async t => {
  const cases: [string, Record<string, string[]>, number[][]][] = [
    ['none', { a: [], b: [] }, [[], []]],
    ['a chain', { a: ['b'], b: ['c'], c: [] }, [[1], [2], []]],
    ['a diamond', { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }, [[1, 2], [3], [3], []]],
    ['optional ones too', { a: ['b:*:optional'], b: [] }, [[1], []]],
    ['not those of another version', { a: ['b:^2'], b: [] }, [[], []]],
    ['nobody for what is elsewhere', { a: ['x'] }, [[]]],
    ['itself never', { a: ['a:*:optional'] }, [[]]],
  ]
  for (const [name, wants, expected] of cases) {
    await t.test(name, async t => t.strictSame(startOrder(await agentsOf(t, wants)), expected))
  }
})

t.test('a circle is cut, and what hangs on it still waits for it', async t => {
  const wants = { a: ['b:*:optional'], b: ['c:*:optional'], c: ['a:*:optional'], d: ['a'] }
  const order = startOrder(await agentsOf(t, wants))
  t.strictSame(order, [[1], [2], [], [0]])
})

t.test('a chain of 20,000 is no deeper than the call stack', async t => {
  const [agent] = await agentsOf(t, { a: ['b'] })
  const [tool] = agent!.tools
  const [dependency] = tool!.dependencies
  const [alternative] = dependency!.alternatives
  const chain = Array.from({ length: 20_000 }, (_, i) => ({
    ...agent!,
    name: `a${i}`,
    tools: [
      {
        ...tool!,
        capability: `c${i}`,
        dependencies: [
          { ...dependency!, alternatives: [{ ...alternative!, capability: `c${i + 1}` }] },
        ],
      },
    ],
  }))
  const order = startOrder(chain)
  t.strictSame([order[0], order[19_998], order[19_999]], [[1], [19_999], []])
})
