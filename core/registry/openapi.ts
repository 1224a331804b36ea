/**
 * /openapi.json: OpenAPI 3.1, from the operations, the parameters that routes read, the manifest's schema, the schemas of
 * what is answered, and the codes table.
 */
import { readFileSync } from 'node:fs'
import { codes, type Code } from '../model/codes.ts'
import { apiSchemas } from '../model/generated/api-schemas.ts'
import { packageFile } from '../model/package-file.ts'
import { announcementSchema } from './announcement.ts'
import { operations, type Operation } from './operations.ts'

type Json = Readonly<Record<string, unknown>>

/** Any request may be answered so. */
const always: readonly Code[] = [
  ...(['MESH_USAGE_INVALID', 'MESH_REQUEST_MALFORMED', 'MESH_REQUEST_SLOW'] as const),
  ...(['MESH_HEADERS_TOO_LARGE', 'MESH_HOST_REFUSED', 'MESH_INTERNAL_FAILED'] as const),
]

/** The document. */
export function openApiDocument(): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const [route, operation] of Object.entries(operations)) {
    const [method = '', path = ''] = route.split(' ')
    const place = path.replace(/:(\w+)/g, '{$1}')
    paths[place] = { ...paths[place], [method.toLowerCase()]: operationOf(place, operation) }
  }
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
      parameters: {
        RequestId: {
          ...{ name: 'X-Request-Id', in: 'header', required: false, schema: { type: 'string' } },
          description: 'Kept as the id of this request; without it one is made up.',
        },
      },
      headers: {
        RequestId: {
          description: 'The id of this request, by which the log names it.',
          schema: { type: 'string' },
        },
      },
      schemas: {
        ...manifestSchemas(),
        ...apiSchemas,
        Announcement: announcementSchema,
        Problem: problem,
      },
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
    parameters: [...inPath, ...inQuery, ...inHeader, { $ref: '#/components/parameters/RequestId' }],
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
    Object.entries(answers).map(([status, [description, types = {}]]) => {
      const content = Object.fromEntries(
        Object.entries(types).map(([type, name]) => [type, bodyOf(type, name)]),
      )
      return [
        status,
        {
          description,
          headers: answerHeaders,
          ...(Object.keys(content).length > 0 ? { content } : {}),
        },
      ]
    }),
  )
}

/** OpenAPI 3.1 cannot say what the events of a stream are; 3.2 has `itemSchema` for it, which is an extension here. */
function bodyOf(type: string, name: string): Json {
  if (name === 'OpenApi') return { schema: { type: 'object' } }
  if (type === 'application/json') return { schema: refTo(name) }
  const itemSchema = type === 'text/event-stream' ? { 'x-itemSchema': refTo(name) } : {}
  return { schema: { type: 'string' }, ...itemSchema }
}

function problemsOf(failures: readonly Code[]): Json {
  const byStatus = new Map<number, Code[]>()
  for (const code of new Set(failures)) {
    const { status } = codes[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  const content = {
    'application/problem+json': { schema: refTo('Problem') },
  }
  return Object.fromEntries(
    [...byStatus].map(([status, all]) => {
      const description = all.map(code => `${code}: ${codes[code].about}`).join(' ')
      return [String(status), { description, headers: answerHeaders, content }]
    }),
  )
}

const answerHeaders: Json = { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } }

const problem: Json = {
  ...apiSchemas.Problem,
  properties: {
    ...apiSchemas.Problem.properties,
    code: { type: 'string', enum: Object.keys(codes) },
  },
}

/** The schema of manifests in parts: tools do not resolve a `$ref` within a component that has an `$id` of its own. */
function manifestSchemas(): Json {
  const parts = (name: string) => {
    const text = readFileSync(packageFile(`schemas/${name}.schema.json`), 'utf8')
    const { $defs, ...schema } = JSON.parse(
      text.replaceAll('"#/$defs/', '"#/components/schemas/'),
    ) as Record<string, Json>
    delete schema.$id
    return { schema, $defs }
  }
  const [agent, gateway] = [parts('agent'), parts('gateway')]
  return { Agent: agent.schema, Gateway: gateway.schema, ...gateway.$defs, ...agent.$defs }
}

function refTo(name: string): Json {
  return { $ref: `#/components/schemas/${name}` }
}
