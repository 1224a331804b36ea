/**
 * `meshctl explain CODE`: what a code means and how to mend it; the text of docs/errors.md. `meshctl explain
 * AGENT.TOOL.DEPENDENCY`: how calls of that dependency behave, field by field, and where each value stands.
 */
import { codes, type Code } from '../../model/codes.ts'
import type { Command, Context } from '../command.ts'
import type { ExplainedEdge } from '../explain-edge.ts'
import { missing } from '../nearest.ts'
import { listOf } from '../options.ts'
import { printable, printValue, table } from '../output.ts'

export const explain: Command = {
  name: 'explain',
  summary: 'Say what an error code means, or how the calls of a dependency behave and why',
  usage: 'meshctl explain {<code> | <agent>.<tool>.<dependency>}',
  takes: [1, 1],
  about:
    'Of a dependency: the value that holds for each field of its policy and where it was written, for each of its ' +
    'alternatives. It asks the registry, which sees named policies as values of the agent; with -f it reads files and names ' +
    'the line of each value.',
  options: [
    {
      flags: '-f, --file <path>...',
      about: 'file or folder to read in place of asking the registry',
    },
    { flags: '-o, --output <form>', about: 'how to print', choices: ['json', 'yaml'] },
  ],
  examples: [
    { command: 'meshctl explain MESH_PORT_TAKEN', about: 'what to do about it' },
    {
      command: 'meshctl explain hello-world.hello_mesh_simple.date',
      about: 'its timeouts, retries, ...',
    },
    {
      command: 'meshctl explain hello-world.hello_mesh_simple.date -f examples',
      about: 'from files',
    },
  ],
  async run([word = ''], context) {
    const { io, options } = context
    if (/^[^.]+\..+\.[^.]+$/.test(word)) return explainDependency(word, context)
    const code = word.toUpperCase()
    if (!isCode(code)) {
      const found = `"${word}" is no code of an error, and no agent.tool.dependency`
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

const isCode = (text: string): text is Code => Object.hasOwn(codes, text)

/** Names of tools may have dots, those of agents and dependencies have none. */
async function explainDependency(word: string, context: Context): Promise<number> {
  const { io, options } = context
  const { explainEdge } = await import('../explain-edge.ts')
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
