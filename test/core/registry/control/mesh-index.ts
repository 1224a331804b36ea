/** The incremental index against one built anew: on random meshes, after random sequences of events. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import type { Agent, DependencyAlternative } from '../../../../core/model/agent.ts'
import type { InstanceState } from '../../../../core/model/registry-api.ts'
import { lower } from '../../../../core/manifest/lower.ts'
import { MeshIndex, type Instance } from '../../../../core/registry/control/mesh-index.ts'
import type { Offer } from '../../../../core/resolver/offer.ts'
import { settle } from '../../../../core/registry/control/resolution-controller.ts'
import { manifestOf, type ToolText } from '../../../support/registry.ts'

interface Running {
  agent: Agent
  digest: string
  state: InstanceState
}
type Event =
  | { do: 'put'; id: string; variant: number }
  | { do: 'state'; id: string; state: InstanceState }
  | { do: 'remove'; id: string }
  | { do: 'settle' }

function details(id: string, state: InstanceState): Omit<Instance, 'serving'> {
  return {
    ...{ id, endpoint: `http://h/${id}`, pid: 1, host: 'h', since: '', state },
    ...{ observedGeneration: 1, drift: undefined, unhealthy: undefined, isDeleted: false },
  }
}

/** All that can be seen of an index. */
function picture(index: MeshIndex) {
  return [...index.instances.values()]
    .map(({ id, state, serving }) => [
      id,
      state,
      serving.readyCount,
      serving.tools.map(tool => [tool.tool, tool.depth === Infinity, tool.broken]),
      serving.slots.map(slot => slot.json),
    ])
    .sort(([a], [b]) => (a! < b! ? -1 : 1))
}

function fromScratch(running: Iterable<[string, Running]>) {
  const index = new MeshIndex()
  for (const [id, { agent, digest, state }] of running) index.put(agent, digest, details(id, state))
  settle(index, () => 1)
  return index
}

/** Few names, so that they meet; the graph may have cycles, as drifted instances may close one. */
const capability = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const schemas = {
  text: { type: 'string' },
  short: { type: 'string', maxLength: 3 },
  count: { type: 'integer' },
  hex: { type: 'string', pattern: '^[0-9a-f]+$' },
}
const schema = fc.constantFrom<keyof typeof schemas>('text', 'short', 'count', 'hex')
const expectation = fc.record({
  outputSchema: schema.map(name => schemas[name]),
  match: fc.constantFrom<'subset' | 'strict'>('subset', 'strict'),
})
const tagTerms = fc.constantFrom<(string | string[])[][]>([], ['x'], ['+x'], ['-x'], [['x', 'y']])
const toolText: fc.Arbitrary<ToolText> = fc.record({
  capability,
  version: fc.constantFrom('1.0.0', '1.1.0', '2.0.0'),
  tags: fc.constantFrom<string[][]>([], ['x'], ['y'], ['x', 'y']),
  outputSchema: schema.map(name => schemas[name]),
  needs: fc.dictionary(
    fc.constantFrom('p', 'q'),
    fc.array(
      fc.record(
        {
          capability,
          version: fc.constantFrom('*', '^1', '2.0.0'),
          tags: tagTerms,
          expects: expectation,
          required: fc.boolean(),
        },
        { requiredKeys: ['capability', 'version', 'tags', 'required'] },
      ),
      { minLength: 1, maxLength: 2 },
    ),
    { maxKeys: 2 },
  ),
})
/** Tools that mostly hang on each other, in rings too. */
const ringText: fc.Arbitrary<ToolText> = fc.record({
  capability: fc.constantFrom('a', 'b', 'c'),
  needs: fc.dictionary(
    fc.constant('p'),
    fc.array(fc.record({ capability: fc.constantFrom('a', 'b', 'c') }), {
      minLength: 1,
      maxLength: 2,
    }),
    { maxKeys: 1 },
  ),
})
const meshOf = (text: fc.Arbitrary<ToolText>, namespaces: string[]) =>
  fc
    .array(
      fc.tuple(fc.constantFrom(...namespaces), fc.array(text, { minLength: 1, maxLength: 3 })),
      {
        minLength: 1,
        maxLength: 6,
      },
    )
    .map(all =>
      all.map(([namespace, tools], i) =>
        lower(
          manifestOf(`agent${i}`, Object.fromEntries(tools.map((tool, j) => [`t${j}`, tool])), {
            namespace,
          }),
        ),
      ),
    )
