import t from 'tap'
import type { Agent, Dependency, DependencyAlternative } from '../../../core/model/agent.ts'
import { lower } from '../../../core/manifest/lower.ts'
import { parseTags } from '../../../core/manifest/parse-tags.ts'
import { exclusionsFor, explain } from '../../../core/resolver/explain.ts'
import { wantOf } from '../../../core/resolver/filter.ts'
import { findRequiredCycle, type ToolNode } from '../../../core/resolver/graph.ts'
import type { Offer, Provider } from '../../../core/resolver/offer.ts'
import { resolve } from '../../../core/resolver/resolve.ts'
import { manifestOf, type ToolText } from '../../support/registry.ts'

type Tags = Parameters<typeof parseTags>[0]
const consumer = { namespace: 'default', consumer: 'greet' }

function alternative(version = '*', tags: Tags = [], capability = 'date'): DependencyAlternative {
  const { dependencies } = lower(manifestOf('any', { x: { needs: { x: { capability } } } }))
    .tools[0]!
  return { ...dependencies[0]!.alternatives[0]!, version, tags: parseTags(tags) }
}

function dependency(...alternatives: DependencyAlternative[]): Dependency {
  return { name: 'date', required: true, alternatives }
}

function offer(agent: string, changes: Partial<Offer> & { state?: Provider['state'] } = {}): Offer {
  const { state = 'ready', ...rest } = changes
  return {
    ...{ namespace: 'default', agent, tool: 'today', capability: 'date', version: '1.0.0' },
    schemas: { inputSchema: { type: 'object' }, outputSchema: undefined },
    ...{ tags: [], isRepeatable: false, deduplicates: true, broken: undefined },
    digest: () => 'a',
    instances: [{ id: `${agent}-1`, endpoint: `http://${agent}/mcp`, state }],
    ...rest,
  }
}

const offersOf = (offers: Offer[]) => (capability: string) =>
  offers.filter(each => each.capability === capability)
const instancesOf = (want: Dependency, offers: Offer[]) =>
  resolve(consumer, want, offersOf(offers)).endpoints.map(endpoint => endpoint.instance)

t.test('a want that is held to a lock takes tools of that digest only', async t => {
  const pins = { 'default/kept.today': 'a', 'default/changed.today': 'b' }
  const want = dependency({ ...alternative(), pins })
  const offers = [offer('kept'), offer('changed'), offer('new')]
  t.strictSame(instancesOf(want, offers), ['kept-1'])
  t.strictSame(instancesOf(dependency({ ...alternative(), pins: {} }), offers), [])
  const excluded = exclusionsFor(wantOf('default', want.alternatives[0]!), offersOf(offers))
  t.match(excluded, [
    {
      agent: 'changed',
      stage: 'lock',
      code: 'MESH_LOCK_DRIFTED',
      reason: /MESH_LOCK_DRIFTED: .* is not what mesh.lock says/,
    },
    { agent: 'new', stage: 'lock', reason: /MESH_LOCK_DRIFTED: mesh.lock has no default\/new/ },
  ])
  const resolved = (offers: Offer[]) => resolve(consumer, want, offersOf(offers))
  t.equal(resolved([offer('new')]).code, 'MESH_LOCK_DRIFTED')
  t.equal(resolved([offer('new', { version: '3.0.0' })]).code, 'MESH_LOCK_DRIFTED', 'any version')
  t.notOk('code' in resolved([offer('new', { broken: 'its own is gone' })]), 'another reason')
  t.notOk('code' in resolved([offer('kept')]))
})

