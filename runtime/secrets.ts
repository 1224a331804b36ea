/**
 * Resolves `${env:NAME}`, `${env:NAME:-default}` and `${file:/path}`. Only the runtime does it, as late as it can: what
 * comes out is handed to what needs it and to nothing else, so no log, error or registry ever sees it.
 */
import { readFileSync } from 'node:fs'
import { MeshError } from '../core/model/error.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const reference = /\$\{(?:env:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?|file:(\/[^}]+))\}/g

/** `text` with its references replaced. `field` names the place in errors. Throws MESH_SECRET_MISSING. */
export function resolveReferences(text: string, field: string, env: Environment): string {
  return text.replace(reference, (whole, name?: string, fallback?: string, path?: string) => {
    if (path !== undefined) return readSecret(path, whole, field)
    const value = (name && env[name]) || fallback
    if (value !== undefined && value !== '') return value
    throw new MeshError(
      'MESH_SECRET_MISSING',
      `${field} refers to ${whole}, but the environment variable ${name} is not set`,
      `set ${name} in the environment of this agent`,
    )
  })
}

/** The references in a text, without their defaults: what is read, and not what stands in for it. */
export function referencesIn(text: string): string[] {
  return [...text.matchAll(reference)].map(([, name, , path]) =>
    path === undefined ? `\${env:${name}}` : `\${file:${path}}`,
  )
}

function readSecret(path: string, whole: string, field: string): string {
  try {
    const text = readFileSync(path, 'utf8').trimEnd()
    if (text !== '') return text
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unreadable'
    const found = `${field} refers to ${whole}, which cannot be read: ${reason}`
    throw new MeshError('MESH_SECRET_MISSING', found, `write the file ${path}`, { cause })
  }
  throw new MeshError('MESH_SECRET_MISSING', `${field} refers to ${whole}, which is empty`)
}
