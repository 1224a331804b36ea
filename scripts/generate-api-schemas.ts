/**
 * What the registry answers, as JSON Schema: read from the types by which it is written, so that /openapi.json cannot say
 * something else. Manifests are left to their own schema, which says more than its types do.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createGenerator, type Schema } from 'ts-json-schema-generator'

/** The bodies and events of core/registry/operations.ts; what they are made of comes along. */
const roots = [
  ...['AgentList', 'AgentResource', 'AgentWatchEvent', 'AnnouncementReceipt', 'ApplyReceipt'],
  ...['Problem', 'ResolveAnswer', 'WatchEvent'],
  ...['AgentRevisionList', 'AuditList', 'AuditWatchEvent', 'Graph', 'Health'],
]

/** Of their own schemas the components are. */
const manifests: Record<string, string> = { AgentManifest: 'Agent', GatewayManifest: 'Gateway' }

const head = `/* Generated from core/model/registry-api.ts and operations-api.ts by \`npm run generate\`: change those, not this file. */

/** By the name of the type; they refer to each other, and to what schemas/agent.schema.json defines, as components of an OpenAPI document. */
export const apiSchemas = `

/** The text of core/model/generated/api-schemas.ts. */
export async function apiSchemasModule(root: URL): Promise<string> {
  const texts = ['agent', 'gateway'].map(name =>
    readFile(new URL(`schemas/${name}.schema.json`, root), 'utf8'),
  )
  const $defs = Object.assign(
    {},
    ...(await Promise.all(texts)).map(text => (JSON.parse(text) as { $defs: object }).$defs),
  ) as Record<string, unknown>
  const generator = createGenerator({
    path: fileURLToPath(new URL('core/model/{registry,operations}-api.ts', root)),
    tsconfig: fileURLToPath(new URL('tsconfig.json', root)),
    skipTypeCheck: true, // `npm run types` does it
    additionalProperties: true, // a later registry may say more
  })
  const schemas = new Map<string, Schema>()
  for (const name of roots) {
    for (const [each, schema] of Object.entries(generator.createSchema(name).definitions ?? {}))
      if (!(each in $defs) && !(each in manifests)) schemas.set(each, schema as Schema)
  }
  const odd = [...schemas.keys()].find(name => !/^\w+$/.test(name))
  if (odd !== undefined) throw new Error(`${odd} is no name of a component: export it as a type`)
  const sorted = [...schemas].sort(([a], [b]) => (a < b ? -1 : 1))
  const json = JSON.stringify(Object.fromEntries(sorted), null, 2)
  return `${head}${json
    .replaceAll(/"#\/definitions\/(\w+)"/g, (whole, name: string) =>
      name in manifests ? `"#/components/schemas/${manifests[name]}"` : whole,
    )
    .replaceAll('"#/definitions/', '"#/components/schemas/')}\n`
}
