/**
 * `meshctl explain CODE`: what a code means and how to mend it; the text of docs/errors.md. `meshctl explain KIND.PATH`: a
 * field of a manifest, as its schema has it. `meshctl explain AGENT.TOOL.DEPENDENCY`: how calls of that dependency behave,
 * field by field, and where each value stands.
 */
import { codes, type Code } from '../../model/codes.ts'
import type { Command, Context } from '../command.ts'
import type { ExplainedEdge } from '../agents/explain-edge.ts'
import type { ExplainedField } from '../help/explain-schema.ts'
import { missing } from '../line/nearest.ts'
import { listOf } from '../line/options.ts'
import { printable, printValue, table } from '../output/output.ts'
import { paint } from '../output/paint.ts'

export const explain: Command = {
  name: 'explain',
  summary: 'Say what an error code or a field means, or how the calls of a dependency behave',
  usage: 'meshctl explain {<code> | <kind>[.<field>]... | <agent>.<tool>.<dependency>}',
  takes: [1, 1],
  about:
    'Of a field, such as agent.spec.tools: what it takes, its default, and the fields below it. Of a dependency: the value that holds for each field of its policy and where it was written, for each of its ' +
    'alternatives. It asks the registry, which sees named policies as values of the agent; with -f it reads files and names ' +
    'the line of each value. A resource or prompt with dependencies stands in the place of the tool as resource:NAME or prompt:NAME.',
  options: [
    {
      flags: '-f, --file <path>...',
      about: 'file or folder to read in place of asking the registry',
    },
    { flags: '-o, --output <form>', about: 'how to print', choices: ['json', 'yaml'] },
  ],
  examples: [
    { command: 'meshctl explain MESH_PORT_TAKEN', about: 'what to do about it' },
    { command: 'meshctl explain agent.spec.tools.dependencies', about: 'what may stand there' },
    {
      command: 'meshctl explain hello-world.hello_mesh_simple.date',
      about: 'its timeouts, retries, ...',
    },
    {
      command: 'meshctl explain hello-world.hello_mesh_simple.date -f examples',
      about: 'from files',
    },
  ],
  completes: args => (args.length === 0 ? 'explained' : undefined),
  async run([word = ''], context) {
    const { io, options } = context
    const { explainField, isSchemaPath } = await import('../help/explain-schema.ts')
    if (isSchemaPath(word)) return showField(explainField(word), context)
    if (/^[^.]+\..+\.[^.]+$/.test(word)) return explainDependency(word, context)
    const code = word.toUpperCase()
    if (!isCode(code)) {
      const found = `"${word}" is no code of an error, no kind.field and no agent.tool.dependency`
      throw missing({ found, name: code, known: Object.keys(codes), see: 'docs/errors.md' })
    }
    const { about, mend, status, exit } = codes[code]
    if (printValue(io, options, { code, about, mend, status, exit })) return 0
    io.out(`${code}: ${about}`)
    io.out(`mend: ${mend}`)
    io.out(`HTTP status ${status}, exit code ${exit}`)
    return 0
  },
}

function showField(field: ExplainedField, { io, options }: Context): number {
  if (printValue(io, options, field)) return 0
  const { path, type, required, description, bounds, examples, fields } = field
  const strong = (text: string) => (io.hasColor ? paint(text, 'strong') : text)
  io.out(`${strong(path)}  ${type}${required ? ', required' : ''}`)
  if (description !== '') io.out(`  ${description}`)
  if (field.default !== undefined) io.out(`  default: ${JSON.stringify(field.default)}`)
  if (bounds.length > 0) io.out(`  ${bounds.join(', ')}`)
  if (examples.length > 0)
    io.out(`  such as ${examples.map(each => JSON.stringify(each)).join(', ')}`)
  if (fields.length === 0) return 0
  io.out('')
  const rows = fields.map(each => [
    each.name,
    `${each.type}${each.required ? ', required' : ''}`,
    each.description,
  ])
  for (const line of table(['FIELD', 'TAKES', 'WHAT IT IS'], rows)) io.out(line)
  return 0
}

const isCode = (text: string): text is Code => Object.hasOwn(codes, text)

/** Names of tools may have dots, those of agents and dependencies have none. */
async function explainDependency(word: string, context: Context): Promise<number> {
  const { io, options } = context
  const { explainEdge } = await import('../agents/explain-edge.ts')
  const parts = word.split('.')
  const explained = await explainEdge(
    { agent: parts[0] ?? '', tool: parts.slice(1, -1).join('.'), dependency: parts.at(-1) ?? '' },
    listOf(options, 'file'),
    context,
  )
  if (printValue(io, options, explained)) return 0
  for (const line of linesOf(explained)) io.out(printable(line))
  return 0
}

function linesOf({ alternatives }: ExplainedEdge): string[] {
  return alternatives.flatMap(({ capability, version, policy }, index) => {
    const count = `alternative ${index + 1} of ${alternatives.length}: `
    const head = `${alternatives.length > 1 ? count : ''}${capability}, version ${version}`
    const rows = policy.map(({ field, value, from }) => [field, textOf(value), from])
    return [head, ...table(['FIELD', 'VALUE', 'FROM'], rows).map(line => `  ${line}`)]
  })
}

const textOf = (value: unknown): string =>
  Array.isArray(value) ? `[${value.join(', ')}]` : String(value)
