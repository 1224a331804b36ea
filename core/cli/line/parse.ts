/**
 * A command line to a command, its arguments and options. Behind it stands commander, for its reading of flags and its
 * "did you mean"; its texts become MESH_USAGE_INVALID, so that usage errors look like all others.
 */
import { CommanderError, Option as Flag, Command as Parser } from 'commander'
import { MeshError } from '../../model/error.ts'
import type { Catalog, Command, Option, Options } from '../command.ts'
import { loadAll, loadOne } from '../commands.ts'
import { helpOf, overview } from '../help/help.ts'
import { missing } from './nearest.ts'
import { globalOptions } from './options.ts'

export type Parsed =
  | { readonly help: string }
  | { readonly command: Command; readonly args: readonly string[]; readonly options: Options }

/** Throws MESH_USAGE_INVALID. An empty line asks for help. Only the command that is meant is loaded. */
export async function parse(argv: readonly string[], catalog: Catalog): Promise<Parsed> {
  const words = argv.length === 1 && argv[0] === '--version' ? ['version'] : argv
  const all = async () => ({ help: overview(await loadAll(catalog)) })
  if (isHelp(words)) return all()
  const program = configure(new Parser('meshctl'), globalOptions).option('--version')
  for (const name of Object.keys(catalog)) {
    if (!name.startsWith('_')) program.command(name)
  }
  if (words[0] === 'help') return words[1] === undefined ? all() : helpFor(words[1], catalog)
  // Set by the action, which commander calls while it parses.
  let parsed: Parsed | undefined
  const name = commandWord(words)
  const command = name === undefined ? undefined : await loadOne(catalog, name)
  if (command) {
    const parser =
      program.commands.find(known => known.name() === command.name) ?? program.command(command.name)
    configure(parser, command.options)
    parser.argument('[args...]').action((args: string[]) => {
      const options: Options = { ...program.opts<Options>(), ...parser.opts<Options>() }
      parsed = options.help ? { help: helpOf(command) } : { command, args, options }
    })
  }
  try {
    program.parse(words, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) throw usageError(error, program, words)
    throw error
  }
  if (!parsed) return all()
  if ('command' in parsed) checkCount(parsed.command, parsed.args)
  return parsed
}

async function helpFor(name: string, catalog: Catalog): Promise<Parsed> {
  const command = await loadOne(catalog, name)
  if (command) return { help: helpOf(command) }
  const known = Object.keys(catalog).filter(each => !each.startsWith('_'))
  throw missing(
    { found: `unknown command "${name}"`, name, known, see: 'meshctl help' },
    'MESH_USAGE_INVALID',
  )
}

/** The first word that is no flag and no value of one: flags for every command may stand before it. */
export function commandWord(words: readonly string[]): string | undefined {
  const takesValue = globalOptions.flatMap(({ flags }) => flags.split(/[ ,]+/).filter(isFlag))
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (takesValue.includes(word)) i++
    else if (!isFlag(word)) return word
  }
  return undefined
}

const isFlag = (word: string) => word.startsWith('-')

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
