/** The files of a new agent. They are small enough to be read whole, and each line is there to be changed. */

export const templates = ['typescript', 'javascript', 'server'] as const
export type Template = (typeof templates)[number]

export interface Scaffold {
  readonly name: string
  readonly template: Template
  /** Of the template "server": what is wrapped; empty for the server that is written. */
  readonly program: readonly string[]
  /** Of this package. */
  readonly version: string
}

/** Texts by their paths. */
export function scaffold({ name, template, program, version }: Scaffold): Record<string, string> {
  const { manifest, files } = parts[template]({ name, program })
  return {
    'mesh.yaml': head(name) + manifest,
    'package.json': packageOf(name, template, version),
    ...files,
  }
}

interface Parts {
  manifest: string
  files: Record<string, string>
}

const head = (
  name: string,
) => `# yaml-language-server: $schema=node_modules/mcp-mesh/schemas/agent.schema.json
apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata:
  name: ${name}
spec:
  version: 0.1.0
  http: { port: 0 } # any free one
`

const parts: Record<Template, (given: { name: string; program: readonly string[] }) => Parts> = {
  typescript: () => ({
    manifest: tools('greet.ts'),
    files: {
      'greet.ts': `/** A plain function: what \`date\` is, mesh.yaml says; who fills it, the mesh. */
import type { Greet } from './mesh.d.ts'

export const greet: Greet = async ({ name }, { date }, { log }) => {
  log.info('greets', { name })
  const today = date ? await date() : 'an unknown day'
  return { text: \`Hello \${name}, today is \${today}\` }
}
`,
      'greet.test.ts': `/** A handler is a function: call it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GreetDependencies } from './mesh.d.ts'
import { greet } from './greet.ts'
${tests(' as unknown as GreetDependencies', ' as unknown as Parameters<typeof greet>[2]')}`,
      'tsconfig.json': `{
  "compilerOptions": {
    "target": "es2023",
    "module": "nodenext",
    "types": ["node"],
    "strict": true,
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true
  }
}
`,
    },
  }),
  javascript: () => ({
    manifest: tools('greet.js'),
    files: {
      'greet.js': `/** A plain function: what \`date\` is, mesh.yaml says; who fills it, the mesh. */
export async function greet({ name }, { date }, { log }) {
  log.info('greets', { name })
  const today = date ? await date() : 'an unknown day'
  return { text: \`Hello \${name}, today is \${today}\` }
}
`,
      'greet.test.js': `/** A handler is a function: call it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { greet } from './greet.js'
${tests('', '')}`,
    },
  }),
  server: ({ program }) =>
    program.length > 0
      ? {
          manifest: `  server: { command: [${program.map(word => JSON.stringify(word)).join(', ')}] }\n`,
          files: {},
        }
      : {
          manifest: `  server: { command: [node, server.js] }
  tools: # of its tools those that other agents may use; the rest is offered to MCP clients as it is
    - name: greet
      version: 0.1.0
      tags: [demo]
`,
          files: { 'server.js': server, 'greet.js': greetAlone, 'greet.test.js': testAlone },
        },
}

const tools = (module: string) => `  tools:
    - name: greet
      handler: ./${module}#greet
      description: Greets somebody by name.
      inputSchema:
        type: object
        properties:
          name: { type: string, description: Who is greeted., minLength: 1 }
        required: [name]
        additionalProperties: false
      outputSchema:
        type: object
        properties: { text: { type: string } }
        required: [text]
      annotations: { readOnlyHint: true }
      dependencies:
        date: # the name under which the handler gets it
          capability: date_service
          required: false # without a provider the handler gets undefined
          expects: { outputSchema: { type: string } }
`

const tests = (dependencies: string, context: string) => `
const context = { log: { debug() {}, info() {}, warn() {}, error() {} } }${context}

test('says the day where somebody knows it', async () => {
  const date = async () => 'Monday'
  assert.deepEqual(await greet({ name: 'Ada' }, { date }${dependencies}, context), {
    text: 'Hello Ada, today is Monday',
  })
})

test('does without', async () => {
  assert.deepEqual(await greet({ name: 'Ada' }, { date: undefined }, context), {
    text: 'Hello Ada, today is an unknown day',
  })
})
`

const greetAlone = `/** What the server's tool does. */
export function greet({ name }) {
  return \`Hello \${name}\`
}
`

const testAlone = `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { greet } from './greet.js'

test('greets by name', () => {
  assert.equal(greet({ name: 'Ada' }), 'Hello Ada')
})
`

const server = `/** An MCP server on standard input and output, with nothing but Node: yours takes its place, in any language. */
import { createInterface } from 'node:readline'
import { greet } from './greet.js'

const tools = [
  {
    name: 'greet',
    description: 'Greets somebody by name.',
    inputSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
  },
]
const methods = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'greeter', version: '0.1.0' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools }),
  'tools/call': ({ arguments: args }) => ({ content: [{ type: 'text', text: greet(args) }] }),
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params = {} } = JSON.parse(line)
  if (id === undefined) continue // a notification
  const known = Object.hasOwn(methods, method)
  const outcome = known
    ? { result: methods[method](params) }
    : { error: { code: -32601, message: \`no method \${method}\` } }
  process.stdout.write(\`\${JSON.stringify({ jsonrpc: '2.0', id, ...outcome })}\\n\`)
}
`

function packageOf(name: string, template: Template, version: string): string {
  const isTypeScript = template === 'typescript'
  return `${JSON.stringify(
    {
      name,
      version: '0.1.0',
      private: true,
      type: 'module',
      scripts: {
        start: 'meshctl start .',
        test: isTypeScript ? 'node --import mcp-mesh/typescript --test *.test.ts' : 'node --test',
        ...(isTypeScript ? { types: 'meshctl types . && tsc' } : {}),
      },
      devDependencies: {
        'mcp-mesh': `^${version}`,
        ...(isTypeScript ? { '@types/node': '^20.19.0', typescript: '^6.0.0' } : {}),
      },
    },
    null,
    2,
  )}\n`
}
