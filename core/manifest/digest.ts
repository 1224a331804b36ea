/** What tells two manifests apart: equal manifests have one digest, whatever the order of their keys. */
import { createHash } from 'node:crypto'
import type { Manifest } from '../model/manifest.ts'

/** `sha256:` and 64 hex digits, of the checked manifest with the files that its schemas refer to inlined. */
export function digestOf(manifest: Manifest): string {
  return `sha256:${createHash('sha256').update(canonicalJson(manifest)).digest('hex')}`
}

/** JSON with the keys of every object in order of their code units (as RFC 8785 sorts them), and no white space. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value)
    .filter(([, child]) => child !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, child]) => `${JSON.stringify(key)}:${canonicalJson(child)}`)
  return `{${entries.join(',')}}`
}
