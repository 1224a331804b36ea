/**
 * Handles of sessions: what a caller passes as an ordinary argument. A handle is sealed (AES-256-GCM), so it can't be guessed,
 * changed or read, and says for which agent and which principal it was made. The key is that of the store: whoever
 * shares the state shares the handles.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { MeshError } from '../../core/model/error.ts'

const version = 1
const ivBytes = 12
const idBytes = 16
const markBytes = 8
const tagBytes = 16
const plainBytes = 1 + idBytes + 2 * markBytes
const handleBytes = ivBytes + plainBytes + tagBytes
/** Characters of every handle. */
export const handleLength = Math.ceil((handleBytes * 4) / 3)
const shape = new RegExp(`^[A-Za-z0-9_-]{${handleLength}}$`)

/** Whose handles they are. */
export interface Holder {
  /** `namespace/name`. */
  agent: string
  /** Whom the agent knows its callers by; undefined where it knows nobody. */
  principal: string | undefined
}

export interface Handles {
  /** A handle of the session. */
  seal(id: string): string
  /** The session of a handle. Throws MESH_SESSION_INVALID and MESH_SESSION_FOREIGN. */
  open(handle: unknown): string
}

/** 32 hexadecimal digits that nobody can guess. */
export function newSessionId(): string {
  return randomBytes(idBytes).toString('hex')
}

export function createHandles(key: Buffer, { agent, principal }: Holder): Handles {
  const marks = Buffer.concat([mark(agent), mark(principal ?? '')])
  return {
    seal(id) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      const plain = Buffer.concat([Buffer.of(version), Buffer.from(id, 'hex'), marks])
      return Buffer.concat([
        iv,
        cipher.update(plain),
        cipher.final(),
        cipher.getAuthTag(),
      ]).toString('base64url')
    },
    open(handle) {
      const plain = typeof handle === 'string' && shape.test(handle) && unseal(handle, key)
      if (!plain || plain[0] !== version) {
        throw new MeshError(
          'MESH_SESSION_INVALID',
          `${shown(handle)} is no handle of a session of "${agent}"`,
        )
      }
      const holder = plain.subarray(1 + idBytes)
      if (!holder.equals(marks)) throw foreign(holder, marks, agent)
      return plain.toString('hex', 1, 1 + idBytes)
    },
  }
}

function unseal(handle: string, key: Buffer): Buffer | undefined {
  const bytes = Buffer.from(handle, 'base64url')
  // The last character has bits to spare: only one way of writing a handle is taken.
  if (bytes.length !== handleBytes || bytes.toString('base64url') !== handle) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes))
  decipher.setAuthTag(bytes.subarray(ivBytes + plainBytes))
  const plain = decipher.update(bytes.subarray(ivBytes, ivBytes + plainBytes))
  try {
    return Buffer.concat([plain, decipher.final()])
  } catch {
    return undefined // it was not sealed with this key
  }
}

function foreign(holder: Buffer, marks: Buffer, agent: string): MeshError {
  const isAnotherAgents = !holder.subarray(0, markBytes).equals(marks.subarray(0, markBytes))
  const found = isAnotherAgents
    ? `the handle belongs to a session of another agent than "${agent}"`
    : `the handle was given to a caller with another credential`
  return new MeshError('MESH_SESSION_FOREIGN', found)
}

function mark(text: string): Buffer {
  return createHash('sha256').update(text).digest().subarray(0, markBytes)
}

/** A handle is a secret of its caller's: no more of it is repeated than tells it from others. */
function shown(handle: unknown): string {
  if (typeof handle !== 'string') return `a ${handle === null ? 'null' : typeof handle}`
  if (handle.length > handleLength) return `a text of ${handle.length} characters`
  return `"${handle.slice(0, 8)}${handle.length > 8 ? '…' : ''}"`
}
