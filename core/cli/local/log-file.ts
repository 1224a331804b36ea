/** Log files under MESH_HOME/logs, appended to by every start; at a start one that grew large becomes `.1`. */
import { createWriteStream, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Home } from './home.ts'

const MAX_BYTES = 5 * 1024 * 1024

/** Moves the file aside where it has grown large, and gives its path back. */
export function rotate(file: string, maxBytes = MAX_BYTES): string {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size > maxBytes) renameSync(file, `${file}.1`)
  return file
}

/** The log of an agent; all its instances on this machine share it. */
export function agentLog(home: Home, namespace: string, name: string): string {
  return join(home.logs, `${namespace}.${name}.log`)
}

export interface LogFile {
  readonly write: (line: string) => void
  /** Resolves when all is on disk. */
  readonly close: () => Promise<void>
}

export function openLog(file: string): LogFile {
  const stream = createWriteStream(rotate(file), { flags: 'a', mode: 0o600 })
  stream.on('error', () => stream.destroy()) // a full disk ends the log, not the mesh
  return {
    write: line => void (stream.writable && stream.write(`${line}\n`)),
    close: () => new Promise(resolve => (stream.writable ? stream.end(resolve) : resolve())),
  }
}
