/** The help of a command, and of all, from the command objects; docs/cli.md is written from the same. */
import type { Command, Option } from '../command.ts'
import { globalOptions } from '../line/options.ts'

/** What `meshctl` alone prints. */
export function overview(commands: readonly Command[]): string {
  return [
    'meshctl runs and looks after a mesh of MCP agents.',
    '',
    'usage: meshctl <command> [arguments] [flags]',
    '',
    ...pairs(commands.map(({ name, summary }) => [name, summary])),
    '',
    'for every command:',
    ...pairs(globalOptions.map(describe)),
    '',
    'meshctl <command> --help says more and gives examples.',
    'exit codes: 0 well, 1 failed, 2 usage, 3 invalid manifest, 4 not found, 5 unreachable',
  ].join('\n')
}

/** What `meshctl name --help` prints. */
export function helpOf(command: Command): string {
  const options = shownOf(command)
  return [
    command.summary,
    '',
    `usage: ${command.usage}`,
    ...(command.about ? ['', command.about] : []),
    ...(options.length > 0 ? ['', 'flags:', ...pairs(options.map(describe))] : []),
    '',
    'for every command:',
    ...pairs(globalOptions.map(describe)),
    '',
    'examples:',
    ...command.examples.flatMap(({ command, about }) => [`  # ${about}`, `  ${command}`]),
  ].join('\n')
}

/** docs/cli.md. */
export function cliPage(commands: readonly Command[]): string {
  const chapters = commands.map(command => {
    const options = shownOf(command)
    return [
      `## meshctl ${command.name}`,
      `${command.summary}.`,
      '```\n' + command.usage + '\n```',
      ...(command.about ? [command.about] : []),
      ...(options.length > 0 ? [markdownTable(options)] : []),
      '```sh\n' + command.examples.map(e => `# ${e.about}\n${e.command}`).join('\n') + '\n```',
    ].join('\n\n')
  })
  return `${[
    '# meshctl',
    '<!-- prettier-ignore-start -->',
    'Generated from the command objects in `core/cli/commands` by `npm run generate`.',
    'Rows go to stdout, prose to stderr and only to a terminal. Exit codes: 0 well, 1 failed, 2 usage, 3 invalid manifest, 4 not found, 5 unreachable.',
    'For every command:',
    markdownTable(globalOptions),
    ...chapters,
    '<!-- prettier-ignore-end -->',
  ].join('\n\n')}\n`
}

/** The options that help speaks of. */
export const shownOf = ({ options }: Command) => options.filter(option => !option.hidden)

/** How an option stands in the help: its flags, and what it does with what it takes. */
export function describe(option: Option): [string, string] {
  const more = [
    ...(option.choices ? [option.choices.join(' | ')] : []),
    ...(option.default === undefined ? [] : [`default: ${option.default}`]),
  ]
  return [option.flags, option.about + (more.length > 0 ? ` (${more.join('; ')})` : '')]
}

function pairs(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}   ${right}`)
}

function markdownTable(options: readonly Option[]): string {
  const rows = options.map(describe).map(([flags, about]) => {
    return `| \`${flags}\` | ${about.replaceAll('|', '\\|')} |`
  })
  return ['| flag | what it does |', '| --- | --- |', ...rows].join('\n')
}
