/** `meshctl diff -f`: what an apply would change. */
import { hasCode } from '../../model/error.ts'
import type { Manifest } from '../../model/manifest.ts'
import type { AgentResource } from '../../model/registry-api.ts'
import type { Command } from '../command.ts'
import { readInputs } from '../manifests/manifest-inputs.ts'
import { listOf } from '../line/options.ts'
import { printable, yamlOf } from '../output/output.ts'
import { unifiedDiff } from '../output/unified-diff.ts'

export const diff: Command = {
  name: 'diff',
  summary: 'Show what an apply would change',
  usage: 'meshctl diff -f {<file> | <folder> | -}',
  takes: [0, 0],
  about:
    'Compares manifests with what the registry wants now, as YAML with its keys sorted. Exit code 0 where nothing differs, 1 ' +
    'where something does, 2 and above where it failed to compare. Manifests hold references to secrets, never secrets.',
  options: [
    {
      flags: '-f, --file <path>...',
      about: 'file, folder or - for stdin; may be given several times',
    },
  ],
  examples: [
    { command: 'meshctl diff -f mesh.yaml', about: 'before an apply' },
    { command: 'meshctl diff -f agents', about: 'a folder against the registry' },
  ],
  async run(_, context) {
    const { io, options } = context
    const inputs = await readInputs(listOf(options, 'file'), context, diff)
    const registry = await context.registry()
    let differs = false
    for (const { manifest, file } of inputs) {
      const { name, namespace = 'default' } = manifest.metadata
      const known = await registry.agent(namespace, name).catch((error: unknown) => {
        if (hasCode(error, 'MESH_RESOURCE_MISSING')) return undefined
        throw error
      })
      const lines = unifiedDiff(known ? linesOf(known) : [], linesOf(manifest))
      if (lines.length === 0) continue
      differs = true
      const head = known
        ? `--- agent/${name} in namespace ${namespace} (generation ${known.metadata.generation})`
        : `--- agent/${name} in namespace ${namespace} (not there yet)`
      const paint = (line: string) => (io.hasColor ? paintLine(line) : line)
      for (const line of [head, `+++ ${file}`, ...lines]) io.out(paint(printable(line)))
    }
    if (!differs) io.say('nothing differs')
    return differs ? 1 : 0
  },
}

/** What both sides have: the registry's own fields are left out, and the namespace is written out. */
function linesOf({ apiVersion, kind, metadata, spec }: Manifest | AgentResource): string[] {
  const { name, namespace = 'default', labels } = metadata
  const own = { name, namespace, ...(labels ? { labels } : {}) }
  const value = { apiVersion, kind, metadata: own, spec }
  return yamlOf(value, { sortMapEntries: true, aliasDuplicateObjects: false }).split('\n')
}

function paintLine(line: string): string {
  const color = { '-': 31, '+': 32, '@': 36 }[line[0] ?? '']
  return color === undefined ? line : `\u001b[${color}m${line}\u001b[0m`
}
