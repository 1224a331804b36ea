/** Reads the one agent that this process serves out of a manifest file. */
import type { Diagnostic } from '../core/manifest/diagnostic.ts'
import { loadManifests, type LoadedManifest } from '../core/manifest/load.ts'
import { readLockFile } from '../core/manifest/lock-file.ts'
import { pinLoaded } from '../core/manifest/pin.ts'
import { MeshError } from '../core/model/error.ts'

export interface ManifestFiles {
  /** Path of the manifest. */
  manifest: string
  /** Paths of more files, of which the policies are taken that the manifest names. */
  policies?: readonly string[] | undefined
  /** Path of the mesh.lock to which its dependencies are held. */
  lock?: string | undefined
}

/**
 * `wanted` is a name or `namespace/name`; it may be left out where the file describes one agent. Throws
 * every fault of the file, each with its place: one with its own code, several as MESH_MANIFEST_INVALID; MESH_LOCK_INVALID for
 * a lock that is none.
 */
export async function readManifest(files: ManifestFiles, wanted?: string): Promise<LoadedManifest> {
  const { manifest: file, policies: policyFiles = [], lock } = files
  // Loading the handlers tells whether they are there: to look at them first costs as much as half of the start.
  const { manifests, diagnostics } = await loadManifests([file], {
    ...{ policyFiles, checksHandlers: false },
  })
  throwFaults(file, diagnostics)
  const names = manifests.map(({ agent }) => `${agent.namespace}/${agent.name}`)
  const fit = manifests.filter(
    ({ agent }) =>
      wanted === undefined || [agent.name, `${agent.namespace}/${agent.name}`].includes(wanted),
  )
  const [only] = fit
  if (only && fit.length === 1)
    return lock === undefined ? only : pinLoaded(only, await readLockFile(lock, lock))
  const found =
    wanted === undefined
      ? `${file} describes ${manifests.length} agents`
      : `${file} describes no agent "${wanted}"`
  throw new MeshError(
    'MESH_USAGE_INVALID',
    found,
    `write --agent with one of ${names.join(', ') || 'its agents'}`,
  )
}

/** What keeps the handlers of a manifest from being loaded, with its place where looking at them finds it; else `cause`. */
export async function explainHandlers(
  { file, policyFiles }: Pick<LoadedManifest, 'file' | 'policyFiles'>,
  cause: unknown,
): Promise<never> {
  throwFaults(file, (await loadManifests([file], { policyFiles })).diagnostics)
  throw cause
}

function throwFaults(file: string, diagnostics: readonly Diagnostic[]): void {
  const faults = diagnostics.filter(({ severity }) => severity === 'error')
  if (faults.length > 0) throw faultsError(file, faults)
}

function faultsError(file: string, faults: readonly Diagnostic[]): MeshError {
  const details = { diagnostics: faults }
  const placeOf = ({ file, line, column }: Diagnostic) => `${file}:${line}:${column}`
  const [only] = faults
  if (only && faults.length === 1) {
    return new MeshError(only.code, `${placeOf(only)}: ${only.message}`, only.mend, { details })
  }
  const lines = faults.map(
    fault => `${placeOf(fault)}: ${fault.code}: ${fault.message} (mend: ${fault.mend})`,
  )
  const found = `${file} has ${faults.length} faults:\n${lines.join('\n')}`
  return new MeshError('MESH_MANIFEST_INVALID', found, `see meshctl validate ${file}`, { details })
}
