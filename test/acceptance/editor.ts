// What an editor shows in a manifest: the YAML language server, which editors run, over the schemas as they are shipped.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'

interface Message {
  id?: number
  method?: string
  result?: unknown
  params?: unknown
}
interface Position {
  line: number
  character: number
}
interface Completion {
  items: { label: string; documentation?: string | { value: string } }[]
}

/** A language server on its standard streams, and a client of the few messages that an editor sends. */
async function startEditor(t: Test) {
  const { resolve } = createRequire(import.meta.url)
  const server = join(resolve('yaml-language-server/package.json'), '../bin/yaml-language-server')
  const child = spawn(process.execPath, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise(resolve => child.once('close', resolve))
  t.teardown(() => {
    child.kill('SIGKILL')
    return ended
  })
  const answers = new Map<number, (result: unknown) => void>()
  const diagnostics = new Map<string, (list: { message: string }[]) => void>()
  let rest = Buffer.alloc(0)
  child.stdout.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const [head, length] =
        /^Content-Length: (\d+)\r\n(?:.+\r\n)*\r\n/.exec(rest.toString('latin1')) ?? []
      if (head === undefined || rest.length < head.length + Number(length)) return
      const end = head.length + Number(length)
      receive(JSON.parse(rest.subarray(head.length, end).toString()) as Message)
      rest = rest.subarray(end)
    }
  })
  const send = (message: object) => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  function receive({ id, method, result, params }: Message) {
    if (id !== undefined && method !== undefined) {
      // It asks for settings: one empty answer for each.
      const { items = [] } = (params ?? {}) as { items?: unknown[] }
      return send({ id, result: items.map(() => ({})) })
    }
    if (id !== undefined) answers.get(id)?.(result)
    if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics: list } = params as {
        uri: string
        diagnostics: { message: string }[]
      }
      diagnostics.get(uri)?.(list)
    }
  }
  let count = 0
  const ask = <T>(method: string, params: object) =>
    new Promise<T>(resolve => {
      const id = ++count
      answers.set(id, result => resolve(result as T))
      send({ id, method, params })
    })
  await ask('initialize', { processId: process.pid, rootUri: null, capabilities: {} })
  send({ method: 'initialized', params: {} })
  const settings = {
    yaml: { validate: true, hover: true, completion: true, schemaStore: { enable: false } },
  }
  send({ method: 'workspace/didChangeConfiguration', params: { settings } })

  return {
    /** Opens a document that names its schema as manifests do; `|` marks where the cursor stands. */
    async open(name: string, text: string) {
      const uri = pathToFileURL(join(process.cwd(), 'examples/hello/hello-world', name)).href
      const at = text.indexOf('|')
      const before = text.slice(0, at).split('\n')
      const position: Position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 }
      const whole = at < 0 ? text : text.slice(0, at) + text.slice(at + 1)
      const faults = new Promise<{ message: string }[]>(resolve => diagnostics.set(uri, resolve))
      const document = { uri, languageId: 'yaml', version: 1, text: whole }
      send({ method: 'textDocument/didOpen', params: { textDocument: document } })
      const place = { textDocument: { uri }, position }
      return {
        faults: async () => (await faults).map(({ message }) => message),
        completion: () => ask<Completion>('textDocument/completion', place),
        hover: () => ask<{ contents: { value: string } } | null>('textDocument/hover', place),
      }
    },
  }
}

const head = `# yaml-language-server: $schema=../../../schemas/agent.schema.json
apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: x }
spec:
  version: 1.0.0
`

t.test('an editor completes keys and values, explains them and marks what is wrong', async t => {
  const editor = await startEditor(t)
  const labelsAt = async (name: string, text: string) =>
    (await (await editor.open(name, text)).completion()).items.map(({ label }) => label)

  const keys = await labelsAt('keys.yaml', `${head}  |`)
  for (const key of ['tools', 'http', 'auth', 'health', 'policy']) {
    t.ok(keys.includes(key), `spec.${key} is offered`)
  }
  const inTool = await labelsAt('tool.yaml', `${head}  tools:\n    - name: hello\n      |`)
  for (const key of ['handler', 'capability', 'inputSchema', 'dependencies', 'timeout']) {
    t.ok(inTool.includes(key), `of a tool, ${key} is offered`)
  }
  const dependency = `${head}  tools:\n    - name: hello\n      handler: ./x.ts\n      dependencies:\n        date:\n          capability: date\n          balance: |`
  t.match(await labelsAt('value.yaml', dependency), [
    'auto',
    'p2c',
    'round-robin',
    'consistent-hash',
  ])

  const hovered = await editor.open('hover.yaml', `${head}  ht|tp: { port: 1 }`)
  t.match((await hovered.hover())?.contents.value, 'Where the agent listens')
  const deep = dependency.replace('balance: |', 'time|out: 2s')
  t.match(
    (await (await editor.open('deep.yaml', deep)).hover())?.contents.value,
    'The longest that one attempt may take',
  )

  const wrong = await editor.open('wrong.yaml', `${head}  tols: []\n  http: { port: many }\n`)
  t.match((await wrong.faults()).join('\n'), /tols[^]*(number|integer)|(number|integer)[^]*tols/)
  const right = await editor.open(
    'right.yaml',
    readFileSync('examples/hello/hello-world/mesh.yaml', 'utf8'),
  )
  t.strictSame(await right.faults(), [], 'a manifest that validates has no marks')
})
