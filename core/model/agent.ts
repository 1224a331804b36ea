/**
 * An agent as the mesh works with it: a manifest with every default filled in and every text parsed, so that nothing
 * after `core/manifest/lower.ts` meets an optional. Secrets and places are still references; the runtime resolves them.
 */

import type { CallPolicy } from './call-policy.ts'
import type { Gateway } from './gateway.ts'

export interface Agent {
  name: string
  namespace: string
  labels: Readonly<Record<string, string>>
  version: string
  description: string
  icons: readonly Icon[]
  http: { host: string; port: number; path: string; advertise: string | undefined }
  /** Reference to the token that callers must present. */
  bearer: string | undefined
  /** Reference to what it seals with; undefined for the secret of this machine's MESH_HOME. */
  seal: string | undefined
  /** What clients may keep of its lists; undefined for nothing. */
  cache: Cache | undefined
  settleMs: number
  /** The MCP server that answers in place of handlers; undefined where handlers do. */
  server: WrappedServer | undefined
  /** What it shows of the mesh, of a gateway; undefined of an agent. A gateway offers nothing of its own. */
  gateway: Gateway | undefined
  /** Where the sessions of its tools are kept. */
  session: { store: 'auto' | 'redis' | 'memory'; onStoreLoss: 'fail' | 'memory' }
  /** What the agent asks itself; undefined where it does not. */
  health: { check: HandlerRef; intervalMs: number; timeoutMs: number } | undefined
  /** With `server`: those of its tools that are offered to other agents. */
  tools: readonly AgentTool[]
  resources: readonly AgentResource[]
  prompts: readonly AgentPrompt[]
}

/** A picture that clients may show, as the manifest and MCP have it. */
export interface Icon {
  src: string
  mimeType?: string
  sizes?: string[]
  theme?: 'light' | 'dark'
}

/** Something that clients read by URI. */
export interface AgentResource {
  /** The URI, or the template where `isTemplate`. */
  uri: string
  isTemplate: boolean
  name: string
  title: string | undefined
  icons: readonly Icon[]
  description: string
  mimeType: string | undefined
  source: { file: string } | { text: string } | { handler: HandlerRef }
  /** By variable of the template. */
  complete: Readonly<Record<string, Completion>>
  annotations: Readonly<Record<string, unknown>>
  /** What clients may keep of it; undefined for nothing. */
  cache: Cache | undefined
  /** Of its handler, and of those that complete its variables. */
  dependencies: readonly Dependency[]
}

export interface Cache {
  ttlMs: number
  scope: 'private' | 'public'
}

/** Messages that a person picks by name. */
export interface AgentPrompt {
  name: string
  title: string | undefined
  icons: readonly Icon[]
  description: string
  arguments: readonly {
    name: string
    title: string | undefined
    description: string
    required: boolean
    complete: Completion | undefined
  }[]
  source: { text: string } | { handler: HandlerRef }
  /** Of its handler, and of those that complete its arguments. */
  dependencies: readonly Dependency[]
}

/** What a client may offer while a value is typed. */
export type Completion = { values: readonly string[] } | { handler: HandlerRef }

/** An existing MCP server; its texts may hold references. */
export type WrappedServer = (WrappedCommand | WrappedUrl) & {
  /** What it is told that its client can be asked. */
  asks: readonly AskKind[]
}

export type AskKind = 'elicitation' | 'sampling' | 'roots'

/** One that speaks MCP on its standard input and output. */
export interface WrappedCommand {
  kind: 'command'
  /** Program and arguments. */
  command: readonly string[]
  env: Readonly<Record<string, string>>
}

/** One that serves Streamable HTTP. */
export interface WrappedUrl {
  kind: 'url'
  url: string
  auth: WrappedAuth | undefined
  headers: Readonly<Record<string, string>>
}

/** What an agent presents to the server that it wraps; secrets are references. */
export type WrappedAuth =
  | { kind: 'bearer'; bearer: string }
  /** What a person left with `meshctl login`. */
  | { kind: 'login' }
  | {
      kind: 'oauth'
      issuer: string
      clientId: string
      credential:
        { kind: 'secret'; secret: string } | { kind: 'key'; privateKey: string; algorithm: string }
      scopes: readonly string[]
    }

export interface AgentTool {
  name: string
  title: string | undefined
  icons: readonly Icon[]
  /** Undefined where the agent wraps a server. */
  handler: HandlerRef | undefined
  description: string
  capability: string
  version: string
  tags: readonly string[]
  inputSchema: JsonSchema
  outputSchema: JsonSchema | undefined
  /** content: the handler returns MCP content blocks. */
  returns: 'value' | 'content'
  annotations: Readonly<Record<string, string | boolean>>
  /** readOnlyHint or idempotentHint: a call may be repeated. */
  isRepeatable: boolean
  timeoutMs: number
  /** Calls that run at a time, and how many more may wait; undefined for all that come. */
  concurrency: { max: number; queue: number } | undefined
  /** How it keeps state between calls; undefined where it keeps none. */
  session: ToolSession | undefined
  /** How it runs as an MCP task; undefined where it does not. */
  task: ToolTask | undefined
  dependencies: readonly Dependency[]
}

export interface ToolTask {
  /** How long a result is kept after the end. */
  ttlMs: number
  /** How often clients are told to ask. */
  pollIntervalMs: number
  /** Tasks of the tool that an instance keeps at a time, ended ones included. */
  max: number
  /** Clients that do not know tasks are refused. */
  required: boolean
  /** The handler says when the task begins; until then it is a call. */
  beginsLate: boolean
}

export interface ToolSession {
  /** Of the tool: it carries the handle. */
  argument: string
  /** A call without a handle begins a session. */
  required: boolean
  /** One instance owns a session at a time. */
  isSticky: boolean
  /** How long a session is kept that nobody calls. */
  ttlMs: number
  /** Calls of one session need not wait for each other. */
  isConcurrent: boolean
}

/** `./hello.ts#hello`: `exportName` is "default" where the text has no `#`. */
export interface HandlerRef {
  path: string
  exportName: string
}

export type JsonSchema = Readonly<Record<string, unknown>>

/** A named slot of a tool, a resource or a prompt. */
export interface Dependency {
  name: string
  required: boolean
  /** In order; the first that resolves wins. Each has the same `required`, that of the first. */
  alternatives: readonly DependencyAlternative[]
}

export interface DependencyAlternative extends CallPolicy {
  capability: string
  /** A range as npm writes it; a bare version is exact; `*` is any. */
  version: string
  tags: TagQuery
  /** What this consumer relies on in the provider's schemas; undefined where it says nothing of them. */
  expects: Expectation | undefined
  /** Digests by `namespace/agent.tool` of those that may fill it; undefined where any may. */
  pins: Readonly<Record<string, string>> | undefined
  /** Reference to the token that this agent presents. */
  bearer: string | undefined
}

/** At least one of the two schemas is there. */
export interface Expectation {
  /** What is sent. */
  inputSchema: JsonSchema | undefined
  /** What is read of the answer. */
  outputSchema: JsonSchema | undefined
  /** subset: what is sent is taken, and what comes back is expected. strict: the schemas are the same. */
  match: 'subset' | 'strict'
}

export interface TagQuery {
  required: readonly string[]
  preferred: readonly string[]
  excluded: readonly string[]
  /** Of each inner list at least one must be there. */
  anyOf: readonly (readonly string[])[]
}
