/** Why a wrapped server could not be started or reached, in words for people. */
import { MeshError, messageOf } from '../../core/model/error.ts'
import type { Resolved } from './secrets-of-server.ts'

/** The fault of a manifest whose program is not there; undefined for all else. */
export function programMissing(error: unknown, server: Resolved['server']): MeshError | undefined {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException
  if (server.kind !== 'command' || code === undefined || !syscall?.startsWith('spawn'))
    return undefined
  const found = `the program "${server.command[0]}" of spec.server.command cannot be started: ${code}`
  const mend = 'install it, or write the path of a program that can be executed'
  return new MeshError('MESH_PROCESS_FAILED', found, mend, { cause: error })
}

/** The words of the innermost cause: `fetch failed` says nothing. */
export function reasonOf(error: unknown): string {
  let inner = error
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause
  return messageOf(inner)
}
