/** Query parameters, each declared once: routes read them by it, and /openapi.json is made of it. */
import type { Context } from 'koa'
import { MeshError } from '../model/error.ts'
import { checkNamespace, readCount, readFlag, readText } from './query.ts'

export interface Parameter<T> {
  readonly name: string
  readonly description: string
  /** JSON Schema of its value. */
  readonly schema: Readonly<Record<string, unknown>>
  readonly isRequired?: boolean
  /** Throws MESH_USAGE_INVALID. */
  read(this: void, ctx: Context): T
}

const afterPattern = /^(0|[0-9a-z]+-\d{1,15})$/

export const parameters = {
  dryRun: flag('dryRun', 'Check, and change nothing.'),
  watch: flag('watch', 'Answer with server-sent events.'),
  labelSelector: text('labelSelector', 'Labels, as `kubectl -l` takes them.'),
  continue: text('continue', 'What the page before gave.'),
  pageLimit: count('limit', 'The most that a page has; 0 for all.', { minimum: 0 }),
  eventLimit: count('limit', 'The most that are given, by default 100.', {
    ...{ minimum: 1, maximum: 1_000 },
  }),
  after: {
    ...text(
      'after',
      'Go on behind this event: what a list gave as `next`, an id of a stream, or 0.',
    ),
    schema: { type: 'string', pattern: afterPattern.source },
    read(ctx: Context) {
      const id = readText(ctx, 'after')
      if (id === undefined || afterPattern.test(id)) return id
      const found = `after "${id.slice(0, 100)}" is no id of an event`
      throw new MeshError('MESH_USAGE_INVALID', found, 'send what a list gave as next, or 0')
    },
  },
  namespace: {
    ...text('namespace', 'Of this namespace.'),
    read(ctx: Context) {
      const namespace = readText(ctx, 'namespace')
      return namespace === undefined ? undefined : checkNamespace(namespace)
    },
  },
  capability: { ...text('capability', 'The capability wanted.'), isRequired: true },
  version: text('version', 'A range of versions; by default any.'),
  tags: {
    ...text('tags', 'Terms with commas between: t, +t, -t, a|b for any of them.'),
    read: (ctx: Context) => [ctx.query.tags ?? []].flat(),
  },
  expectedBy: text(
    'expectedBy',
    'agent/tool/dependency/alternative, with resource:<name> or prompt:<name> for a tool where one of these has it: hold schemas to what that dependency expects; alternatives count from 0.',
  ),
  agent: text('agent', 'Of the agent of this name.'),
} as const

function text(name: string, description: string): Parameter<string | undefined> {
  return { name, description, schema: { type: 'string' }, read: ctx => readText(ctx, name) }
}

function flag(name: string, description: string): Parameter<boolean> {
  return { name, description, schema: { type: 'boolean' }, read: ctx => readFlag(ctx, name) }
}

function count(
  name: string,
  description: string,
  { minimum, maximum }: { minimum: number; maximum?: number },
): Parameter<number | undefined> {
  const bounds = { minimum, ...(maximum === undefined ? {} : { maximum }) }
  return {
    ...{ name, description, schema: { type: 'integer', ...bounds } },
    read(ctx) {
      const value = readCount(ctx, name)
      if (value === undefined) return undefined
      if (value >= minimum && value <= (maximum ?? Infinity)) return value
      const found = `${name} ${value} is not between ${minimum} and ${maximum}`
      throw new MeshError('MESH_USAGE_INVALID', found, `write ?${name}=${maximum ?? minimum}`)
    },
  }
}
