/** Finds files that ship beside the code (schemas, policies), from the sources and from dist alike. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = findRoot(dirname(fileURLToPath(import.meta.url)))

/** Absolute path of a file of this package, given from its root. */
export function packageFile(path: string): string {
  return join(root, path)
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error('the package.json of mcp-mesh is missing above its code')
  return findRoot(parent)
}
