/** Finds the other programs of this package, as siblings of this file: sources run sources, the built ones the built ones. */
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bins } from '../command.ts'

export function findBins(): Bins {
  const extension = extname(fileURLToPath(import.meta.url))
  const sibling = (path: string) =>
    fileURLToPath(new URL(`../../../${path}${extension}`, import.meta.url))
  return {
    meshctl: sibling('core/cli/meshctl'),
    agent: sibling('runtime/bin/mesh-agent'),
    registry: sibling('core/registry/bin/mesh-registry'),
  }
}
