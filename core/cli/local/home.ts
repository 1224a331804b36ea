/**
 * Where meshctl keeps the state of local processes: MESH_HOME/run for who runs, MESH_HOME/logs for what they say. A unix
 * socket's path has to fit into some 100 bytes; where MESH_HOME is longer, sockets go to a folder named by its hash.
 */
import { createHash } from 'node:crypto'
import { accessSync, constants, lstatSync, mkdirSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { MeshError, messageOf } from '../../model/error.ts'

const MAX_SOCKET_PATH_BYTES = 100

export interface Home {
  readonly root: string
  readonly run: string
  readonly logs: string
}

/** The folders of MESH_HOME, made if they are not there; nobody else may look into them. Throws MESH_HOME_INVALID. */
export function openHome(env: Readonly<Record<string, string | undefined>>): Home {
  const root = resolve(env.MESH_HOME ?? join(homedir(), '.mcp-mesh'))
  const home = { root, run: join(root, 'run'), logs: join(root, 'logs') }
  for (const folder of [home.run, home.logs]) makeFolder(folder, root)
  return home
}

function makeFolder(folder: string, root: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    const found = `the state of local processes cannot be kept in ${root}: ${messageOf(cause)}`
    throw new MeshError('MESH_HOME_INVALID', found, undefined, { cause })
  }
}

/** Path for a unix socket of that name. */
export function socketPath(home: Home, name: string): string {
  const path = join(home.run, name)
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return path
  const hash = createHash('sha256').update(home.run).digest('hex').slice(0, 16)
  const folder = join(tmpdir(), `mcp-mesh-${process.getuid?.() ?? 0}-${hash}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const stat = lstatSync(folder)
  // The temp folder is everybody's: somebody may have made this one before us.
  if (!stat.isDirectory() || (process.getuid !== undefined && stat.uid !== process.getuid())) {
    throw new MeshError(
      'MESH_PROCESS_FAILED',
      `${folder} belongs to somebody else`,
      'set MESH_HOME to a folder with a shorter path',
    )
  }
  return join(folder, name)
}
