/** `meshctl plan -f`: what an apply would do, to agents and to those that call them. */
import type { Command } from '../command.ts'
import { makePlan } from '../plan/make-plan.ts'
import { readInputs } from '../manifests/manifest-inputs.ts'
import { listOf } from '../line/options.ts'
import { printValue } from '../output/output.ts'
import { planLines, planValue } from '../plan/plan-text.ts'

export const plan: Command = {
  name: 'plan',
  summary: 'Show what an apply would do to the mesh',
  usage: 'meshctl plan -f {<file> | <folder> | -}',
  takes: [0, 0],
  about:
    'Against the registry as it is now: agents that are created, changed or removed, tools that change and the version step that ' +
    'this asks for, dependencies that another tool fills, and consumers that break. Changes nothing; apply goes by the same plan. ' +
    'Exit code 1 where a consumer breaks, a version says too little, or a cycle would form.',
  options: [
    {
      flags: '-f, --file <path>...',
      about: 'file, folder or - for stdin; may be given several times',
    },
    {
      flags: '--prune',
      about: 'with what was applied in these namespaces and is not in the files removed',
    },
    { flags: '-o, --output <form>', about: 'how to print', choices: ['json', 'yaml'] },
  ],
  examples: [
    { command: 'meshctl plan -f agents', about: 'a folder against the registry' },
    { command: 'meshctl plan -f agents --prune -o json', about: 'for programs' },
  ],
  async run(_, context) {
    const { io, options } = context
    const inputs = await readInputs(listOf(options, 'file'), context, plan)
    const registry = await context.registry()
    const manifests = inputs.map(({ manifest }) => manifest)
    const planned = await makePlan(manifests, registry, { prunes: options.prune === true })
    if (!printValue(io, options, planValue(planned)))
      for (const line of planLines(planned)) io.out(line)
    const { breaks, short, cycles } = planned
    return breaks.length + short.length + cycles.length > 0 ? 1 : 0
  },
}
