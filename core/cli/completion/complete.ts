/**
 * Completion: from the words of a command line to what its last word could become. Commands, flags and values come from
 * the command objects, names from the registry; what does not answer within a second completes nothing, and nothing here
 * is ever an error, as somebody is in the middle of a line.
 */
import type { Candidate } from './completion-names.ts'
import type { Command, Context, Option, Source } from '../command.ts'
import { loadAll, loadOne } from '../commands.ts'
import { globalOptions } from '../line/options.ts'

/** Best first; empty where nothing is known. `:files` asks the shell for its files. */
export async function candidatesFor(
  words: readonly string[],
  context: Context,
): Promise<Candidate[]> {
  const [before, current] = [words.slice(0, -1), words.at(-1) ?? '']
  const line = await readLine(before, context)
  const [, flag, part] = /^(--[^=]+)=(.*)$/.exec(current) ?? []
  if (flag !== undefined && part !== undefined) {
    const option = line.options.find(each => namesOf(each).includes(flag))
    const found = option ? await valuesOf(option, part, line, context) : []
    return found.map(({ word, ...more }) => ({
      word: word.startsWith(':') ? word : `${flag}=${word}`,
      ...more,
    }))
  }
  if (line.open) return valuesOf(line.open, current, line, context)
  if (current.startsWith('-')) {
    const flags = line.options.filter(({ hidden }) => !hidden)
    return flags.flatMap(option =>
      namesOf(option)
        .filter(name => name.startsWith(current))
        .slice(-1)
        .map(word => ({ word, about: option.about })),
    )
  }
  if (!line.command) return line.isUnknown ? [] : commandsFrom(current, context)
  const source = line.command.completes?.(line.args)
  return source === undefined ? [] : search(source, current, line, context)
}

interface Line {
  command: Command | undefined
  /** Those that may stand here. */
  options: readonly Option[]
  /** Behind the command, without flags and their values. */
  args: string[]
  /** The flag whose value comes next. */
  open: Option | undefined
  /** Values of flags that say where names are asked for. */
  given: Map<string, string>
  /** The first word is no command: nobody can say what stands behind it. */
  isUnknown: boolean
}

async function readLine(words: readonly string[], { commands }: Context): Promise<Line> {
  const line: Line = {
    ...{ command: undefined, options: globalOptions, args: [], open: undefined },
    ...{ given: new Map(), isUnknown: false },
  }
  for (const word of words) {
    if (line.open) {
      line.given.set(namesOf(line.open).at(-1) ?? '', word)
      line.open = undefined
    } else if (word.startsWith('-') && word !== '-') {
      const [name = '', value] = word.split('=', 2)
      const option = line.options.find(each => namesOf(each).includes(name))
      if (value !== undefined && option) line.given.set(namesOf(option).at(-1) ?? '', value)
      else if (option?.flags.includes('<')) line.open = option
    } else if (line.command) line.args.push(word)
    else {
      line.command = await loadOne(commands, word)
      line.isUnknown = !line.command
      if (line.command) line.options = [...line.command.options, ...globalOptions, help]
    }
  }
  return line
}

const help: Option = { flags: '-h, --help', about: 'say more about the command' }

/** `-o` and `--output`. */
const namesOf = ({ flags }: Option) => flags.split(/[ ,]+/).filter(word => word.startsWith('-'))

function valuesOf(option: Option, current: string, line: Line, context: Context) {
  const isFile = /<(path|file|folder)>/.test(option.flags)
  const source = option.choices ?? option.completes ?? (isFile ? 'path' : undefined)
  return source === undefined ? [] : search(source, current, line, context)
}

async function search(
  source: Source,
  current: string,
  { args, given }: Line,
  context: Context,
): Promise<Candidate[]> {
  if (source === 'path') return [{ word: ':files' }]
  if (source === 'command') return commandsFrom(current, context)
  let found: Candidate[]
  if (typeof source === 'object') found = source.map(word => ({ word }))
  else {
    const { namesFor } = await import('./completion-names.ts')
    found = await namesFor(source, { given, env: context.env }).catch(() => []) // nobody answers, or not in time
  }
  return found.filter(({ word }) => word.startsWith(current) && !args.includes(word))
}

async function commandsFrom(current: string, { commands }: Context): Promise<Candidate[]> {
  const all = await loadAll(commands)
  return all
    .filter(({ name }) => name.startsWith(current))
    .map(({ name, summary }) => ({ word: name, about: summary }))
}
