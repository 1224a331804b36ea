/* Generated from schemas/ by `npm run generate`: change the schema, not this file. */
export type Tag = string
export type TagTerm = string

/**
 * What an agent offers, what it needs, and how its calls behave. Agents are reconciled by the registry.
 */
export interface AgentManifest {
  /**
   * Version of this document's format.
   */
  apiVersion: 'mcp-mesh.dev/v1'
  /**
   * What the document describes.
   */
  kind: 'Agent'
  metadata: Metadata
  spec: AgentSpec
}
/**
 * How the agent is named and found.
 */
export interface Metadata {
  /**
   * Unique in its namespace: a DNS label (lower-case letters, digits and dashes, at most 63).
   */
  name: string
  /**
   * Agents see only the capabilities of their own namespace.
   */
  namespace?: string
  /**
   * Free keys and values for people and tools to select by.
   */
  labels?: {
    [k: string]: string
  }
}
/**
 * The desired state of the agent.
 */
export interface AgentSpec {
  /**
   * Semantic version of the agent.
   */
  version: string
  /**
   * What the agent is for, in a sentence.
   */
  description?: string
  http?: Http
  auth?: ServerAuth
  /**
   * How this agent's calls behave: the name of a shipped policy, or values in its place. A dependency's own values come first.
   */
  policy?: string | CallPolicySpec
  /**
   * How long after its start a call waits for a dependency that is not there yet, before it goes on without it.
   */
  settle?: string
  health?: HealthCheck
  server?: WrappedServer
  /**
   * The tools that the agent offers over MCP. With spec.server: those of its tools that are offered to other agents as capabilities, none where the key is left out.
   *
   * @minItems 1
   * @maxItems 1000
   */
  tools?: Tool[]
}
/**
 * Where the agent listens.
 */
export interface Http {
  /**
   * Address to bind. Anything but loopback needs spec.auth. `${env:NAME}`, `${env:NAME:-default}` and `${file:/path}` are resolved in the runtime.
   */
  host?: string
  /**
   * Port to bind; 0 takes any free one.
   */
  port?: number
  /**
   * Path of the MCP endpoint, served with and without a slash at its end.
   */
  path?: string
  /**
   * The URL at which other agents reach this one, where it differs from host, port and path. References are resolved in the runtime, as in host.
   */
  advertise?: string
}
/**
 * What callers must present.
 */
export interface ServerAuth {
  /**
   * The token that callers send as `Authorization: Bearer`.
   */
  bearer: string
}
/**
 * How calls behave.
 */
export interface CallPolicySpec {
  /**
   * The longest that one attempt may take.
   */
  timeout?: string
  /**
   * The longest that the whole call may take, all attempts included. What remains of the caller's own deadline bounds it.
   */
  deadline?: string
}
/**
 * What the agent asks itself by interval. While the answer is no it is picked no more; its process goes on.
 */
export interface HealthCheck {
  /**
   * Module beside the manifest and its export: a function that returns false or `{ ok: false, reason }` while the agent should get no calls. One that throws or takes too long says nothing.
   */
  check: string
  /**
   * Pause from the end of one check to the next.
   */
  interval?: string
  /**
   * How long a check may take.
   */
  timeout?: string
}
/**
 * An existing MCP server, in any language, that answers in place of handlers: a command that speaks MCP on its standard input and output, or the URL of a Streamable HTTP endpoint. All its tools are served over MCP under their own names.
 */
export interface WrappedServer {
  /**
   * Program and arguments, started without a shell, in the folder of the manifest. References `${env:NAME}`, `${env:NAME:-default}` and `${file:/path}` are resolved in the runtime; every user of the machine can read a process's arguments, so secrets belong into env.
   *
   * @minItems 1
   * @maxItems 256
   */
  command?: string[]
  /**
   * Variables that the command is given, besides PATH, HOME, LANG and a few others that hold no secrets; nothing else of the agent's own environment reaches it. References are resolved in the runtime.
   */
  env?: {
    [k: string]: string
  }
  /**
   * The Streamable HTTP endpoint of a server that runs elsewhere. References are resolved in the runtime.
   */
  url?: string
  /**
   * What this agent presents to the server at url. The tokens of callers are never passed on.
   */
  auth?: {
    /**
     * The token sent as `Authorization: Bearer`.
     */
    bearer: string
  }
  /**
   * Sent with each request to url. References are resolved in the runtime.
   */
  headers?: {
    [k: string]: string
  }
}
/**
 * A function of a handler module, offered over MCP; or, with spec.server, what the mesh needs to know of a tool of that server.
 */
