/** `meshctl validate PATH...`: every fault of every manifest in one run, with no registry and no network. */
import type { Command } from '../command.ts'
import { load, showFaults } from '../faults.ts'
import { printValue } from '../output.ts'

export const validate: Command = {
  name: 'validate',
  summary: 'Check manifests and the modules that they name',
  usage: 'meshctl validate <path>...',
  takes: [1, Infinity],
  about:
    'A path is a file, a folder (every mesh.yaml and *.mesh.yaml below it) or a pattern. Handler modules are read, never ' +
    'run. Several agents are held against each other too: that none of them fills a required dependency is a warning, as ' +
    'its provider may be described elsewhere. Exit code 3 when there is an error.',
  options: [{ flags: '-o, --output <form>', about: 'how to print', choices: ['json', 'yaml'] }],
  examples: [
    { command: 'meshctl validate examples', about: 'everything below a folder' },
    { command: 'meshctl validate mesh.yaml -o json', about: 'for programs' },
  ],
  async run(paths, context) {
    const { io, options } = context
    const { checkGraph } = await import('../check-graph.ts')
    const { manifests, diagnostics } = await load(paths, { compares: checkGraph })
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length
    if (!printValue(io, options, { items: diagnostics })) {
      showFaults(diagnostics, context)
      const agents = `${manifests.length} ${manifests.length === 1 ? 'agent is' : 'agents are'} sound`
      const others = diagnostics.length - errors
      const more = others === 0 ? '' : `, ${others} ${others === 1 ? 'warning' : 'warnings'}`
      io.err(`${agents}, ${errors} ${errors === 1 ? 'error' : 'errors'}${more}`)
    }
    return errors > 0 ? 3 : 0
  },
}
