// The mesh as a picture: from files as it would be resolved, and drawn without any name becoming markup.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { svgOf } from '../../../../core/cli/graph/graph-svg.ts'
import { cli } from '../../../support/cli.ts'

const agent = (name: string, dependencies: string, more = '') => `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: ${name} }
spec:
  version: 1.0.0
  tools: [{ name: ${name}, handler: ./run.js#run, dependencies: { ${dependencies} } ${more} }]
`

t.test(
  'manifests are drawn as they would be resolved, and what breaks is broken to the end',
  async t => {
    const cwd = t.testdir({ 'run.js': 'export const run = () => 1\n' })
    const file = join(cwd, 'mesh.yaml')
    const texts = [
      agent('front', 'it: { capability: middle }'),
      agent('middle', 'it: { capability: back }, cache: { capability: cache, required: false }'),
      agent('back', 'store: { capability: store, version: ^2 }'),
      agent('store', ''),
      agent('clock', 'zone: [{ capability: zone }, { capability: store }]'),
    ]
    writeFileSync(file, texts.join('---\n'))
    const { code, out } = await cli(['graph', '-f', file], { cwd, env: {} })
    t.equal(code, 0)
    t.matchSnapshot(out, 'tree')
    const { edges, nodes } = JSON.parse(
      (await cli(['graph', '-f', file, '-o', 'json'], { cwd })).out,
    ) as {
      edges: { from: string; to?: string; state: string }[]
      nodes: { kind: string; tool?: string; broken?: string }[]
    }
    t.strictSame(
      edges.map(({ from, to, state }) => `${from.split('/')[1]} ${state} ${to ?? ''}`.trim()),
      [
        'back unresolved',
        'clock resolved default/store/store',
        'front unresolved',
        'middle unresolved',
        'middle unresolved',
      ],
    )
    t.strictSame(
      nodes.filter(({ broken }) => broken !== undefined).map(({ tool }) => tool),
      ['back', 'front', 'middle'],
    )
    const faulty = await cli(['graph', '-f', join(cwd, 'nowhere')], { cwd })
    t.match(faulty, { code: 3, out: '' })
  },
)

t.test('an SVG shows states, and no name in it is markup', async t => {
  const evil = `x</text><script>alert(1)</script>"&\u001b`
  const instances = [{ id: 'i', endpoint: 'http://x', state: 'ready' as const }]
  const svg = await svgOf({
    revision: 1,
    nodes: [
      {
        kind: 'agent',
        id: `default/${evil}`,
        namespace: 'default',
        agent: evil,
        phase: 'Ready',
        instances,
      },
      {
        ...{ kind: 'tool', id: `default/${evil}/t`, namespace: 'default', agent: evil, tool: 't' },
        ...{ capability: evil, version: '1.0.0', tags: [evil], broken: evil },
      },
    ],
    edges: [
      {
        ...{ from: `default/${evil}/t`, dependency: evil, capability: evil, required: true },
        ...{ state: 'unresolved', endpoints: [], reason: evil },
      },
    ],
  })
  t.match(svg, /^<\?xml[^]*<svg [^]*<\/svg>$/)
  t.notMatch(svg, '<script')
  t.notMatch(svg, /[\u0000-\u0008\u000e-\u001f]/)
  for (const color of ['#1a7f37', '#cf222e']) t.match(svg, color)
  t.match(svg, /x&lt;\/text&gt;&lt;script&gt;/)
})