const variants = fc.oneof(meshOf(toolText, ['one', 'two']), meshOf(ringText, ['one']))
const id = fc.constantFrom('i0', 'i1', 'i2', 'i3', 'i4', 'i5', 'i6', 'i7')
const states = ['ready', 'unhealthy', 'suspect', 'draining'] as const
const state = fc.constantFrom<InstanceState>(...states)
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), id, variant: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('state' as const), id, state }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), id }) },
  { weight: 3, arbitrary: fc.constant({ do: 'settle' as const }) },
)

t.test('incremental equals from scratch, after any sequence of events on any mesh', async t => {
  fc.assert(
    fc.property(variants, fc.array(event, { maxLength: 40 }), (agents, events) => {
      const index = new MeshIndex()
      const running = new Map<string, Running>()
      let revision = 0
      for (const step of events) {
        const instance = 'id' in step ? index.instances.get(step.id) : undefined
        if (step.do === 'put') {
          const variant = step.variant % agents.length
          const next = { agent: agents[variant]!, digest: `d${variant}`, state: 'ready' as const }
          index.put(next.agent, next.digest, details(step.id, next.state))
          running.set(step.id, next)
        } else if (step.do === 'settle') settle(index, () => ++revision)
        else if (instance && step.do === 'state') {
          index.setState(instance, step.state)
          running.get(step.id)!.state = step.state
        } else if (instance) {
          index.remove(instance)
          running.delete(step.id)
        }
      }
      settle(index, () => ++revision)
      t.strictSame(picture(index), picture(fromScratch(running)))
      for (const instance of [...index.instances.values()]) index.remove(instance)
      settle(index, () => ++revision)
      t.strictSame(
        [...'abcde'].filter(c => index.capability('one', c)),
        [],
        'nothing is left behind',
      )
      return t.passing()
    }),
    { numRuns: 400 },
  )
})

/** What happens to one instance, in its order: it serves one manifest or another, changes its state, and may leave. */
const story = fc.tuple(
  fc.array(fc.tuple(fc.nat(5), state), { minLength: 1, maxLength: 3 }),
  fc.boolean(),
)

