/** Loads manifests for a command and shows their faults; whoever goes on after an error has none. */
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { renderDiagnostic, type Diagnostic } from '../../manifest/diagnostic.ts'
import type { LoadedManifest, LoadOptions, LoadResult } from '../../manifest/load.ts'
import { MeshError } from '../../model/error.ts'
import type { Context } from '../command.ts'

/** Loads what the paths lead to, and says how far it is. The loader is large, and most commands do without it. */
export async function load(
  paths: readonly string[],
  { io }: Pick<Context, 'io'>,
  options: LoadOptions = {},
): Promise<LoadResult> {
  const { findManifests } = await import('../../manifest/find-manifests.ts')
  const { loadManifests } = await import('../../manifest/load.ts')
  return loadManifests(await findManifests(paths), {
    ...options,
    progress: (done, all) =>
      io.progress(done < all ? `checking file ${done + 1} of ${all}` : 'checking the mesh'),
  })
}

/** All manifests of files and folders. With faults: each is shown, then MESH_MANIFEST_INVALID is thrown. */
export async function loadChecked(
  paths: readonly string[],
  context: Pick<Context, 'io' | 'cwd'>,
): Promise<LoadedManifest[]> {
  const { manifests, diagnostics } = await load(paths, context)
  showFaults(diagnostics, context)
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  if (errors > 0) throw invalid(errors, 'nothing was done')
  return manifests
}

/** Shows diagnostics on stderr, each with its line underlined. */
export function showFaults(
  diagnostics: readonly Diagnostic[],
  { io, cwd }: Pick<Context, 'io' | 'cwd'>,
): void {
  const texts = new Map<string, string>()
  for (const diagnostic of diagnostics) {
    const { file } = diagnostic
    const text = texts.get(file) ?? readText(resolve(cwd, file))
    texts.set(file, text)
    io.err(renderDiagnostic(diagnostic, text))
  }
}

/** The error that ends a command whose faults were shown. */
export function invalid(errors: number, consequence: string): MeshError {
  const count = errors === 1 ? '1 error' : `${errors} errors`
  return new MeshError(
    'MESH_MANIFEST_INVALID',
    `${count} in the manifests: ${consequence}`,
    'mend each as shown above',
  )
}

/** What is longer is not read by the loader either, nor is what is no file: a pipe would be waited for. */
const MAX_BYTES = 1024 * 1024

function readText(file: string): string {
  try {
    const stats = statSync(file)
    return stats.isFile() && stats.size <= MAX_BYTES ? readFileSync(file, 'utf8') : ''
  } catch {
    return '' // that it cannot be read is a diagnostic itself
  }
}
