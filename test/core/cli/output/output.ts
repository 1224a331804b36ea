// Rows in every form, and log lines as people read them.
import t from 'tap'
import { printList, table } from '../../../../core/cli/output/output.ts'
import { readableLine, timeOf } from '../../../../core/cli/local/log-line.ts'

const rows = [
  { name: 'hello', version: '1.0.0' },
  { name: 'a-longer-name', version: '' },
]
const listing = {
  rows,
  columns: [
    { head: 'NAME', of: (row: (typeof rows)[0]) => row.name },
    { head: 'VERSION', of: (row: (typeof rows)[0]) => row.version, wide: true },
  ],
  nameOf: (row: (typeof rows)[0]) => `agent/${row.name}`,
  none: 'no agents',
}

function print(output: string | undefined, list = listing) {
  const [out, said]: string[][] = [[], []]
  const io = {
    out: (line: string) => void out!.push(line),
    err: () => undefined,
    progress: () => undefined,
    say: (line: string) => void said!.push(line),
    ...{ hasColor: false, hasErrorColor: false, isTerminal: false },
    read: async () => '',
    async *lines() {},
  }
  printList(io, { output }, list)
  return { out: out!.join('\n'), said: said!.join('\n') }
}

t.test('a list is printed as -o says', async t => {
  t.strictSame(print(undefined).out, 'NAME\nhello\na-longer-name')
  t.strictSame(print('table').out, 'NAME\nhello\na-longer-name')
  t.strictSame(
    print('wide').out,
    'NAME            VERSION\nhello           1.0.0\na-longer-name   -',
  )
  t.strictSame(JSON.parse(print('json').out), { items: rows })
  t.strictSame(print('name').out, 'agent/hello\nagent/a-longer-name')
  t.match(print('yaml').out, 'items:\n  - name: hello\n    version: 1.0.0')
})

t.test('an empty list is prose for people, and an empty list for programs', async t => {
  const none = { ...listing, rows: [] }
  t.strictSame(print(undefined, none), { out: '', said: 'no agents' })
  t.strictSame(print('json', none), { out: '{\n  "items": []\n}', said: '' })
  t.strictSame(print('name', none), { out: '', said: '' })
})

t.test('a cell cannot move the cursor', async t => {
  t.strictSame(table(['A'], [['x\u001b[2Jy\nz']]), ['A', 'x\ufffd[2Jy\ufffdz'])
})

t.test('log lines are readable, whatever a process writes', async t => {
  const style = { name: 'hello', width: 7, hasColor: false }
  const time = Date.UTC(2026, 0, 2, 3, 4, 5, 6)
  const line = JSON.stringify({
    level: 40,
    time,
    pid: 1,
    agent: 'hello',
    msg: 'slow',
    tool: 'x',
    ms: 5,
  })
  t.equal(readableLine(line, style), 'hello   | 03:04:05.006 warn  slow tool=x ms=5')
  t.equal(readableLine('plain \u001b[31mtext', style), 'hello   | plain \ufffd[31mtext')
  const stack = JSON.stringify({ level: 50, msg: 'x', stack: 'Error: a\n    at b' })
  t.equal(readableLine(stack, style), 'hello   | error x stack="Error: a\\n    at b"')
  t.equal(readableLine('{"no": "log line"}', style), 'hello   | {"no": "log line"}')
  t.equal(readableLine('{broken', style), 'hello   | {broken')
  t.equal(readableLine('{"level":30}', style), 'hello   | info  ')
  t.match(readableLine(line, { ...style, hasColor: true }), '\u001b[33mwarn ')
  t.equal(timeOf(line), time)
  t.equal(timeOf('{"level":30,"time":"2026-01-02T03:04:05.006Z"}'), time)
  t.equal(timeOf('plain'), undefined)
})