t.test(
  'versions: a range takes the newest in it, a bare version is exact, none is the highest',
  async t => {
    const offers = ['1.0.0', '1.9.0', '1.10.0', '2.0.0', '3.0.0-rc.1'].map(version =>
      offer(`v${version}`, { version }),
    )
    for (const [range, expected] of [
      ['^1', ['v1.10.0-1', 'v1.9.0-1', 'v1.0.0-1']],
      ['^1.9', ['v1.10.0-1', 'v1.9.0-1']],
      ['1.9.0', ['v1.9.0-1']],
      ['*', ['v2.0.0-1', 'v1.10.0-1', 'v1.9.0-1', 'v1.0.0-1']],
      ['>=1.0.0 <2', ['v1.10.0-1', 'v1.9.0-1', 'v1.0.0-1']],
      ['>=3.0.0-rc.0', ['v3.0.0-rc.1-1']],
      ['3.0.0-rc.1', ['v3.0.0-rc.1-1']],
      ['^9', []],
    ] as const) {
      t.strictSame(instancesOf(dependency(alternative(range)), offers), expected, range)
    }
  },
)

t.test('tags: required, preferred, excluded, any-of', async t => {
  const offers = [
    offer('plain'),
    offer('slow', { tags: ['system'] }),
    offer('fast', { tags: ['system', 'fast'] }),
    offer('old', { tags: ['system', 'fast', 'deprecated'] }),
  ]
  for (const [tags, expected] of [
    [[], ['fast-1', 'old-1', 'plain-1', 'slow-1']],
    [['system'], ['fast-1', 'old-1', 'slow-1']],
    [
      ['system', '+fast'],
      ['fast-1', 'old-1', 'slow-1'],
    ],
    [
      ['system', '+fast', '-deprecated'],
      ['fast-1', 'slow-1'],
    ],
    [['-system'], ['plain-1']],
    [[['fast', 'none']], ['fast-1', 'old-1']],
    [['system', ['deprecated', 'none']], ['old-1']],
    [['missing'], []],
  ] as [Tags, string[]][]) {
    const found = instancesOf(dependency(alternative('*', tags)), offers)
    t.strictSame(found, expected, JSON.stringify(tags))
  }
  const want = dependency(alternative('*', ['system', '+fast', '+system', ['fast', 'slow']]))
  const scores = resolve(consumer, want, offersOf(offers)).endpoints.map(e => [e.agent, e.score])
  t.strictSame(
    scores,
    [
      ['fast', 30],
      ['old', 30],
    ],
    '5 each required, 10 each preferred',
  )
})

t.test('score goes before version, version before instance', async t => {
  const offers = [
    offer('b', { version: '2.0.0' }),
    offer('a', { version: '2.0.0' }),
    offer('c', { version: '1.0.0', tags: ['fast'] }),
  ]
  t.strictSame(instancesOf(dependency(alternative('*', ['+fast'])), offers), ['c-1', 'a-1', 'b-1'])
})

t.test('of ordered alternatives the first that anything suits wins', async t => {
  const want = dependency(alternative('*', ['cold'], 'archive'), alternative('*', [], 'archive'))
  const warm = offer('warm', { capability: 'archive' })
  const cold = offer('cold', { capability: 'archive', tags: ['cold'] })
  const none = resolve(consumer, want, offersOf([]))
  t.equal(none.alternative, -1)
  t.match(none.reason, /no instance offers "archive" in namespace "default"/)
  t.match(resolve(consumer, want, offersOf([warm])), { alternative: 1, endpoints: { length: 1 } })
  t.match(resolve(consumer, want, offersOf([warm, cold])), {
    alternative: 0,
    endpoints: [{ agent: 'cold' }],
  })
})

