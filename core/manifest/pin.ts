/**
 * A manifest held to mesh.lock: each dependency names the tools that may fill it, with their digests. It goes to the registry
 * so, which leaves out whoever is another now, for every instance and in every answer (ADR 0034).
 */
import type { Dependency, Tool } from '../model/generated/manifest.ts'
import type { Manifest } from '../model/manifest.ts'
import { digestOf } from './digest.ts'
import type { LoadedManifest } from './load.ts'
import type { Lock } from './lock-file.ts'
import { lower } from './lower.ts'

type Dependencies = NonNullable<Tool['dependencies']>

/** The manifest with `pins` in each of its dependencies, in place of those that it has. A gateway has no dependencies. */
export function pinned<M extends Manifest>(manifest: M, lock: Lock): M {
  if (manifest.kind === 'Gateway') return manifest
  const byCapability = new Map<string, [string, string][]>()
  for (const [name, { capability, digest }] of Object.entries(lock.tools)) {
    const known = byCapability.get(capability)
    if (known) known.push([name, digest])
    else byCapability.set(capability, [[name, digest]])
  }
  const pin = (dependency: Dependency): Dependency => ({
    ...dependency,
    pins: Object.fromEntries(byCapability.get(dependency.capability) ?? []),
  })
  const pinOf = <C extends { dependencies?: Dependencies }>(consumer: C): C => {
    if (!consumer.dependencies) return consumer
    const dependencies = Object.entries(consumer.dependencies).map(([name, dependency]) => [
      name,
      Array.isArray(dependency) ? dependency.map(pin) : pin(dependency),
    ])
    return { ...consumer, dependencies: Object.fromEntries(dependencies) as Dependencies }
  }
  const { tools, resources, prompts } = manifest.spec
  const spec = {
    ...manifest.spec,
    ...(tools && { tools: tools.map(pinOf) }),
    ...(resources && { resources: resources.map(pinOf) }),
    ...(prompts && { prompts: prompts.map(pinOf) }),
  }
  return { ...manifest, spec }
}

/** The same of a manifest that was loaded. */
export function pinLoaded(loaded: LoadedManifest, lock: Lock): LoadedManifest {
  const manifest = pinned(loaded.manifest, lock)
  return { ...loaded, manifest, agent: lower(manifest), digest: digestOf(manifest) }
}
