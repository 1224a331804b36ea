import t from 'tap'
import { maxName, namesFor, type Named } from '../../../runtime/gateway/names.ts'

const tool = (text: string, prefix?: string): Named => {
  const [namespace = '', agent = '', name = ''] = text.split('/')
  return { namespace, agent, name, prefix }
}
const names = (items: readonly Named[], prefix: 'collisions' | 'always' = 'collisions') =>
  namesFor(items, prefix)

t.test('names are prefixed where they collide, each of the rivals alike', async t => {
  const cases: [string, (string | [string, string])[], string[]][] = [
    ['none collides', ['n/a/read', 'n/b/write'], ['read', 'write']],
    ['two collide', ['n/a/read', 'n/b/read', 'n/b/write'], ['a_read', 'b_read', 'write']],
    ['agents of one name', ['n/a/read', 'm/a/read'], ['n_a_read', 'm_a_read']],
    [
      'a prefixed name that is taken',
      ['n/a/read', 'n/b/read', 'n/c/a_read'],
      ['n_a_read', 'b_read', 'c_a_read'],
    ],
    ['an own prefix', [['n/a/read', 'fs'], 'n/b/read'], ['fs_read', 'read']],
    [
      'an own prefix twice',
      [
        ['n/a/read', 'fs'],
        ['n/b/read', 'fs'],
      ],
      ['a_fs_read', 'b_fs_read'],
    ],
  ]
  for (const [what, given, expected] of cases) {
    const items = given.map(one => (typeof one === 'string' ? tool(one) : tool(...one)))
    t.strictSame(names(items), expected, what)
    t.strictSame(names([...items].reverse()), [...expected].reverse(), `${what}, in another order`)
  }
})

t.test('always means each that has no prefix of its own', async t => {
  t.strictSame(names([tool('n/a/read'), tool('n/b/x', 'fs')], 'always'), ['a_read', 'fs_x'])
})

t.test('no name is longer than clients take, and all differ', async t => {
  const long = 'x'.repeat(120)
  const items = ['a', 'b', 'c'].flatMap(agent => [
    tool(`n/${agent.repeat(60)}/${long}`),
    tool(`n/${agent.repeat(60)}/${long}y`),
  ])
  for (const prefix of ['collisions', 'always'] as const) {
    const found = names(items, prefix)
    t.equal(new Set(found).size, items.length, prefix)
    t.ok(
      found.every(name => name.length <= maxName && /^[A-Za-z0-9_.-]+$/.test(name)),
      prefix,
    )
    t.strictSame(names([...items].reverse(), prefix), [...found].reverse(), 'in another order too')
  }
  const [alone] = names([items[0]!])
  t.match(alone, /^x{55}_[0-9a-f]{8}$/)
})

t.test('whatever is shown, no two names are the same', async t => {
  let seed = 7
  const pick = (n: number) => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % n
  for (let run = 0; run < 300; run++) {
    const items = new Map<string, Named>()
    for (let i = 0; i < 30; i++) {
      const parts = [
        ['n', 'm'][pick(2)],
        ['a', 'b', 'n-a'][pick(3)],
        ['x', 'a_x', 'n_a_x'][pick(3)],
      ]
      const one = tool(parts.join('/'), [undefined, 'a', 'n_a'][pick(3)])
      items.set(parts.join('/'), one)
    }
    const given = [...items.values()]
    const found = names(given)
    if (new Set(found).size !== given.length) t.fail(JSON.stringify({ given, found }))
    if (JSON.stringify(names([...given].reverse()).reverse()) !== JSON.stringify(found))
      t.fail(`order matters: ${JSON.stringify(given)}`)
  }
})
