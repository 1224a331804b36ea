/** A file as a resource: read at each request, bounded, and never from outside of the manifest's folder, links followed. */
import { open, realpath } from 'node:fs/promises'
import { extname, relative, resolve } from 'node:path'
import { MeshError } from '../../core/model/error.ts'

/** What one file may hold; more belongs behind a handler that reads a part. */
export const maxFileBytes = 16 * 1024 * 1024

/** Undefined where it is not there. Throws MESH_FILE_MISSING for one that is outside or too large, or can't be read. */
export async function readFileWithin(folder: string, file: string): Promise<Buffer | undefined> {
  const path = await realpath(resolve(folder, file)).catch((error: NodeJS.ErrnoException) => error)
  if (path instanceof Error) {
    if (path.code === 'ENOENT') return undefined
    throw unreadable(file, `cannot be read (${path.code})`)
  }
  if (relative(await realpath(folder), path).startsWith('..'))
    throw unreadable(file, 'leads out of the folder of the manifest')
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    if (size > maxFileBytes)
      throw unreadable(file, `is larger than ${maxFileBytes / 1024 / 1024} MiB`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

function unreadable(file: string, why: string): MeshError {
  const mend = 'put a smaller file of this user into the folder of the manifest'
  return new MeshError('MESH_FILE_MISSING', `the file ${file} ${why}`, mend)
}

const mediaTypes: Record<string, string> = {
  '.txt': 'text/plain',
  '.md': 'text/markdown',
  '.html': 'text/html',
  '.css': 'text/css',
  '.csv': 'text/csv',
  '.js': 'text/javascript',
  '.ts': 'text/plain',
  '.json': 'application/json',
  '.yaml': 'application/yaml',
  '.yml': 'application/yaml',
  '.xml': 'application/xml',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.pdf': 'application/pdf',
  '.wav': 'audio/wav',
  '.mp3': 'audio/mpeg',
}

/** By its ending; undefined for one that is not known. */
export function mediaTypeOf(file: string): string | undefined {
  return mediaTypes[extname(file).toLowerCase()]
}
