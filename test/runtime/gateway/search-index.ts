/** Words that find tools, and an index that is the same however it came about. */
import t from 'tap'
import { createSearchIndex, wordsOf } from '../../../runtime/gateway/search-index.ts'
import type { ShownName } from '../../../runtime/gateway/shown.ts'

interface Written {
  title?: string
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

t.test('what is updated finds what one made anew would', async t => {
  const index = createSearchIndex()
  index.update(tools.slice(0, 5))
  index.update([tool('send', { description: 'Weather by pigeon.' }), ...tools.slice(5)])
  index.update(tools.slice(2))
  const fresh = createSearchIndex()
  fresh.update(tools.slice(2))
  t.equal(index.size, 6)
  for (const query of ['file', 'send a message', 'weather', 'issue', 'pigeon', 'temperatures']) {
    const of = (one: typeof index) => one.find(query, 8).map(({ name }) => name)
    t.strictSame(of(index), of(fresh), query)
  }
})
