/** Words that find tools, and an index that is the same however it came about. */
import { deepStrictEqual as deepEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { createSearchIndex, wordsOf } from '../../../runtime/gateway/search-index.ts'
import type { ShownName } from '../../../runtime/gateway/shown.ts'

interface Written {
  title?: string | undefined
  description?: string
  tags?: string[]
  agent?: string
  capability?: string
}

function tool(name: string, written: Written = {}): ShownName {
  const { title, description, tags = [], agent = 'agent', capability = name } = written
  const version = '1.0.0'
  return {
    ...{ name, original: name, hasTasks: false },
    entry: { name, title, description, inputSchema: { type: 'object' } },
    tool: { capability, version, tags, isRepeatable: false, broken: undefined },
    provider: {
      ...{ key: `default/${agent}`, namespace: 'default', name: agent, version, generation: 1 },
      ...{ isWrapped: false, tools: new Map(), instances: [] },
      broken: { resources: new Set(), prompts: new Set() },
    },
    exposure: {
      ...{ namespaces: undefined, agents: undefined, capabilities: undefined, tags: undefined },
      ...{ prefix: undefined, isPinned: false, bearer: undefined },
    },
  }
}

const tools = [
  tool('readFile', { description: 'Read the text of a file.' }),
  tool('write_file', { description: 'Write a text to a file.' }),
  tool('list_issues', { title: 'Issues of a repository', description: 'Open and closed ones.' }),
  tool('create_issue', { description: 'File a bug or a wish in a repository.' }),
  tool('send', { agent: 'mail', description: 'Send a message to an address.' }),
  tool('forecast', { capability: 'weather', description: 'Temperatures of the coming days.' }),
  tool('rates', { tags: ['currency', 'finance'], description: 'What one costs in the other.' }),
  tool('größe', { description: 'Wie lang etwas ist.' }),
]

function names(query: string, limit = 3): string[] {
  const index = createSearchIndex()
  index.update(tools)
  return index.find(query, limit).map(({ name }) => name)
}

t.test('words are found wherever a tool says them, the best first', async t => {
  for (const [query, first] of [
    ['read a file', 'readFile'],
    ['READ FILE', 'readFile'],
    ['write file', 'write_file'],
    ['issues', 'list_issues'],
    ['report a bug', 'create_issue'],
    ['mail', 'send'],
    ['weather', 'forecast'],
    ['temperature tomorrow', 'forecast'],
    ['currency', 'rates'],
    ['Größe', 'größe'],
    ['curency', 'rates'],
  ] as const)
    t.equal(names(query)[0], first, query)
  t.strictSame(names('file', 2).sort(), ['readFile', 'write_file'])
  t.strictSame(names('file', 1).length, 1)
  t.strictSame(names('quasar'), [])
  t.strictSame(names('!?'), [])
})

t.test('names are taken apart into words', async t => {
  t.strictSame(wordsOf('readFile_v2-now HTTPServer'), ['read', 'File', 'v2', 'now', 'HTTPServer'])
})

t.test('whatever comes, goes and changes, it finds what one made anew would', async t => {
  const word = fc.constantFrom('read', 'reads', 'file', 'mail', 'weather', 'Issue', 'issues', 'tag')
  const words = (most: number) => fc.array(word, { maxLength: most })
  const drawn = fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'readFile', 'mail_send', 'issue', 'x1', 'x2'),
    agent: fc.constantFrom('mail', 'files', 'weather'),
    capability: word,
    title: fc.option(word, { nil: undefined }),
    description: words(4).map(list => list.join(' ')),
    tags: words(2),
  })
  const shown = fc.uniqueArray(drawn, { selector: ({ name }) => name })
  const queries = ['read', 'file', 'files', 'mail weather', 'isue', 'tag', 'wea', 'x1']
  fc.assert(
    fc.property(fc.array(shown, { minLength: 1, maxLength: 6 }), steps => {
      const index = createSearchIndex()
      for (const step of steps) {
        const now = step.map(({ name, ...written }) => tool(name, written))
        index.update(now)
        const fresh = createSearchIndex()
        fresh.update([...now].reverse())
        deepEqual(index.size, now.length)
        for (const query of queries) {
          const found = index.find(query, 8)
          deepEqual(found, fresh.find(query, 8), query)
          // What is answered is of now, whatever was the same before.
          deepEqual(
            found.filter(one => !now.includes(one)),
            [],
          )
        }
      }
    }),
    { numRuns: 150 },
  )
  t.pass('150 histories of an index')
})

t.test('what is the same is not read again', async t => {
  const index = createSearchIndex()
  const same = tool('same', { description: 'Read a file.', tags: ['a'] })
  index.update([same, tool('other')])
  let reads = 0
  const description = 'Read a file.'
  const counted: ShownName = {
    ...same,
    provider: {
      ...same.provider,
      get name() {
        reads += 1
        return 'agent'
      },
    },
    entry: { ...same.entry, description, title: undefined },
  }
  index.update([counted, tool('other', { description: 'Another.' }), tool('third')])
  t.equal(reads, 1, 'it was looked at and not made a document of')
  t.equal(index.find('another', 1)[0]?.name, 'other')
  t.equal(index.find('read', 1)[0], counted)
})
