/**
 * A command line to a command, its arguments and options. Behind it stands commander, for its reading of flags and its
 * "did you mean"; its texts become MESH_USAGE_INVALID, so that usage errors look like all others.
 */
import { CommanderError, Option as Flag, Command as Parser } from 'commander'
import { MeshError } from '../model/error.ts'
import type { Command, Option, Options } from './command.ts'
import { helpOf, overview } from './help.ts'
import { globalOptions } from './options.ts'

export type Parsed =
  | { readonly help: string }
  | { readonly command: Command; readonly args: readonly string[]; readonly options: Options }

/** Throws MESH_USAGE_INVALID. An empty line asks for help. */
export function parse(argv: readonly string[], commands: readonly Command[]): Parsed {
  // Set by the actions below, which commander calls while it parses.
  let parsed = { help: overview(commands) } as Parsed
  const program = configure(new Parser('meshctl'), globalOptions)
  program.option('--version')
  for (const command of commands) {
    const parser = configure(program.command(command.name), command.options)
    parser.argument('[args...]').action((args: string[]) => {
      const options: Options = { ...program.opts<Options>(), ...parser.opts<Options>() }
      parsed = options.help ? { help: helpOf(command) } : { command, args, options }
    })
  }
  program
    .command('help [command]')
    .allowExcessArguments()
    .action((name: string | undefined) => {
      const command = commands.find(command => command.name === name)
      if (command) parsed = { help: helpOf(command) }
      else if (name !== undefined) throw noCommand(name, program)
    })

  const words = argv.length === 1 && argv[0] === '--version' ? ['version'] : argv
  if (isHelp(words)) return parsed
  try {
    program.parse(words, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) throw usageError(error, program, words)
    throw error
  }
  if ('command' in parsed) checkCount(parsed.command, parsed.args)
  return parsed
}

const isHelp = (words: readonly string[]) =>
  words.length === 0 || (words.length === 1 && (words[0] === '--help' || words[0] === '-h'))

function configure(parser: Parser, options: readonly Option[]): Parser {
  parser.helpOption(false).option('-h, --help').helpCommand(false).exitOverride()
  parser.configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
  for (const { flags, choices, default: value } of options) {
    const flag = new Flag(flags.replace(/\.\.\.$/, ''))
    if (choices) flag.choices([...choices])
    if (value !== undefined) flag.default(value)
    if (flags.endsWith('...'))
      flag.argParser<string[]>((text, before: string[] | undefined) => [...(before ?? []), text])
    parser.addOption(flag)
  }
  return parser
}

function usageError(error: CommanderError, program: Parser, words: readonly string[]): MeshError {
  const text = error.message.replace(/^error: /, '')
  const [found = text, hint] = text.split(/\n/)
  const suggestion = /Did you mean (?:one of )?(.*?)\??\)/.exec(hint ?? '')?.[1]
  const name = program.commands.find(command => words.includes(command.name()))?.name()
  const help = `see meshctl ${name ? `${name} ` : ''}--help`
  return new MeshError(
    'MESH_USAGE_INVALID',
    found.replaceAll("'", '"'),
    suggestion ? `did you mean ${suggestion}? ${help}` : help,
  )
}

function noCommand(name: string, program: Parser): MeshError {
  const names = program.commands.map(command => command.name()).join(', ')
  return new MeshError('MESH_USAGE_INVALID', `unknown command "${name}"`, `write one of ${names}`)
}

function checkCount(command: Command, args: readonly string[]) {
  const [least, most] = command.takes
  if (args.length >= least && args.length <= most) return
  const found =
    args.length < least
      ? args.length === 0
        ? `${command.name} was given nothing to work on`
        : `${command.name} was given ${args.length} of ${least} arguments`
      : `${command.name} does not take "${args[most]}"`
  throw new MeshError('MESH_USAGE_INVALID', found, `write ${command.usage}`)
}