t.test('instances whose events mingle in any order end as the same mesh', async t => {
  fc.assert(
    fc.property(
      variants,
      fc.array(story, { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(), { minLength: 60, maxLength: 60 }),
      fc.array(fc.nat(), { minLength: 60, maxLength: 60 }),
      (agents, stories, one, other) => {
        const play = (order: readonly number[]) => {
          const index = new MeshIndex()
          const steps = stories.map(([parts, leaves], i) => {
            const id = `i${i}`
            const changes = parts.flatMap(([variant, state]) => {
              const at = variant % agents.length
              return [
                () => void index.put(agents[at]!, `d${at}`, details(id, 'ready')),
                () => index.setState(index.instances.get(id)!, state),
              ]
            })
            return leaves ? [...changes, () => index.remove(index.instances.get(id)!)] : changes
          })
          let revision = 0
          for (const turn of order) {
            const open = steps.filter(each => each.length > 0)
            open[turn % Math.max(1, open.length)]?.shift()?.()
            if (turn % 3 === 0) settle(index, () => ++revision)
            if (open.length === 0) break
          }
          settle(index, () => ++revision)
          return picture(index)
        }
        const last = stories.flatMap(([parts, leaves], i): [string, Running][] => {
          const [variant, state] = parts.at(-1)!
          const at = variant % agents.length
          return leaves ? [] : [[`i${i}`, { agent: agents[at]!, digest: `d${at}`, state }]]
        })
        const pictured = play(one)
        t.strictSame(play(other), pictured)
        t.strictSame(picture(fromScratch(last)), pictured)
        return t.passing()
      },
    ),
    { numRuns: 200 },
  )
})

t.test('tools are available exactly where a naive fixed point says so', async t => {
  fc.assert(
    fc.property(variants, agents => {
      const running = agents.map((agent, i): [string, Running] => [
        `i${i}`,
        { agent, digest: `d${i}`, state: i % 4 === 3 ? 'suspect' : 'ready' },
      ])
      const index = fromScratch(running)
      const servings = [...index.instances.values()].map(instance => instance.serving)
      const available = new Set<string>()
      const key = (agent: string, tool: string) => `${agent}/${tool}`
      for (let grew = true; grew;) {
        grew = false
        for (const serving of servings) {
          for (const tool of serving.tools) {
            const name = key(serving.agent.name, tool.tool)
            // Of what the resolver takes, something has to be available already.
            const holds = tool.required.every(slot =>
              slot.dependency.alternatives.some(alternative =>
                servings.some(other =>
                  other.tools.some(
                    offer =>
                      other.readyCount > 0 &&
                      offer.namespace === serving.agent.namespace &&
                      offer.capability === alternative.capability &&
                      available.has(key(other.agent.name, offer.tool)) &&
                      suits(alternative, offer),
                  ),
                ),
              ),
            )
            if (holds && !available.has(name)) grew = !!available.add(name)
          }
        }
      }
      const found = servings.flatMap(s =>
        s.tools.filter(tool => tool.broken === undefined).map(tool => key(s.agent.name, tool.tool)),
      )
      t.strictSame(found.sort(), [...available].sort())
      return t.passing()
    }),
    { numRuns: 200 },
  )
})

/** Of each expected schema, those whose values all fit; hex in short can't be decided, and so leaves nobody out. */
const fitting: Record<string, unknown[]> = {
  text: [schemas.text, schemas.short, schemas.hex],
  short: [schemas.short, schemas.hex],
  count: [schemas.count],
  hex: [schemas.hex],
}

function suits({ version, tags, expects }: DependencyAlternative, offer: Offer): boolean {
  const [name = ''] =
    Object.entries(schemas).find(([, each]) => each === expects?.outputSchema) ?? []
  const declared = offer.schemas.outputSchema
  const taken = expects?.match === 'strict' ? [expects.outputSchema] : fitting[name]!
  if (expects && !taken.some(each => isDeepStrictEqual(each, declared))) return false
  const isVersion =
    version === '*' || version === offer.version || (version === '^1' && offer.version < '2')
  return (
    isVersion &&
    tags.required.every(tag => offer.tags.includes(tag)) &&
    !tags.excluded.some(tag => offer.tags.includes(tag)) &&
    tags.anyOf.every(any => any.some(tag => offer.tags.includes(tag)))
  )
}

t.test('two tools that only hold each other up fall together', async t => {
  const index = new MeshIndex()
  const put = (name: string, tools: Record<string, ToolText>) => {
    index.put(lower(manifestOf(name, tools)), name, details(name, 'ready'))
  }
  put('root', { r: {} })
  put('a', { x: { needs: { d: [{ capability: 'r' }, { capability: 'y' }] } } })
  put('b', { y: { needs: { d: [{ capability: 'x' }] } } })
  settle(index, () => 1)
  const broken = () =>
    [...index.instances.values()].flatMap(i => i.serving.tools.map(tool => tool.broken))
  t.strictSame(broken(), [undefined, undefined, undefined])
  index.remove(index.instances.get('root')!)
  settle(index, () => 2)
  const text = 'required dependencies form a cycle: a/x -> b/y -> a/x'
  t.strictSame(broken(), [text, text])
})

t.test('a change resolves again only what it concerns', async t => {
  const index = new MeshIndex()
  for (let i = 0; i < 200; i++) {
    const tools = { [`t${i}`]: { needs: { d: { capability: `t${i + 1}`, required: false } } } }
    index.put(lower(manifestOf(`a${i}`, tools)), `d${i}`, details(`i${i}`, 'ready'))
  }
  settle(index, () => 1)
  index.setState(index.instances.get('i100')!, 'suspect')
  const { changed } = settle(index, () => 2)
  t.strictSame(
    changed.map(slot => slot.serving.agent.name),
    ['a99'],
  )
})
