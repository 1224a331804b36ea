/** `meshctl rollout history|undo AGENT`: the generations of an agent, and the way back to one. */
import { formatDuration } from '../../model/duration.ts'
import { MeshError } from '../../model/error.ts'
import type { AgentRevision } from '../../model/operations-api.ts'
import { agentNameOf } from '../line/agent-name.ts'
import type { Command, Context } from '../command.ts'
import { countOf, outputOption } from '../line/options.ts'
import { printList, printValue, type Column } from '../output/output.ts'
import { oneAgent } from '../agents/one-agent.ts'

const columns: readonly Column<AgentRevision>[] = [
  { head: 'GENERATION', of: revision => String(revision.generation) },
  { head: 'VERSION', of: revision => revision.manifest.spec.version },
  {
    head: 'ORIGIN',
    of: ({ origin, from }) => (from === undefined ? origin : `${origin} to ${from}`),
  },
  { head: 'AGE', of: ({ at }) => formatDuration(Math.max(0, Date.now() - Date.parse(at))) },
  { head: 'DIGEST', of: ({ digest }) => digest.slice(0, 19) },
  { head: 'REVISION', of: revision => String(revision.revision), wide: true },
]

export const rollout: Command = {
  name: 'rollout',
  summary: 'Show the generations of an agent, or go back to one',
  usage: 'meshctl rollout {history | undo} <agent>',
  takes: [2, 2],
  about:
    'The registry keeps the last 50 generations of an applied agent. An undo is a new generation with the manifest of an ' +
    'earlier one; running instances follow it without a restart, as they follow an apply.',
  options: [
    { flags: '--to-generation <number>', about: 'take up this one (default: the one before)' },
    outputOption,
  ],
  examples: [
    { command: 'meshctl rollout history hello-world', about: 'what was wanted, and when' },
    { command: 'meshctl rollout undo hello-world', about: 'back to the generation before' },
    { command: 'meshctl rollout undo hello-world --to-generation 3', about: 'back to that one' },
  ],
  completes: args =>
    args.length === 0 ? ['history', 'undo'] : args.length === 1 ? 'agent' : undefined,
  run([word = '', agent = ''], context) {
    const name = agentNameOf(agent)
    if (word === 'history') return history(name, context)
    if (word === 'undo') return undo(name, context)
    throw new MeshError(
      'MESH_USAGE_INVALID',
      `rollout does not know "${word}"`,
      `write ${rollout.usage}`,
    )
  },
}

async function history(name: string, context: Context): Promise<number> {
  const { io, options, namespace } = context
  await oneAgent(name, context) // knows what was perhaps meant
  const { items } = await (await context.registry()).revisions(namespace, name)
  const nameOf = (revision: AgentRevision) => `agent/${name}@${revision.generation}`
  printList(io, options, { rows: items, columns, nameOf, none: `no generation of "${name}"` })
  return 0
}

async function undo(name: string, context: Context): Promise<number> {
  const { io, options, namespace } = context
  const generation = countOf(options, 'toGeneration')
  await oneAgent(name, context)
  const receipt = await (await context.registry()).rollBack(namespace, name, generation)
  if (printValue(io, options, { namespace, name, ...receipt })) return 0
  if (options.output === 'name') io.out(`agent/${name}`)
  else if (receipt.result === 'unchanged') io.out(`agent/${name} unchanged: it is what is wanted`)
  else io.out(`agent/${name} rolled back (generation ${receipt.generation})`)
  return 0
}
