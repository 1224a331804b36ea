/** /openapi.json: OpenAPI 3.1, from the operations, the parameters that routes read, the manifest's schema, and the codes table. */
import { readFileSync } from 'node:fs'
import { codes, type Code } from '../model/codes.ts'
import { packageFile } from '../model/package-file.ts'
import { announcementSchema } from './announcement.ts'
import { operations, type Operation } from './operations.ts'

type Json = Readonly<Record<string, unknown>>

/** Any request may be answered so. */
const always: readonly Code[] = [
  ...(['MESH_USAGE_INVALID', 'MESH_REQUEST_MALFORMED', 'MESH_REQUEST_SLOW'] as const),
  ...(['MESH_REQUEST_HEAD_TOO_LARGE', 'MESH_HOST_REFUSED', 'MESH_INTERNAL_FAILED'] as const),
]

/** The document; `token` says whether /v1 needs one. */
export function openApiDocument(): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const [route, operation] of Object.entries(operations)) {
    const [method = '', path = ''] = route.split(' ')
    const place = path.replace(/:(\w+)/g, '{$1}')
    paths[place] = { ...paths[place], [method.toLowerCase()]: operationOf(place, operation) }
  }
  const agent = JSON.parse(readFileSync(packageFile('schemas/agent.schema.json'), 'utf8')) as Json
  return {
    openapi: '3.1.0',
    info: {
      title: 'MCP Mesh registry',
      version: 'v1',
      description: 'Every failure is an RFC 9457 problem with a code; docs/errors.md lists them.',
    },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: { Agent: agent, Announcement: announcementSchema, Problem: problem },
    },
  }
}

function operationOf(path: string, operation: Operation): Json {
  const { summary, query = [], headers = [], body, answers } = operation
  const isOpen = !path.startsWith('/v1')
  const failures: Code[] = [
    ...always,
    ...(isOpen ? [] : ['MESH_TOKEN_INVALID' as const]),
    ...operation.codes,
  ]
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => {
    return { name, in: 'path', required: true, schema: { type: 'string' } }
  })
  const inQuery = query.map(({ name, description, schema, isRequired = false }) => {
    return { name, in: 'query', required: isRequired, description, schema }
  })
  const inHeader = headers.map(([name, description]) => {
    return { name, in: 'header', required: false, description, schema: { type: 'string' } }
  })
  return {
    summary,
    ...(isOpen ? {} : { security: [{}, { token: [] }] }),
    parameters: [...inPath, ...inQuery, ...inHeader],
    ...(body
      ? {
          requestBody: {
            required: body.isRequired,
            content: { 'application/json': { schema: body.schema } },
          },
        }
      : {}),
    responses: { ...answersOf(answers), ...problemsOf(failures) },
  }
}

function answersOf(answers: Operation['answers']): Json {
  return Object.fromEntries(
    Object.entries(answers).map(([status, [description, ...types]]) => {
      const content = Object.fromEntries(types.map(type => [type, {}]))
      return [status, { description, ...(types.length > 0 ? { content } : {}) }]
    }),
  )
}

function problemsOf(failures: readonly Code[]): Json {
  const byStatus = new Map<number, Code[]>()
  for (const code of new Set(failures)) {
    const { status } = codes[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  const content = {
    'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
  }
  return Object.fromEntries(
    [...byStatus].map(([status, all]) => {
      const description = all.map(code => `${code}: ${codes[code].about}`).join(' ')
      return [String(status), { description, content }]
    }),
  )
}

const problem: Json = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail', 'mend'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(codes) },
    detail: { type: 'string' },
    mend: { type: 'string', description: 'What to do about it.' },
    faults: {
      type: 'array',
      description: 'Every fault of a manifest, each with its path.',
      items: {
        type: 'object',
        required: ['code', 'message', 'mend', 'path'],
        properties: {
          code: { type: 'string' },
          message: { type: 'string' },
          mend: { type: 'string' },
          path: { type: 'array', items: { type: ['string', 'integer'] } },
        },
      },
    },
  },
}
