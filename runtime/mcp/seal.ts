/**
 * Seals what a client keeps for us between two requests (AES-256-GCM): it can't be read or changed, is good for nothing but
 * what it was sealed for, and not for ever.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const ivBytes = 12
const tagBytes = 16
const expiryBytes = 8

export interface Sealer {
  /** `of` is what it is for, the same at `open`; it ends `ttlMs` from now. */
  seal(text: string, of: string, ttlMs: number): string
  /** Undefined for what is not sealed with this key, for something else, or over. */
  open(sealed: string, of: string): string | undefined
}

/** What is sealed by one of two sealers opens with the other where their secrets are the same. */
export function createSealer(secret: string | Buffer): Sealer {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'mcp-mesh seal', 32))
  return {
    seal(text, of, ttlMs) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      cipher.setAAD(Buffer.from(of))
      const expiry = Buffer.alloc(expiryBytes)
      expiry.writeDoubleBE(Date.now() + ttlMs)
      const parts = [iv, cipher.update(expiry), cipher.update(text, 'utf8'), cipher.final()]
      return Buffer.concat([...parts, cipher.getAuthTag()]).toString('base64url')
    },
    open(sealed, of) {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes.length < ivBytes + expiryBytes + tagBytes) return undefined
      // Letters that the encoding does not know are skipped by it, and the last one has bits to spare: one way of writing.
      if (bytes.toString('base64url') !== sealed) return undefined
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes))
      decipher.setAAD(Buffer.from(of))
      decipher.setAuthTag(bytes.subarray(-tagBytes))
      const plain = decipher.update(bytes.subarray(ivBytes, -tagBytes))
      try {
        decipher.final()
      } catch {
        return undefined // it was not sealed with this key, or for something else
      }
      if (plain.readDoubleBE() < Date.now()) return undefined
      return plain.toString('utf8', expiryBytes)
    },
  }
}

/** For one process: what another process has sealed does not open. */
export const randomSecret = (): Buffer => randomBytes(32)
