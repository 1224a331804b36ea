/** The manifests that a command with -f works on, checked, with the text that they were read from. */
import { readFile } from 'node:fs/promises'
import { renderDiagnostic, type Diagnostic } from '../../manifest/diagnostic.ts'
import { MeshError } from '../../model/error.ts'
import type { Manifest } from '../../model/manifest.ts'
import type { Command, Context } from '../command.ts'
import { invalid, loadChecked } from './faults.ts'

export interface Input {
  readonly manifest: Manifest
  readonly file: string
  readonly text: string
}

/** Of files, folders and `-`. Shows every fault and throws MESH_MANIFEST_INVALID where there is one; `command` is who asks. */
export async function readInputs(
  paths: readonly string[],
  context: Context,
  command: Pick<Command, 'name' | 'usage'>,
): Promise<Input[]> {
  if (paths.length === 0) {
    throw new MeshError(
      'MESH_USAGE_INVALID',
      `${command.name} was given no file`,
      `write ${command.usage}`,
    )
  }
  const files = paths.filter(path => path !== '-')
  const inputs: Input[] = []
  if (files.length > 0) {
    for (const { manifest, file } of await loadChecked(files, context)) {
      inputs.push({ manifest, file, text: await readFile(file, 'utf8') })
    }
  }
  if (files.length < paths.length) {
    const text = await context.io.read()
    const { checkText, STDIN } = await import('./manifest-text.ts')
    const { manifests, diagnostics } = checkText(text)
    show(diagnostics, text, context)
    if (diagnostics.length > 0) throw invalid(diagnostics.length, 'nothing was done')
    inputs.push(...manifests.map(manifest => ({ manifest, file: STDIN, text })))
  }
  if (inputs.length === 0) {
    throw new MeshError(
      'MESH_USAGE_INVALID',
      `${paths.join(', ')} describes no agent; a CallPolicy takes effect with the agents that name it`,
      `give both: meshctl ${command.name} -f policies.mesh.yaml -f agents`,
    )
  }
  return inputs.map(input => ({ ...input, manifest: inNamespace(input.manifest, context) }))
}

/** `-n` fills in a namespace that the manifest leaves out; it does not overrule one. */
function inNamespace(manifest: Manifest, { options, namespace }: Context): Manifest {
  const own = manifest.metadata.namespace
  if (options.namespace === undefined || own === namespace) return manifest
  if (own === undefined) return { ...manifest, metadata: { ...manifest.metadata, namespace } }
  throw new MeshError(
    'MESH_USAGE_INVALID',
    `agent "${manifest.metadata.name}" is written for namespace "${own}", not "${namespace}"`,
    `leave -n out, or write -n ${own}`,
  )
}

/** Diagnostics on stderr, underlined in the text. */
export function show(diagnostics: readonly Diagnostic[], text: string, { io }: Context) {
  for (const diagnostic of diagnostics) io.err(renderDiagnostic(diagnostic, text))
}