export interface Tool {
  /**
   * The tool's name over MCP, unique in the agent.
   */
  name: string
  /**
   * The tool's name for people.
   */
  title?: string
  /**
   * Module beside the manifest and its export, `./hello.ts#hello`; the default export without `#`. Required, except with spec.server, where it may not stand.
   */
  handler?: string
  /**
   * What the tool does, for the model that chooses it.
   */
  description?: string
  /**
   * The contract that the tool offers to other agents; by default the tool's name.
   */
  capability?: string
  /**
   * Semantic version of the capability; by default spec.version.
   */
  version?: string
  /**
   * Words that consumers select by.
   *
   * @maxItems 64
   */
  tags?: Tag[]
  /**
   * JSON Schema 2020-12 of the arguments, inline or `{ $ref: ./file.json }`; by default any object.
   */
  inputSchema?: {}
  /**
   * JSON Schema 2020-12 of the value that the tool returns, inline or `{ $ref: ./file.json }`.
   */
  outputSchema?: {}
  annotations?: ToolAnnotations
  /**
   * The longest that one call may run here; then the handler's signal is aborted.
   */
  timeout?: string
  /**
   * What the handler is given, by name.
   */
  dependencies?: {
    /**
     * A dependency, or an ordered list of alternatives of which the first that resolves wins.
     */
    [k: string]: Dependency | Dependency[]
  }
}
/**
 * MCP tool annotations: hints for clients, and for the mesh whether a call may be repeated.
 */
export interface ToolAnnotations {
  /**
   * The tool's name for people.
   */
  title?: string
  /**
   * The tool changes nothing; a call may be repeated.
   */
  readOnlyHint?: boolean
  /**
   * The tool may destroy something.
   */
  destructiveHint?: boolean
  /**
   * Repeating a call changes nothing more; a call may be repeated.
   */
  idempotentHint?: boolean
  /**
   * The tool reaches beyond this system.
   */
  openWorldHint?: boolean
}
/**
 * A slot of a tool, filled by a provider of a capability.
 */
export interface Dependency {
  /**
   * The capability wanted.
   */
  capability: string
  /**
   * Range of versions taken, as npm writes them; a bare version is exact. By default any, the highest first.
   */
  version?: string
  /**
   * `t` must be there, `+t` is preferred, `-t` excludes; a nested list means any of its tags.
   *
   * @maxItems 64
   */
  tags?: (TagTerm | Tag[])[]
  /**
   * With false the handler gets undefined while nothing fills the dependency; with true the tool answers an error.
   */
  required?: boolean
  /**
   * The longest that one attempt may take; by default the policy's.
   */
  timeout?: string
  /**
   * The longest that the whole call may take; by default the policy's.
   */
  deadline?: string
  /**
   * What this agent presents to the provider.
   */
  auth?: {
    /**
     * The token sent as `Authorization: Bearer`.
     */
    bearer: string
  }
}

/**
 * Named defaults for how calls behave. Shipped ones stand under manifests/policies.
 */
export interface CallPolicyManifest {
  /**
   * Version of this document's format.
   */
  apiVersion: 'mcp-mesh.dev/v1'
  /**
   * What the document describes.
   */
  kind: 'CallPolicy'
  /**
   * How the policy is named.
   */
  metadata: {
    /**
     * The name by which spec.policy of an agent refers to it.
     */
    name: string
  }
  /**
   * The values; what is left out is taken from the policy `default`.
   */
  spec: {
    /**
     * The longest that one attempt may take.
     */
    timeout?: string
    /**
     * The longest that the whole call may take, all attempts included.
     */
    deadline?: string
  }
}
