/** `meshctl apply -f`: makes manifests the desired ones, all of them or none; running instances follow without a restart. */
import { MeshError } from '../../model/error.ts'
import type { ManifestFault } from '../../model/registry-api.ts'
import { applyPlan, takeBack, tryPlan, type Done } from '../plan/apply-plan.ts'
import type { Command, Context } from '../command.ts'
import { invalid } from '../manifests/faults.ts'
import { makePlan, type Plan } from '../plan/make-plan.ts'
import { readInputs, show, type Input } from '../manifests/manifest-inputs.ts'
import { durationOf, listOf, lockFileOption, lockOption } from '../line/options.ts'
import { printValue } from '../output/output.ts'
import { waitUntilObserved, waitUntilReady } from '../agents/wait-observed.ts'

const DEFAULT_WAIT_MS = 30_000

export const apply: Command = {
  name: 'apply',
  summary: 'Make manifests the desired ones',
  usage: 'meshctl apply -f {<file> | <folder> | -}',
  takes: [0, 0],
  about:
    'Checks all of them first, goes by the plan that meshctl plan shows, and applies all or none: what was done is taken back where ' +
    'a later one is refused, or where somebody else changed an agent since the plan was made. What breaks a consumer needs --force. Running instances follow without ' +
    'a restart; what one cannot follow shows as the condition Drifted. An applied agent stays in the registry until it is deleted.',
  options: [
    {
      flags: '-f, --file <path>...',
      about: 'file, folder or - for stdin; may be given several times',
    },
    {
      flags: '--prune',
      about: 'remove what was applied in these namespaces and is not in the files',
    },
    {
      flags: '--locked',
      about: 'fill dependencies only with tools that are what the lock file says',
    },
    lockFileOption,
    { flags: '--force', about: 'also where a consumer breaks by it' },
    { flags: '--dry-run', about: 'ask the registry what it would do, and change nothing' },
    { flags: '--wait', about: 'return when every live instance follows' },
    {
      flags: '--atomic',
      about:
        'wait until every agent with live instances is Ready, and take all back where one does not become so',
    },
    {
      flags: '--timeout <duration>',
      about: 'the longest that --wait and --atomic wait',
      default: '30s',
    },
    { flags: '-o, --output <form>', about: 'how to print', choices: ['json', 'yaml', 'name'] },
  ],
  examples: [
    { command: 'meshctl apply -f mesh.yaml --wait', about: 'and see it take effect' },
    { command: 'meshctl apply -f agents --dry-run', about: 'what a folder would change' },
    { command: 'meshctl apply -f agents --prune --atomic', about: 'a folder as it is, or nothing' },
    { command: 'cat mesh.yaml | meshctl apply -f -', about: 'from stdin' },
  ],
  async run(_, context) {
    const { io, options } = context
    const timeoutMs = durationOf(options, 'timeout', DEFAULT_WAIT_MS)
    const patience = { timeoutMs, tell: io.progress }
    const inputs = await held(await readInputs(listOf(options, 'file'), context, apply), context)
    const registry = await context.registry()
    const manifests = inputs.map(({ manifest }) => manifest)
    const plan = await makePlan(manifests, registry, { prunes: options.prune === true })
    const dryRun = options.dryRun === true
    const tried = await tryPlan(plan, registry, io.progress)
    let faults = 0
    for (const { agent, error } of tried.refused)
      faults += await showRefusal(error, inputs.find(isOf(agent)), context)
    if (faults > 0)
      throw invalid(faults, 'the registry refused what is shown, and nothing was changed')
    if (dryRun || options.force === true) warn(plan, context)
    else refuse(plan)
    const done = dryRun ? tried.done : await applyPlan(plan, registry, io.progress)
    for (const each of done) print(each, context, dryRun)
    const kept = done.filter(({ result }) => result !== 'removed')
    if (!dryRun && options.atomic === true) {
      try {
        await waitUntilObserved(registry, kept, patience)
        await waitUntilReady(registry, kept, patience)
      } catch (error) {
        await takeBack(plan, done, registry, error)
        io.err('all was taken back')
        throw error
      }
    } else if (!dryRun && options.wait === true) await waitUntilObserved(registry, kept, patience)
    if (!dryRun && (options.wait === true || options.atomic === true))
      for (const { name, generation } of kept)
        io.say(`agent/${name}: generation ${generation} is observed`)
    printValue(io, options, { items: done })
    return 0
  },
}

/** With `--locked` the manifests are held to the lock file. */
async function held(inputs: Input[], context: Context): Promise<Input[]> {
  if (context.options.locked !== true) return inputs
  const { readLockFile } = await import('../../manifest/lock-file.ts')
  const { pinned } = await import('../../manifest/pin.ts')
  const { file, name } = lockOption(context)
  const lock = await readLockFile(file, name)
  return inputs.map(input => ({ ...input, manifest: pinned(input.manifest, lock) }))
}

const isOf =
  ({ namespace, name }: { namespace: string; name: string }) =>
  ({ manifest: { metadata } }: Input) =>
    metadata.name === name && (metadata.namespace ?? 'default') === namespace

/** What the plan would break. */
const linesOf = ({ breaks }: Plan): string[] =>
  breaks.map(
    ({ consumer, dependency, from, reason }) =>
      `${consumer} "${dependency}" breaks: ${from} filled it, and nothing does then: ${reason ?? 'it is gone'}`,
  )

function warn(plan: Plan, { io }: Context): void {
  for (const line of linesOf(plan)) io.err(`warning: ${line}`)
}

function refuse(plan: Plan): void {
  const lines = linesOf(plan)
  if (lines.length === 0) return
  const what = lines.length === 1 ? 'a consumer' : `${lines.length} consumers`
  throw new MeshError(
    'MESH_CONSUMER_BROKEN',
    `${what} would break, and nothing was changed`,
    'apply the changed consumers together with it, or write --force',
    { details: { lines } },
  )
}

function print(
  { name, result, generation }: Done,
  { io, options }: Context,
  dryRun: boolean,
): void {
  if (options.output === 'name') io.out(`agent/${name}`)
  else if (options.output === undefined) {
    const suffix = dryRun ? ' (dry run)' : ''
    io.out(`agent/${name} ${result} (generation ${generation})${suffix}`)
  }
}

/** Shows the faults of a 422 in the user's file and counts them; rethrows any other error. */
async function showRefusal(
  error: unknown,
  input: Input | undefined,
  context: Context,
): Promise<number> {
  const { placeFaults } = await import('../manifests/manifest-text.ts')

  const faults = error instanceof MeshError ? error.details?.faults : undefined
  if (!Array.isArray(faults) || !input) throw error
  const { manifest, file, text } = input
  const diagnostics = placeFaults(text, file, manifest, faults as ManifestFault[])
  if (diagnostics.length === 0) throw error
  show(diagnostics, text, context)
  return diagnostics.length
}
