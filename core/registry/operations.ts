/** Every route that the registry serves: what it takes, and what it may answer. A test holds it against the routers. */
import type { Code } from '../model/codes.ts'
import type { apiSchemas } from '../model/generated/api-schemas.ts'
import { parameters as p, type Parameter } from './parameters.ts'

/** What an answer carries, by media type: the name of its schema; of an event stream that of its events. Text has none. */
type Content = Readonly<{
  'application/json'?: keyof typeof apiSchemas | 'OpenApi'
  'text/event-stream'?: keyof typeof apiSchemas
  'text/plain'?: 'text'
}>

export interface Operation {
  readonly summary: string
  readonly query?: readonly Parameter<unknown>[]
  readonly headers?: readonly (readonly [name: string, description: string])[]
  readonly body?: { readonly isRequired: boolean; readonly schema: object }
  /** By status: what it means, and what comes. */
  readonly answers: Readonly<Record<number, readonly [string, Content?]>>
  readonly codes: readonly Code[]
}

const json = (schema: Content['application/json'] & string) => ({ 'application/json': schema })
const bodyCodes = ['MESH_BODY_INVALID', 'MESH_BODY_TYPE', 'MESH_BODY_TOO_LARGE'] as const
const agents = '/v1/namespaces/:namespace/agents'
const agent = `${agents}/:name`
const ifMatch = [['If-Match', 'The generation that the change was made on.']] as const
const applyCodes: Code[] = [
  ...bodyCodes,
  ...(['MESH_USAGE_INVALID', 'MESH_MANIFEST_INVALID', 'MESH_DEPENDENCY_CYCLE'] as const),
  ...(['MESH_GENERATION_CONFLICT', 'MESH_STORE_UNAVAILABLE'] as const),
]
const list: Omit<Operation, 'summary'> = {
  query: [p.labelSelector, p.pageLimit, p.continue, p.watch],
  answers: {
    200: [
      'A page of agents, or events of those that change',
      { 'application/json': 'AgentList', 'text/event-stream': 'AgentWatchEvent' },
    ],
  },
  codes: ['MESH_USAGE_INVALID', 'MESH_SELECTOR_INVALID'],
}
const lost: readonly Code[] = ['MESH_LEASE_EXPIRED']

/** By method and path, as the router has it. */
export const operations: Readonly<Record<string, Operation>> = {
  'GET /v1/agents': { summary: 'Agents of all namespaces', ...list },
  [`GET ${agents}`]: { summary: 'Agents of a namespace', ...list },
  [`GET ${agent}`]: {
    summary: 'An agent: what is wanted and what was observed',
    query: [p.watch],
    answers: {
      200: [
        'The agent, or events of its changes',
        { 'application/json': 'AgentResource', 'text/event-stream': 'AgentWatchEvent' },
      ],
    },
    codes: ['MESH_USAGE_INVALID', 'MESH_RESOURCE_MISSING'],
  },
  [`PUT ${agent}`]: {
    summary: 'Apply a manifest',
    query: [p.dryRun],
    headers: ifMatch,
    body: { isRequired: true, schema: { $ref: '#/components/schemas/Manifest' } },
    answers: {
      200: ['Configured, or unchanged', json('ApplyReceipt')],
      201: ['Created', json('ApplyReceipt')],
    },
    codes: applyCodes,
  },
  [`DELETE ${agent}`]: {
    summary: 'Delete an agent; its instances are told to leave',
    answers: { 204: ['Deleted'] },
    codes: ['MESH_RESOURCE_MISSING', 'MESH_STORE_UNAVAILABLE'],
  },
  [`GET ${agent}/revisions`]: {
    summary: 'The generations that are kept, oldest first',
    answers: { 200: ['Its history', json('AgentRevisionList')] },
    codes: ['MESH_RESOURCE_MISSING', 'MESH_STORE_UNAVAILABLE'],
  },
  [`POST ${agent}/rollback`]: {
    summary: 'Take up an earlier generation as a new one',
    query: [p.dryRun],
    headers: ifMatch,
    body: {
      isRequired: false,
      schema: {
        type: 'object',
        properties: { generation: { type: 'integer', minimum: 1 } },
        additionalProperties: false,
      },
    },
    answers: { 200: ['Rolled back, or unchanged', json('ApplyReceipt')] },
    codes: [...applyCodes, 'MESH_RESOURCE_MISSING', 'MESH_REVISION_MISSING'],
  },
  'POST /v1/instances': {
    summary: 'An instance announces itself',
    body: { isRequired: true, schema: { $ref: '#/components/schemas/Announcement' } },
    answers: {
      200: ['Known', json('AnnouncementReceipt')],
      201: ['New', json('AnnouncementReceipt')],
    },
    codes: [
      ...[...bodyCodes, 'MESH_MANIFEST_REQUIRED' as const, 'MESH_MANIFEST_INVALID' as const],
      ...(['MESH_DEPENDENCY_CYCLE', 'MESH_AGENT_CONFLICT'] as const),
    ],
  },
  'GET /v1/instances/:id/watch': {
    summary: 'What the instance has to know, as it changes',
    answers: { 200: ['Events', { 'text/event-stream': 'WatchEvent' }] },
    codes: lost,
  },
  'PUT /v1/instances/:id/lease': {
    summary: 'Renew a lease',
    answers: { 204: ['Renewed'] },
    codes: lost,
  },
  'POST /v1/instances/:id/drain': {
    summary: 'Pick an instance no more',
    answers: { 204: ['It drains'] },
    codes: lost,
  },
  'DELETE /v1/instances/:id': {
    summary: 'An instance leaves',
    answers: { 204: ['It is gone'] },
    codes: [],
  },
  'GET /v1/resolve': {
    summary: 'What a capability resolves to, and why every other candidate is left out',
    query: [p.capability, p.version, p.tags, p.namespace, p.expectedBy],
    answers: { 200: ['Ranked endpoints, and the excluded', json('ResolveAnswer')] },
    codes: ['MESH_USAGE_INVALID', 'MESH_RESOURCE_MISSING'],
  },
  'GET /v1/events': {
    summary: 'The audit trail',
    query: [p.namespace, p.agent, p.after, p.eventLimit, p.watch],
    headers: [['Last-Event-ID', 'Of a watch: go on behind this event.']],
    answers: {
      200: [
        'What happened, oldest first',
        { 'application/json': 'AuditList', 'text/event-stream': 'AuditWatchEvent' },
      ],
    },
    codes: ['MESH_USAGE_INVALID'],
  },
  'GET /v1/graph': {
    summary: 'The mesh as it is resolved',
    query: [p.namespace],
    answers: { 200: ['Nodes and edges', json('Graph')] },
    codes: ['MESH_USAGE_INVALID'],
  },
  'GET /healthz': {
    summary: 'It serves',
    answers: { 200: ['It does', json('Health')] },
    codes: [],
  },
  'GET /readyz': {
    summary: 'It takes applies',
    answers: { 200: ['It does', json('Health')] },
    codes: ['MESH_STORE_UNAVAILABLE', 'MESH_REGISTRY_STOPPING'],
  },
  'GET /metrics': {
    summary: 'For Prometheus',
    answers: { 200: ['Counts', { 'text/plain': 'text' }] },
    codes: [],
  },
  'GET /openapi.json': {
    summary: 'This document',
    answers: { 200: ['It', json('OpenApi')] },
    codes: [],
  },
}
