/** Manual pages from the command objects, in the man macros of roff: what `man meshctl-list` shows is what --help says. */
import type { Command, Option } from '../command.ts'
import { describe, shownOf } from './help.ts'
import { globalOptions } from '../line/options.ts'

/** Pages by their file names: one for meshctl, one for each command. `version` is that of the package. */
export function manPages(commands: readonly Command[], version: string): Record<string, string> {
  return {
    'meshctl.1': page('meshctl', version, [
      ['NAME', [`meshctl \\- ${text('run and look after a mesh of MCP agents')}`]],
      ['SYNOPSIS', [`.B meshctl`, `.I command`, '[arguments] [flags]']],
      ['COMMANDS', commands.flatMap(({ name, summary }) => item(`meshctl ${name}`, summary))],
      ['FLAGS OF EVERY COMMAND', flags(globalOptions)],
      ['EXIT STATUS', exits],
      ['ENVIRONMENT', variables.flatMap(([name, about]) => item(name, about))],
      ['FILES', files.flatMap(([name, about]) => item(name, about))],
      ['SEE ALSO', [commands.map(({ name }) => `\\fBmeshctl-${name}\\fR(1)`).join(', ')]],
    ]),
    ...Object.fromEntries(
      commands.map(command => [`meshctl-${command.name}.1`, commandPage(command, version)]),
    ),
  }
}

function commandPage(command: Command, version: string): string {
  const options = shownOf(command)
  return page(`meshctl-${command.name}`, version, [
    ['NAME', [`meshctl-${command.name} \\- ${text(command.summary)}`]],
    ['SYNOPSIS', [text(command.usage)]],
    ...(command.about ? [['DESCRIPTION', [text(command.about)]] as Section] : []),
    ...(options.length > 0 ? [['FLAGS', flags(options)] as Section] : []),
    ['FLAGS OF EVERY COMMAND', flags(globalOptions)],
    [
      'EXAMPLES',
      command.examples.flatMap(({ command, about }) => [
        '.PP',
        `${text(about)}:`,
        ...['.PP', '.nf', '.RS', text(command), '.RE', '.fi'],
      ]),
    ],
    ['EXIT STATUS', exits],
    ['SEE ALSO', ['\\fBmeshctl\\fR(1)']],
  ])
}

type Section = [title: string, lines: string[]]

function page(name: string, version: string, sections: readonly Section[]): string {
  const head = `.TH ${quoted(name.toUpperCase())} 1 "" ${quoted(`meshctl ${version}`)} "MCP Mesh"`
  const lines = sections.flatMap(([title, lines]) => [`.SH ${quoted(title)}`, ...lines])
  return `${[head, ...lines].join('\n')}\n`
}

const exits = [text('0 well, 1 failed, 2 usage, 3 invalid manifest, 4 not found, 5 unreachable.')]

const variables: readonly [string, string][] = [
  ['MESH_REGISTRY_URL', 'registry to speak to, several with commas'],
  ['MESH_TOKEN', 'token for the registry and for agents that ask for one'],
  [
    'MESH_HOME',
    'where the state of local processes, logs and contexts are kept, by default ~/.mcp-mesh',
  ],
  ['MESH_DEBUG', 'set to 1: errors are shown with their stack'],
  ['NO_COLOR', 'set to anything: no colours, on a terminal too'],
]

const files: readonly [string, string][] = [
  ['MESH_HOME/config.json', 'contexts, written by meshctl config'],
  ['MESH_HOME/logs', 'what local agents and registries have said'],
  ['MESH_HOME/run', 'who runs here'],
]

const flags = (options: readonly Option[]) =>
  options.map(describe).flatMap(([flags, about]) => item(flags, about))

const item = (head: string, about: string) => ['.TP', `.B ${text(head)}`, text(about)]

/** A line that roff takes as text: no request at its beginning, no escapes, dashes as they are typed. */
function text(line: string): string {
  const plain = line
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replace(
      /[^\x00-\x7f]/gu,
      c => `\\[u${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
  return /^[.']/.test(plain) ? `\\&${plain}` : plain
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
