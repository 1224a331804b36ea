/** `meshctl types PATH…`: a `.d.ts` beside each manifest, so that an editor and tsc check handlers against it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { MeshError } from '../../model/error.ts'
import type { Command } from '../command.ts'
import { loadChecked } from '../manifests/faults.ts'

export const types: Command = {
  name: 'types',
  summary: 'Write the types of handlers from their manifests',
  usage: 'meshctl types <path>...',
  takes: [1, Infinity],
  about:
    'mesh.d.ts stands beside mesh.yaml and has a type for each handler, named after its tool, resource or prompt: what it is given ' +
    'and what it gives back. A dependency has the types that it expects, else those of the providers among the manifests that are given, so give ' +
    'them together. The types import mcp-mesh/runtime: the project has mcp-mesh among its devDependencies. Exit code 1 with ' +
    '--check where a file is not as it would be written.',
  options: [{ flags: '--check', about: 'write nothing, and say what would change' }],
  examples: [
    { command: 'meshctl types agents', about: 'of every manifest below a folder' },
    { command: 'meshctl types agents --check', about: 'in CI: are they as the manifests say?' },
  ],
  completes: () => 'path',
  async run(paths, context) {
    const { io, options, cwd } = context
    const { handlerTypes } = await import('../authoring/handler-types.ts')
    const manifests = await loadChecked(paths, context)
    if (manifests.length === 0) {
      throw new MeshError('MESH_USAGE_INVALID', `${paths.join(', ')} describes no agent`)
    }
    const all = manifests.map(({ agent }) => agent)
    const files = new Set(manifests.map(({ file }) => file))
    let stale = 0
    for (const file of files) {
      const agents = manifests.filter(each => each.file === file).map(({ agent }) => agent)
      const target = typesFile(file)
      const text = handlerTypes(agents, all)
      const shown = relative(cwd, target)
      if (read(target) === text) continue
      stale++
      if (!options.check) writeFileSync(target, text)
      io.out(options.check ? `${shown} is stale` : `${shown} written`)
    }
    if (stale === 0) io.say('the types are as the manifests say')
    return options.check && stale > 0 ? 1 : 0
  },
}

/** `mesh.d.ts` of `mesh.yaml`, `date.mesh.d.ts` of `date.mesh.yaml`. */
export const typesFile = (manifest: string) => manifest.replace(/(\.ya?ml)?$/, '.d.ts')

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
