/** Reads the one agent that this process serves out of a manifest file. */
import { loadManifests, type LoadedManifest } from '../core/manifest/load.ts'
import { MeshError } from '../core/model/error.ts'

/**
 * `wanted` is a name or `namespace/name`; it may be left out where the file describes one agent. Throws
 * MESH_MANIFEST_INVALID with every fault of the file, each with its place.
 */
export async function readManifest(file: string, wanted?: string): Promise<LoadedManifest> {
  const { manifests, diagnostics } = await loadManifests([file])
  const faults = diagnostics.filter(diagnostic => diagnostic.severity === 'error')
  if (faults.length > 0) {
    const lines = faults.map(
      ({ file, line, column, code, message, mend }) =>
        `${file}:${line}:${column}: ${code}: ${message} (mend: ${mend})`,
    )
    const found = `${file} has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${lines.join('\n')}`
    throw new MeshError('MESH_MANIFEST_INVALID', found, `see meshctl validate ${file}`, {
      details: { diagnostics: faults },
    })
  }
  const names = manifests.map(({ agent }) => `${agent.namespace}/${agent.name}`)
  const fit = manifests.filter(
    ({ agent }) =>
      wanted === undefined || [agent.name, `${agent.namespace}/${agent.name}`].includes(wanted),
  )
  const [only] = fit
  if (only && fit.length === 1) return only
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
