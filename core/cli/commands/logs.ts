/** `meshctl logs [NAME]`: what local agents and registries have said, merged by time. */
import { setMaxListeners } from 'node:events'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseDuration } from '../../model/duration.ts'
import { MeshError } from '../../model/error.ts'
import type { Command, Context } from '../command.ts'
import { followFile, readLines } from '../local/follow-file.ts'
import { openHome, type Home } from '../local/home.ts'
import { readableLine, timeOf } from '../local/log-line.ts'
import { matchName } from '../line/name-match.ts'
import { missing } from '../line/nearest.ts'
import { countOf, textOf } from '../line/options.ts'

export const logs: Command = {
  name: 'logs',
  summary: 'Print the logs of local agents',
  usage: 'meshctl logs [name]',
  takes: [0, 1],
  about: 'Without a name: of all agents. "registry" prints the log of the registry.',
  options: [
    { flags: '-f, --follow', about: 'go on with what is written from now on, until Ctrl-C' },
    { flags: '--tail <lines>', about: 'only the last lines' },
    {
      flags: '--since <when>',
      about:
        'only lines since then: so long ago, such as 5m, or a time such as 2026-01-31T12:00:00Z',
    },
    {
      flags: '-o, --output <form>',
      about: 'json: the lines as they were written',
      choices: ['json'],
    },
  ],
  examples: [
    { command: 'meshctl logs hello-world --tail 20', about: 'the end of one log' },
    { command: 'meshctl logs --since 5m', about: 'what was said in the last five minutes' },
    { command: 'meshctl logs -f --since 1m', about: 'everything, as it comes' },
  ],
  completes: args => (args.length === 0 ? 'agent' : undefined),
  async run([name], context) {
    const sources = sourcesOf(openHome(context.env), name, context)
    const tail = countOf(context.options, 'tail')
    const since = sinceOf(textOf(context.options, 'since'))
    const width = Math.max(0, ...sources.map(source => source.name.length))
    const print = (line: string, name: string) =>
      context.io.out(
        context.options.output === 'json'
          ? line
          : readableLine(line, { name, width, hasColor: context.io.hasColor }),
      )
    const ends = new Map<string, number>()
    const lines = sources.flatMap(({ name, file }) => {
      const { lines, end } = readLines(file)
      ends.set(file, end)
      let last = 0
      // A line without a time of its own stays behind the one before it.
      return lines.map(line => ({ name, line, time: (last = timeOf(line) ?? last) }))
    })
    lines.sort((a, b) => a.time - b.time)
    const chosen = lines.filter(({ time }) => time >= since)
    for (const { line, name } of tail === undefined ? chosen : lastOf(chosen, tail))
      print(line, name)
    if (context.options.follow) await follow(sources, ends, print, context)
    return 0
  },
}

/** Milliseconds since the epoch: so long ago, or at that time. Throws MESH_USAGE_INVALID. */
function sinceOf(text: string | undefined): number {
  if (text === undefined) return -Infinity
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN
  if (!Number.isNaN(at)) return at
  try {
    return Date.now() - parseDuration(text)
  } catch (cause) {
    const found = `--since "${text}" is no duration and no time`
    throw new MeshError('MESH_USAGE_INVALID', found, 'write 5m, 1h or 2026-01-31T12:00:00Z', {
      cause,
    })
  }
}

const lastOf = <T>(items: readonly T[], count: number) => (count === 0 ? [] : items.slice(-count))

interface Source {
  name: string
  file: string
}

async function follow(
  sources: readonly Source[],
  ends: ReadonlyMap<string, number>,
  print: (line: string, name: string) => void,
  { onStop }: Context,
) {
  const stopping = new AbortController()
  const stopListening = onStop(() => stopping.abort())
  setMaxListeners(0, stopping.signal) // one for each file, and there may be many
  await Promise.all(
    sources.map(({ name, file }) =>
      followFile(file, ends.get(file) ?? 0, line => print(line, name), stopping.signal),
    ),
  )
  stopListening()
}

function sourcesOf(home: Home, name: string | undefined, { namespace, io }: Context): Source[] {
  const files = readdirSync(home.logs).filter(file => file.endsWith('.log'))
  const all = files.flatMap(file => {
    const [space = '', ...rest] = basename(file, '.log').split('.')
    if (space === '_registry') return [{ name: 'registry', space, file: join(home.logs, file) }]
    return space.startsWith('_')
      ? []
      : [{ name: rest.join('.'), space, file: join(home.logs, file) }]
  })
  const agents = all.filter(({ space }) => space === namespace)
  if (name === undefined) {
    if (agents.length === 0) io.say(`no agent has run here in namespace "${namespace}"`)
    return agents
  }
  const known = [...agents, ...all.filter(s => s.name === 'registry')]
  const meant = matchName(
    name,
    known.map(({ name }) => name),
    io,
  )
  const chosen = known.filter(source => source.name === meant)
  if (chosen.length > 0) return chosen
  throw missing({
    found: `no log of an agent "${name}" in namespace "${namespace}"`,
    name,
    known: agents.map(({ name }) => name),
    see: 'meshctl logs',
  })
}
