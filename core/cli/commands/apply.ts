/** `meshctl apply -f`: makes manifests the desired ones; running instances follow without a restart. */
import { MeshError } from '../../model/error.ts'
import type { ApplyReceipt, ManifestFault } from '../../model/registry-api.ts'
import type { Command, Context } from '../command.ts'
import { invalid } from '../faults.ts'
import { readInputs, show, type Input } from '../manifest-inputs.ts'
import { durationOf, listOf } from '../options.ts'
import { printValue } from '../output.ts'
import { waitUntilObserved } from '../wait-observed.ts'

const DEFAULT_WAIT_MS = 30_000

export const apply: Command = {
  name: 'apply',
  summary: 'Make manifests the desired ones',
  usage: 'meshctl apply -f {<file> | <folder> | -}',
  takes: [0, 0],
  about:
    'Checks all of them first. Running instances follow without a restart; what one cannot follow shows as the condition ' +
    'Drifted. An applied agent stays in the registry until it is deleted.',
  options: [
    {
      flags: '-f, --file <path>...',
      about: 'file, folder or - for stdin; may be given several times',
    },
    { flags: '--dry-run', about: 'ask the registry what it would do, and change nothing' },
    { flags: '--wait', about: 'return when every live instance follows' },
    { flags: '--timeout <duration>', about: 'the longest that --wait waits', default: '30s' },
    { flags: '-o, --output <form>', about: 'how to print', choices: ['json', 'yaml', 'name'] },
  ],
  examples: [
    { command: 'meshctl apply -f mesh.yaml --wait', about: 'and see it take effect' },
    { command: 'meshctl apply -f agents --dry-run', about: 'what a folder would change' },
    { command: 'cat mesh.yaml | meshctl apply -f -', about: 'from stdin' },
  ],
  async run(_, context) {
    const { io, options } = context
    const timeoutMs = durationOf(options, 'timeout', DEFAULT_WAIT_MS)
    const inputs = await readInputs(listOf(options, 'file'), context, apply)
    const registry = await context.registry()
    const done: (ApplyReceipt & { namespace: string; name: string })[] = []
    const dryRun = options.dryRun === true
    let faults = 0
    for (const input of inputs) {
      const { name, namespace = 'default' } = input.manifest.metadata
      try {
        const receipt = await registry.apply(input.manifest, { dryRun })
        done.push({ namespace, name, ...receipt })
        if (options.output === 'name') io.out(`agent/${name}`)
        else if (options.output === undefined) {
          const suffix = dryRun ? ' (dry run)' : ''
          io.out(`agent/${name} ${receipt.result} (generation ${receipt.generation})${suffix}`)
        }
      } catch (error) {
        faults += await showRefusal(error, input, context)
      }
    }
    if (faults > 0) throw invalid(faults, 'the registry refused what is shown')
    if (options.wait && !dryRun) {
      await waitUntilObserved(registry, done, timeoutMs)
      for (const { name, generation } of done)
        io.say(`agent/${name}: generation ${generation} is observed`)
    }
    printValue(io, options, { items: done })
    return 0
  },
}

/** Shows the faults of a 422 in the user's file and counts them; rethrows any other error. */
async function showRefusal(
  error: unknown,
  { manifest, file, text }: Input,
  context: Context,
): Promise<number> {
  const { placeFaults } = await import('../manifest-text.ts')

  const faults = error instanceof MeshError ? error.details?.faults : undefined
  if (!Array.isArray(faults)) throw error
  const diagnostics = placeFaults(text, file, manifest, faults as ManifestFault[])
  if (diagnostics.length === 0) throw error
  show(diagnostics, text, context)
  return diagnostics.length
}
