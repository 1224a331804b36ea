import t from 'tap'
import { readRequest } from '../../../runtime/gateway/passed-request.ts'
import { relayedBody } from '../../../runtime/gateway/relayed-body.ts'
import { KnownCalls, type CallMessage } from '../../../runtime/mcp/known-calls.ts'
import { Cancellation } from '../../../runtime/proxy/cancellation.ts'

const version = '"io.modelcontextprotocol/protocolVersion":"2026-07-28"'
const meta = `{${version},"io.modelcontextprotocol/clientCapabilities":{}}`
const headers = { 'mcp-method': 'tools/call', 'mcp-name': 'echo' }

interface Sent {
  id: unknown
  params: {
    name: string
    arguments: object
    _meta: Record<string, unknown>
    [key: string]: unknown
  }
}

/** What goes on of the text, where its tool has that name at its agent; and whether it is the client's own text. */
function relayed(
  text: string,
  name = 'echo',
  { expiresAt = Infinity, isText = true, known = new KnownCalls() } = {},
) {
  const read = readRequest(text, { headers }, known)
  if (!read) return undefined
  const { name: shown, arguments: given = {}, ...params } = read.params
  const args = given as Record<string, unknown>
  const own = { open: read.open ?? '', name: String(shown), args }
  const passed = {
    ...{ id: read.id, params, headers: [] },
    text: isText && read.open !== undefined ? own : undefined,
  }
  const request = { args, signal: new Cancellation(), expiresAt, passed }
  const body = relayedBody({ method: 'tools/call', name }, request, passed)
  const isKnown = read.text === undefined
  return { isKnown, isOpen: read.open !== undefined, body, sent: JSON.parse(body) as Sent }
}

t.test('a text that ends with its _meta goes on as it is, with more behind it', async t => {
  const text = `{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"echo","arguments":{"n":1.50,"t":"}}}"},"_meta":${meta}}}`
  t.equal(relayed(text)?.body, text)
  const timed = relayed(text, 'echo', { expiresAt: performance.now() + 5_000 })
  t.ok(timed?.body.startsWith(text.slice(0, -3)))
  const left = timed?.sent.params._meta['mcp-mesh.dev/timeout-ms']
  t.ok(typeof left === 'number' && left > 0 && left <= 5_001, `${String(left)} ms`)
})

t.test('another name at the agent is written into it', async t => {
  const text = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"a":1},"_meta":${meta}}}`
  const found = relayed(text, 'repeat')
  t.equal(found?.sent.params.name, 'repeat')
  t.strictSame(found?.sent.params.arguments, { a: 1 })
})

t.test('either way says the same', async t => {
  const texts = [
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"a":[1,{"b":"\\"_meta\\":{"}]},"_meta":${meta}}}`,
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{},"more":2,"name":"echo","_meta":${meta}}}`,
    `{ "method": "tools/call", "id": 7, "jsonrpc": "2.0", "params": {"name":"echo" ,"_meta":${meta}}}`,
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{},"arguments":{"last":1},"_meta":${meta}}}`,
  ]
  for (const text of texts) {
    const own = relayed(text)
    const written = relayed(text, 'echo', { isText: false })
    t.equal(own?.isOpen, true, text)
    t.strictSame({ arguments: {}, ...own?.sent.params }, written?.sent.params)
    t.strictSame(own?.sent.id, written?.sent.id)
  }
})

t.test('nothing is put where it would not be said of the call', async t => {
  const head = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"`
  const texts = {
    'arguments come last': `${head},"_meta":${meta},"arguments":{"a":{}}}}`,
    'arguments stand twice, once behind': `${head},"arguments":{},"_meta":${meta},"arguments":{"a":{}}}}`,
    'another key of the message comes last': `${head},"_meta":${meta}},"x":{"_meta":{}}}`,
    'a key that ends alike': `${head},"\\u005fmeta":${meta},"x\\"_meta":{}}}`,
    'white space at the end': `${head},"_meta":${meta}} }`,
    'white space before the value': `${head},"_meta": ${meta}}}`,
    'a _meta within the arguments comes last': `${head},"_meta":${meta},"arguments":{"_meta":{}}}}`,
  }
  for (const [what, text] of Object.entries(texts)) {
    const found = relayed(text, 'echo', { expiresAt: performance.now() + 5_000 })
    t.equal(found?.isOpen, false, what)
    t.type(found?.sent.params._meta['mcp-mesh.dev/timeout-ms'], 'number', what)
    const read = JSON.parse(text) as Sent
    t.strictSame(found?.sent.params.arguments, read.params.arguments ?? {}, what)
  }
})

t.test('what the mesh says itself is taken out of a client’s _meta', async t => {
  const told = ['"mcp-mesh.dev/timeout-ms":1', '"traceparent":"00-1"', '"mcp-mesh.dev/repeat":"x"']
  for (const member of told) {
    const text = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","_meta":{${version},"io.modelcontextprotocol/clientCapabilities":{},${member}}}}`
    const found = relayed(text)
    t.equal(found?.isOpen, false, member)
    t.notOk(found?.body.includes(member), member)
  }
})

t.test('what is like an earlier call goes on as what is read as a whole', async t => {
  const textOf = (id: number, args: string, more = '') => [
    `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","arguments":${args},"_meta":${meta.slice(0, -1)}${more}}}}`,
    `{"method":"tools/call","params":{"name":"echo","arguments":${args},"_meta":${meta.slice(0, -1)}${more}}},"jsonrpc":"2.0","id":${id}}`,
  ]
  const known = new KnownCalls()
  const [first = ''] = textOf(1, '{}')
  known.learn(JSON.parse(first) as CallMessage, first)
  for (const name of ['echo', 'repeat'])
    for (const more of ['', ',"progressToken":3', ',"traceparent":"00-1"'])
      for (const text of textOf(7, '{"n":1.50,"t":"}}}"}', more)) {
        const like = relayed(text, name, { known })
        const whole = relayed(text, name)
        t.equal(like?.isKnown, true)
        t.equal(whole?.isKnown, false)
        t.strictSame(like?.sent, whole?.sent, text)
      }
})
