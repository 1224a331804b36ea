/** `meshctl validate PATH...`: every fault of every manifest, and of the mesh that they make, in one run. */
import type { Diagnostic } from '../../manifest/diagnostic.ts'
import type { LoadResult } from '../../manifest/load.ts'
import { othersOf } from '../plan/against.ts'
import type { Command, Context } from '../command.ts'
import { load, showFaults } from '../manifests/faults.ts'
import { findSettings } from '../manifests/find-settings.ts'
import { lockFileOption, lockOption, textOf } from '../line/options.ts'
import { printValue } from '../output/output.ts'

/** A fix may bring another fault to light, whose fix is the next round's. */
const MAX_ROUNDS = 5

export const validate: Command = {
  name: 'validate',
  summary: 'Check manifests, the modules that they name, and the mesh that they make',
  usage: 'meshctl validate <path>...',
  takes: [1, Infinity],
  about:
    'A path is a file, a folder (every mesh.yaml and *.mesh.yaml below it) or a pattern. Needs no registry and no network; handler ' +
    'modules are read, never run. Three stages: each file, what each says, and all of them as a mesh (dependencies that nothing ' +
    'fills, versions, cycles, schemas, times and attempts along paths, credentials, texts for models). Of a single agent no ' +
    'provider is missed. A meshlint.yaml here or above switches findings of the mesh, each with a reason. Exit code 3 when ' +
    'there is an error.',
  options: [
    {
      flags: '-o, --output <form>',
      about: 'how to print',
      choices: ['text', 'json', 'yaml', 'sarif', 'github', 'junit'],
    },
    {
      flags: '--format <form>',
      about: 'the same as --output',
      choices: ['text', 'json', 'yaml', 'sarif', 'github', 'junit'],
      hidden: true,
    },
    { flags: '--fix', about: 'write what is safe to mend into the files' },
    { flags: '--locked', about: 'hold the tools and who fills what against the lock file' },
    lockFileOption,
    {
      flags: '--against <where>',
      about:
        'take the agents of a registry ("registry" or its URL) or of a folder as there, and tell what would break them',
    },
  ],
  examples: [
    { command: 'meshctl validate .', about: 'a whole repository' },
    { command: 'meshctl validate mesh.yaml -o json', about: 'for programs' },
    { command: 'meshctl validate . -o sarif > mesh.sarif', about: 'for code scanning' },
    { command: 'meshctl validate . --fix', about: 'and mend what is safe to mend' },
    { command: 'meshctl validate . --locked', about: 'what differs from mesh.lock' },
    { command: 'meshctl validate mesh.yaml --against registry', about: 'together with what runs' },
  ],
  completes: () => 'path',
  async run(paths, context) {
    const { io } = context
    let checked = await check(paths, context)
    if (context.options.fix === true) {
      const { fixFiles } = await import('../manifests/fix-files.ts')
      for (let round = 0; round < MAX_ROUNDS; round++) {
        const mended = await fixFiles(checked.diagnostics)
        if (mended.size === 0) break
        for (const [file, count] of mended)
          io.err(`${file}: ${count} ${count === 1 ? 'place' : 'places'} mended`)
        checked = await check(paths, context)
      }
    }
    await print(checked, context)
    return checked.diagnostics.some(({ severity }) => severity === 'error') ? 3 : 0
  },
}

type Checked = Pick<LoadResult, 'diagnostics' | 'manifests'> & { files: string[] }

async function check(paths: readonly string[], context: Context): Promise<Checked> {
  const { meshCheck } = await import('../../lint/check-mesh.ts')
  const settings = await findSettings(context.cwd)
  const against = textOf(context.options, 'against')
  const checks = [meshCheck(against === undefined ? undefined : await othersOf(against, context))]
  if (context.options.locked === true) {
    const { lockCheck } = await import('../manifests/locked.ts')
    const { readLockFile } = await import('../../manifest/lock-file.ts')
    const { file, name } = lockOption(context)
    checks.push(lockCheck(await readLockFile(file, name)))
  }
  const { manifests, diagnostics, sources } = await load(paths, context, {
    compares: checks,
    judges: settings.judge,
  })
  const isWhole = diagnostics.every(({ severity }) => severity !== 'error')
  const unused = isWhole ? settings.unused() : []
  return {
    manifests,
    diagnostics: [...settings.diagnostics, ...diagnostics, ...unused],
    files: [...sources.keys()],
  }
}

async function print({ diagnostics, manifests, files }: Checked, context: Context): Promise<void> {
  const { io, options } = context
  const form = textOf(options, 'output') ?? textOf(options, 'format') ?? 'text'
  const items = diagnostics.map(shown)
  if (printValue(io, { output: form }, { items })) return
  if (form !== 'text') {
    const { reports } = await import('../reports/report.ts')
    const { packageVersion } = await import('./version.ts')
    const text = reports[form as keyof typeof reports]({
      diagnostics,
      files,
      version: await packageVersion(),
    })
    if (text !== '') io.out(text)
    return
  }
  showFaults(diagnostics, context)
  io.err(summary(manifests.length, diagnostics))
}

/** Without what is there for --fix alone. */
function shown(diagnostic: Diagnostic): Diagnostic {
  const rest = { ...diagnostic }
  delete rest.fix
  return rest
}

function summary(agents: number, diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic['severity'], always = false) => {
    const found = diagnostics.filter(each => each.severity === severity).length
    if (found === 0 && !always) return ''
    return `, ${found} ${severity}${found === 1 ? '' : 's'}`
  }
  const sound = `${agents} ${agents === 1 ? 'agent is' : 'agents are'} sound`
  return `${sound}${count('error', true)}${count('warning')}${count('note')}`
}