t.test(
  'each candidate left out has the first stage that it does not pass, and the reason',
  async t => {
    const offers = [
      offer('foreign', { namespace: 'other', version: '9.0.0' }),
      offer('quiet', { state: 'suspect' }),
      offer('leaving', { state: 'draining' }),
      offer('hollow', { broken: 'it needs c', version: '9.0.0' }),
      offer('untagged', { version: '9.0.0' }),
      offer('future', { version: '9.0.0', tags: ['x'] }),
      offer('early', { version: '1.1.0-beta', tags: ['x'] }),
      offer('good', { tags: ['x'] }),
    ]
    const want = wantOf('default', alternative('^1', ['x']))
    const excluded = exclusionsFor(want, offersOf(offers)).map(e => [e.agent, e.stage, e.reason])
    t.strictSame(excluded, [
      ['early', 'version', 'its version 1.1.0-beta is a prerelease, which "^1" does not name'],
      ['future', 'version', 'its version 9.0.0 is not in "^1"'],
      ['untagged', 'tags', 'it has no tag "x"'],
      ['hollow', 'availability', 'it needs c'],
      ['leaving', 'state', 'it is draining'],
      ['quiet', 'state', 'it is suspect: its watch stream is broken'],
      ['foreign', 'namespace', 'it is in namespace "other", not "default"'],
    ])
    t.equal(
      explain(want, offersOf(offers.slice(0, 2))),
      '"date" is offered by quiet/today (quiet-1), but it is suspect: its watch stream is broken',
      'the sentence tells what came closest',
    )
  },
)

t.test('the order of offers and instances does not matter', async t => {
  const offers = ['a', 'b', 'c', 'd'].map((agent, i) => offer(agent, { version: `1.${i % 2}.0` }))
  const want = dependency(alternative('^1'))
  const forward = resolve(consumer, want, offersOf(offers))
  t.strictSame(resolve(consumer, want, offersOf([...offers].reverse())), forward)
})

t.test('cycles of required dependencies', async t => {
  const agents = (texts: Record<string, Record<string, ToolText>>): Agent[] =>
    Object.entries(texts).map(([name, tools]) => lower(manifestOf(name, tools)))
  const cycleOf = (all: Agent[], of: string) => {
    const nodes: ToolNode[] = all.flatMap(agent => agent.tools.map(tool => ({ agent, tool })))
    const toolsOf = (namespace: string, capability: string) =>
      nodes.filter(n => n.agent.namespace === namespace && n.tool.capability === capability)
    return findRequiredCycle(
      all.find(agent => agent.name === of)!,
      toolsOf,
    )?.join(' -> ')
  }
  const needs = (capability: string, more = {}) => ({ needs: { d: { capability, ...more } } })

  const ring = agents({ a: { x: needs('y') }, b: { y: needs('z') }, c: { z: needs('x') } })
  t.equal(cycleOf(ring, 'a'), 'a/x -> b/y -> c/z -> a/x')
  t.equal(cycleOf(ring, 'c'), 'c/z -> a/x -> b/y -> c/z')
  t.equal(cycleOf(agents({ a: { x: needs('x') } }), 'a'), 'a/x -> a/x', 'a tool that needs itself')
  for (const [name, all] of Object.entries({
    'an optional edge opens it': agents({
      a: { x: needs('y') },
      b: { y: needs('x', { required: false }) },
    }),
    'tags open it': agents({ a: { x: { ...needs('x', { tags: ['-mine'] }), tags: ['mine'] } } }),
    'versions open it': agents({ a: { x: needs('y') }, b: { y: needs('x', { version: '^2' }) } }),
    'another tool of the same agent is another node': agents({
      a: { x: needs('y'), w: {} },
      b: { y: needs('w') },
    }),
    'a cycle that it only leads to is not its own': agents({
      a: { x: needs('y') },
      b: { y: needs('y') },
    }),
  })) {
    t.equal(cycleOf(all, 'a'), undefined, name)
  }
  const long = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, i) => [
      `a${i}`,
      lower(manifestOf(`a${i}`, { [`t${i}`]: needs(`t${i + 1}`) })),
    ]),
  )
  const byCapability = (_: string, capability: string) => {
    const agent = long[capability.replace('t', 'a')]
    return agent ? agent.tools.map(tool => ({ agent, tool })) : []
  }
  t.equal(
    findRequiredCycle(long.a0!, byCapability),
    undefined,
    'a chain longer than the call stack',
  )
})
