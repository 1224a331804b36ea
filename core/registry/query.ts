/** What requests say beside their body: path, query and headers, checked. Each throws MESH_USAGE_INVALID. */
import type { Context } from 'koa'
import { MeshError } from '../model/error.ts'

/** Namespace and name of an agent, from the path. */
export function placeOf(ctx: Context): { namespace: string; name: string } {
  const { namespace, name } = ctx.params as { namespace: string; name: string }
  return { namespace: checkNamespace(namespace), name }
}

/** One that no agent can have is a mistake, not an empty namespace. */
export function checkNamespace(text: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) return text
  throw new MeshError(
    'MESH_USAGE_INVALID',
    `namespace "${text.slice(0, 100)}" is no DNS label`,
    'write lower case letters, digits and dashes, at most 63',
  )
}

/** A generation, bare or in quotes as entity tags are. */
export function readIfMatch(header: string): number | undefined {
  if (header === '' || header === '*') return undefined
  const match = /^"?(\d{1,15})"?$/.exec(header)
  if (match) return Number(match[1])
  const mend = 'send a generation, such as If-Match: 3'
  throw new MeshError('MESH_USAGE_INVALID', `If-Match "${header}" is no generation`, mend)
}

/** `?name`, `?name=true`, `?name=false`. */
export function readFlag(ctx: Context, name: string): boolean {
  const value = ctx.query[name]
  if (value === undefined || value === 'false') return false
  if (value === 'true' || value === '') return true
  const mend = `write ?${name}=true`
  throw new MeshError('MESH_USAGE_INVALID', `${name} "${String(value)}" is not true or false`, mend)
}

/** The value of a query parameter; undefined where it is not there. */
export function readText(ctx: Context, name: string): string | undefined {
  const value = ctx.query[name]
  if (!Array.isArray(value)) return value
  throw new MeshError('MESH_USAGE_INVALID', `${name} stands twice`, 'write it once')
}

/** A whole number from 0 on. */
export function readCount(ctx: Context, name: string): number | undefined {
  const text = readText(ctx, name)
  if (text === undefined || /^\d{1,15}$/.test(text)) return text === undefined ? text : Number(text)
  const found = `${name} "${text}" is no whole number`
  throw new MeshError('MESH_USAGE_INVALID', found, `write ?${name}=100`)
}
