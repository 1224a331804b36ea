/* Generated from schemas/ by `npm run generate`: change the schema, not this file. */
/**
 * The longest that one attempt may take. Where the deadline is shorter, that.
 */
export type AttemptTimeout = string
/**
 * The longest that the whole call may take, all attempts and pauses included. What remains of the caller's own deadline bounds it.
 */
export type CallDeadline = string
/**
 * A second attempt beside a first one that is slow, and the sooner answer counts; only of tools with readOnlyHint or idempotentHint. `none` for no such thing.
 */
export type Hedge =
  | 'none'
  | {
      /**
       * How long the first attempt is alone.
       */
      after?: string
    }
/**
 * After failures in a row the calls of a capability fail at once for a while, then one is let through to try. `none` for no breaker.
 */
export type Breaker =
  | 'none'
  | {
      /**
       * Failures in a row after which it opens.
       */
      failures?: number
      /**
       * How long it stays open before it lets one call try.
       */
      open?: string
    }
/**
 * Bounds the calls of a dependency that are under way at a time in this process. `none` for no bound.
 */
export type Bulkhead =
  | 'none'
  | {
      /**
       * Calls at a time.
       */
      max?: number
      /**
       * Calls that may wait for their turn; the next one is refused at once.
       */
      queue?: number
    }
/**
 * After failures in a row an endpoint is not picked for a while. `none` for no ejection.
 */
export type Ejection =
  | 'none'
  | {
      /**
       * Failures in a row after which it is left out.
       */
      failures?: number
      /**
       * For how long.
       */
      for?: string
      /**
       * The share of a dependency's endpoints that may be left out at a time.
       */
      max?: string
    }
/**
 * Which of several equal endpoints gets the call. `auto`: by the session, where the tool has sessions that one instance owns each, else `p2c`. `p2c`: of two at random the one with less load. `round-robin`: each in turn. `consistent-hash`: equal values of the argument `hashOn` go to one endpoint.
 */
export type Balance = 'auto' | 'p2c' | 'round-robin' | 'consistent-hash'
/**
 * The argument whose value consistent-hash goes by.
 */
export type HashOn = string
/**
 * `auto`: a handler that asks for a stream gets the chunks as they are made. `never`: no chunks are asked for; the stream has none and returns the value.
 */
export type StreamMode = 'auto' | 'never'
export type Tag = string
/**
 * The tool is long work: a client that knows MCP tasks gets a handle at once and asks for the result later, every other client waits for it. true: with the defaults of the fields.
 */
export type ToolTask =
  | boolean
  | {
      /**
       * How long a result can still be fetched once the tool has ended.
       */
      ttl?: string
      /**
       * How often clients are told to ask.
       */
      pollInterval?: string
      /**
       * How many tasks of the tool one instance keeps at a time, those that have ended and are kept for their ttl among them. The next call is refused.
       */
      max?: number
      /**
       * When a call becomes a task. call: at once. handler: when the handler calls `detach` of its context; what it asks before are questions of the call, and where it ends before, its result is that of the call.
       */
      begin?: 'call' | 'handler'
      /**
       * With true a client that does not know tasks is refused, in place of waiting.
       */
      required?: boolean
    }
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
  /**
   * Pictures of the agent that clients may show; each is one picture in a size, for a light or a dark background.
   *
   * @minItems 1
   * @maxItems 16
   */
  icons?: Icon[]
  http?: Http
  auth?: ServerAuth
  cache?: Cache
  /**
   * What the agent seals with what clients keep for it between two requests: the state of questions, ids of sessions. Instances behind one address need the same. Default: a secret that is kept in MESH_HOME, for all agents of this machine.
   */
  seal?: string
  /**
   * How this agent's calls behave: the name of a CallPolicy, or values, which may start `from` one. A dependency's own values come first, field by field.
   */
  policy?: string | CallPolicySpec
  /**
   * How long after its start a call waits for a dependency that is not there yet, before it goes on without it.
   */
  settle?: string
  health?: HealthCheck
  session?: AgentSession
  server?: WrappedServer
  /**
   * The tools that the agent offers over MCP. With spec.server: those of its tools that are offered to other agents as capabilities, none where the key is left out.
   *
   * @minItems 1
   * @maxItems 1000
   */
  tools?: Tool[]
  /**
   * The resources that the agent offers over MCP: what a client reads by URI. May not stand with spec.server.
   *
   * @minItems 1
   * @maxItems 1000
   */
  resources?: Resource[]
  /**
   * The prompts that the agent offers over MCP: messages that a person picks by name. May not stand with spec.server.
   *
   * @minItems 1
   * @maxItems 1000
   */
  prompts?: Prompt[]
}
/**
 * A picture, as MCP 2025-11-25 and later have it.
 */
export interface Icon {
  /**
   * Where it is: an address by https:, or the picture itself as data:image. Clients load it, the agent does not.
   */
  src: string
  /**
   * Its media type, where the address does not tell it.
   */
  mimeType?:
    | 'image/png'
    | 'image/jpeg'
    | 'image/svg+xml'
    | 'image/webp'
    | 'image/avif'
    | 'image/gif'
    | 'image/x-icon'
  /**
   * The sizes that it is good for: `48x48`, or `any` for one that scales.
   *
   * @minItems 1
   * @maxItems 16
   */
  sizes?: string[]
  /**
   * The background that it is for; absent, it is for any.
   */
  theme?: 'light' | 'dark'
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
 * What clients of MCP 2026-07-28 may keep of the lists of tools, resources and prompts, and of what server/discover answers. Nothing where it is absent. Clients that listen are told of changes in any case.
 */
export interface Cache {
  /**
   * How long it may be kept.
   */
  ttl: string
  /**
   * private: by the caller that read it. public: by anybody on the way.
   */
  scope?: 'private' | 'public'
}
/**
 * How calls behave. What is left out is taken from the policy that it starts from.
 */
export interface CallPolicySpec {
  /**
   * The name of the CallPolicy that these values start from.
   */
  from?: string
  timeout?: AttemptTimeout
  deadline?: CallDeadline
  retries?: Retries
  hedge?: Hedge
  breaker?: Breaker
  concurrency?: Bulkhead
  ejection?: Ejection
  balance?: Balance
  hashOn?: HashOn
  headers?: CallHeaders
  stream?: StreamMode
}
/**
 * When a failed attempt is followed by another. Only what is safe is repeated: what was provably not executed, tools with readOnlyHint or idempotentHint, and, at the same instance, tools of providers that run a call once.
 */
export interface Retries {
  /**
   * Attempts in all, the first among them; 1 for no repeat.
   */
  attempts?: number
  /**
   * The pause before an attempt that follows another: random, below a bound that doubles from `initial` to `max` (full jitter).
   */
  backoff?: {
    /**
     * The bound of the first pause.
     */
    initial?: string
    /**
     * The bound that no pause exceeds.
     */
    max?: string
  }
  /**
   * `unavailable`: no endpoint could be reached, it refused before it began, or its connection broke. `timeout`: the attempt ran into its timeout. `error`: the tool itself answered an error; only of tools with readOnlyHint or idempotentHint.
   *
   * @minItems 1
   * @maxItems 3
   */
  on?: ('unavailable' | 'timeout' | 'error')[]
  /**
   * Repeats that this process may add to its calls of a capability, as a share of them.
   */
  budget?: string
}
/**
 * Sent with each call, one hop only. `${env:NAME}`, `${env:NAME:-default}` and `${file:/path}` are resolved in the runtime; what is secret has to be such a reference, without a default. A token for `Authorization` stands in `auth`.
 */
export interface CallHeaders {
  [k: string]: string
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
 * Where the sessions of the agent's tools are kept.
 */
export interface AgentSession {
  /**
   * redis: the Redis of REDIS_URL, shared by all instances of the agent. memory: this process alone, so that a session ends with it. auto: redis where REDIS_URL is set, else memory.
   */
  store?: 'auto' | 'redis' | 'memory'
  /**
   * How long a session is kept that nobody calls.
   */
  ttl?: string
  /**
   * What a call of a session gets while Redis is away. fail: an error, at once. memory: sessions that this instance owns go on in its memory and are written when Redis is back.
   */
  onStoreLoss?: 'fail' | 'memory'
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
   * What this agent presents to the server at url: one of bearer, login and oauth. The tokens of callers are never passed on.
   */
  auth?: {
    /**
     * The token sent as `Authorization: Bearer`.
     */
    bearer?: string
    /**
     * Use what `meshctl login <url>` left under MESH_HOME on this machine, and refresh it: the agent acts for the person who logged in.
     */
    login?: true
    /**
     * Get tokens as a client of the authorization server that the server names, without a person (client_credentials). Exactly one of clientSecret and privateKey.
     */
    oauth?: {
      /**
       * The authorization server that knows the client. Nothing of the client is shown to any other, whatever the server names.
       */
      issuer: string
      /**
       * Name of the client there.
       */
      clientId: string
      /**
       * Its secret, sent to the token endpoint in the way that it supports.
       */
      clientSecret?: string
      /**
       * Its private key, PKCS 8 in PEM: the client signs who it is (private_key_jwt), and the key stays here.
       */
      privateKey?: string
      /**
       * How it signs with privateKey.
       */
      algorithm?:
        'ES256' | 'ES384' | 'ES512' | 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512'
      /**
       * What to ask for where the server does not say it.
       *
       * @maxItems 64
       */
      scopes?: string[]
    }
  }
  /**
   * Sent with each request to url. References are resolved in the runtime.
   */
  headers?: {
    [k: string]: string
  }
  /**
   * What the server is told that its client can be asked. Each question goes to the client whose call is running, and is refused where that client cannot be asked. roots is not among the default: a server keeps the roots that it was told once, and the connection is that of all callers.
   *
   * @maxItems 3
   */
  asks?: ('elicitation' | 'sampling' | 'roots')[]
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
   * Pictures of the tool that clients may show; each is one picture in a size, for a light or a dark background.
   *
   * @minItems 1
   * @maxItems 16
   */
  icons?: Icon[]
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
  /**
   * What the handler returns. value: any JSON value, which callers get unchanged. content: MCP content as it is, a block such as `{ type: image, data, mimeType }` or a list of blocks and texts; for tools that answer with images, audio, resources or links.
   */
  returns?: 'value' | 'content'
  annotations?: ToolAnnotations
  /**
   * The longest that one call may run here; then the handler's signal is aborted. A tool with `task` has 1h where nothing is said.
   */
  timeout?: string
  /**
   * How many calls of the tool run here at a time; without it, all that come. A call that is refused was not executed: its caller sends it to another instance.
   */
  concurrency?: {
    /**
     * Calls at a time.
     */
    max: number
    /**
     * Calls that may wait for their turn, in the order in which they came; the next one is refused at once.
     */
    queue?: number
  }
  session?: ToolSession
  task?: ToolTask
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
 * The tool keeps state between calls, which its handler reaches as `session` of its context. The caller passes the handle that it was given as an ordinary argument.
 */
export interface ToolSession {
  /**
   * The argument that carries the handle; a text in the inputSchema of the tool.
   */
  argument: string
  /**
   * With true a call without a handle begins a new session; with false it has none.
   */
  required?: boolean
  /**
   * sticky: one instance owns the session, and calls that reach another are forwarded to it. none: the call runs where it arrives, with the state as it was stored last.
   */
  affinity?: 'sticky' | 'none'
  /**
   * How long a session of this tool is kept that nobody calls; default: spec.session.ttl.
   */
  ttl?: string
  /**
   * With true calls of one session may run at the same time; by default they run one after the other.
   */
  concurrent?: boolean
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
  expects?: Expectation
  /**
   * Tools that may fill it, `namespace/agent.tool`, each with its digest as mesh.lock has it; one that is another now, or is not here, is left out. Written by `--locked` of `meshctl start` and `apply`. By default any tool may.
   */
  pins?: {
    [k: string]: string
  }
  /**
   * With false the handler gets undefined while nothing fills the dependency; with true the tool answers an error.
   */
  required?: boolean
  timeout?: AttemptTimeout
  deadline?: CallDeadline
  retries?: Retries
  hedge?: Hedge
  breaker?: Breaker
  concurrency?: Bulkhead
  ejection?: Ejection
  balance?: Balance
  hashOn?: HashOn
  headers?: CallHeaders
  stream?: StreamMode
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
 * What this consumer relies on: a provider whose schemas do not fit is left out. At least one of the two schemas.
 */
export interface Expectation {
  /**
   * JSON Schema 2020-12 of what is sent, inline or `{ $ref: ./file.json }`: the provider has to take all of it. Properties that it does not name are not sent, unless it says additionalProperties.
   */
  inputSchema?: {}
  /**
   * JSON Schema 2020-12 of what is read of the answer, inline or `{ $ref: ./file.json }`: all that the provider's outputSchema allows has to fit. A provider without an outputSchema is left out.
   */
  outputSchema?: {}
  /**
   * subset: the provider takes what is sent and answers what is expected, and may do more. strict: its schemas are the same, annotations such as descriptions aside. What can't be decided leaves nobody out and is noted by `meshctl why`.
   */
  match?: 'subset' | 'strict'
}
/**
 * Something that clients read by URI: a file beside the manifest, a text, or what a handler returns.
 */
export interface Resource {
  /**
   * The URI that clients read. Either uri or uriTemplate.
   */
  uri?: string
  /**
   * URI template (RFC 6570) for a family of resources; a handler gets its variables as arguments.
   */
  uriTemplate?: string
  /**
   * The name of the resource, for programs.
   */
  name: string
  /**
   * The resource's name for people.
   */
  title?: string
  /**
   * Pictures of the resource that clients may show; each is one picture in a size, for a light or a dark background.
   *
   * @minItems 1
   * @maxItems 16
   */
  icons?: Icon[]
  /**
   * What the resource holds, for the model or person that chooses it.
   */
  description?: string
  /**
   * Media type of what is read; by default text/plain for text, and by its ending for a file.
   */
  mimeType?: string
  /**
   * A file in the folder of the manifest, read at each request (at most 16 MiB). Exactly one of file, text and handler.
   */
  file?: string
  /**
   * The text itself.
   */
  text?: string
  /**
   * Module beside the manifest and its export: `(variables, dependencies, context)` returns a text, bytes (a Uint8Array), or any JSON value.
   */
  handler?: string
  /**
   * What the handler is given, by name, and the handlers that complete its variables.
   */
  dependencies?: {
    /**
     * A dependency, or an ordered list of alternatives of which the first that resolves wins.
     */
    [k: string]: Dependency | Dependency[]
  }
  /**
   * By variable of uriTemplate, what clients may offer while it is typed: a list, or a handler `({ value, ...others })` that returns a list.
   */
  complete?: {
    /**
     * The values of a variable.
     */
    [k: string]: string[] | string
  }
  annotations?: ContentAnnotations
  cache?: Cache1
}
/**
 * MCP annotations: hints for clients.
 */
export interface ContentAnnotations {
  /**
   * For whom it is.
   *
   * @minItems 1
   * @maxItems 2
   */
  audience?: ('user' | 'assistant')[]
  /**
   * How much it matters, from 0 to 1.
   */
  priority?: number
  /**
   * When it changed last, as ISO 8601.
   */
  lastModified?: string
}
/**
 * For how long clients of MCP 2026-07-28 may keep what was read, and for whom.
 */
export interface Cache1 {
  /**
   * How long it may be kept.
   */
  ttl: string
  /**
   * private: by the caller that read it. public: by anybody on the way.
   */
  scope?: 'private' | 'public'
}
/**
 * Messages that a person picks by name: a text in the manifest, or what a handler returns.
 */
export interface Prompt {
  /**
   * The prompt's name over MCP, unique in the agent.
   */
  name: string
  /**
   * The prompt's name for people.
   */
  title?: string
  /**
   * Pictures of the prompt that clients may show; each is one picture in a size, for a light or a dark background.
   *
   * @minItems 1
   * @maxItems 16
   */
  icons?: Icon[]
  /**
   * What the prompt is for.
   */
  description?: string
  /**
   * What a person is asked for.
   *
   * @maxItems 64
   */
  arguments?: PromptArgument[]
  /**
   * One message of the user; `{{name}}` stands for an argument. Exactly one of text and handler.
   */
  text?: string
  /**
   * Module beside the manifest and its export: `(arguments, dependencies, context)` returns a text, a content block, or a list of messages `{ role, content }`.
   */
  handler?: string
  /**
   * What the handler is given, by name, and the handlers that complete its arguments.
   */
  dependencies?: {
    /**
     * A dependency, or an ordered list of alternatives of which the first that resolves wins.
     */
    [k: string]: Dependency | Dependency[]
  }
}
/**
 * An argument of a prompt; always a text.
 */
export interface PromptArgument {
  /**
   * The argument's name.
   */
  name: string
  /**
   * The argument's name for people.
   */
  title?: string
  /**
   * What to write there.
   */
  description?: string
  /**
   * Whether the prompt needs it.
   */
  required?: boolean
  /**
   * What clients may offer while it is typed: a list, or a handler `({ value, ...others })` that returns a list.
   */
  complete?: string[] | string
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
  spec: CallPolicySpec
}
export type NamespaceTerm = string
export type DnsLabel = string
export type CapabilityName = string
/**
 * One MCP endpoint that shows tools, resources and prompts of the mesh to any MCP client. Gateways are reconciled by the registry as agents are, and share their names.
 */
export interface GatewayManifest {
  /**
   * Version of this document's format.
   */
  apiVersion: 'mcp-mesh.dev/v1'
  /**
   * What the document describes.
   */
  kind: 'Gateway'
  metadata: Metadata
  spec: GatewaySpec
}
/**
 * What the gateway shows, and how its calls behave.
 */
export interface GatewaySpec {
  /**
   * Semantic version of the gateway, which clients are told.
   */
  version: string
  /**
   * What the gateway is for, in a sentence.
   */
  description?: string
  http?: Http
  auth?: ServerAuth
  /**
   * What the gateway seals with what clients keep for it between two requests: ids of tasks, ids of sessions. Gateways behind one address need the same. Default: a secret that is kept in MESH_HOME, for all agents of this machine.
   */
  seal?: string
  /**
   * How the gateway's calls behave: the name of a CallPolicy, or values, which may start `from` one. Attempts of a tool that its timeout would outlast are cut off by it.
   */
  policy?: string | CallPolicySpec
  /**
   * What is shown: whatever one of the entries matches. Of two that match, the first says how.
   *
   * @minItems 1
   * @maxItems 256
   */
  expose?: Exposure[]
  /**
   * When the name of a tool or prompt begins with that of its agent, as in `files_read`: where two agents have the same name, or always. An entry's own prefix comes first.
   */
  prefix?: 'collisions' | 'always'
  /**
   * Clients are listed a tool that finds tools by words, and of the others only those of entries with `pinned`; what is found is called by its name. true: with the defaults of the fields.
   */
  search?:
    | boolean
    | {
        /**
         * The name of the tool that finds. A tool of an agent that has the same is prefixed.
         */
        tool?: string
        /**
         * How many tools it answers with at most, where a call does not say it.
         */
        limit?: number
      }
}
/**
 * A choice of agents and of their tools. What is left out asks for nothing. Resources and prompts are shown with an agent, unless the entry asks for capabilities or tags.
 */
export interface Exposure {
  /**
   * Agents of one of these namespaces; `*` is every one. By default the gateway's own.
   *
   * @minItems 1
   * @maxItems 64
   */
  namespaces?: NamespaceTerm[]
  /**
   * One of these agents.
   *
   * @minItems 1
   * @maxItems 256
   */
  agents?: DnsLabel[]
  /**
   * Tools that offer one of these capabilities.
   *
   * @minItems 1
   * @maxItems 256
   */
  capabilities?: CapabilityName[]
  /**
   * Tools with these tags: `t` must be there, `-t` excludes; a nested list means any of its tags.
   *
   * @minItems 1
   * @maxItems 64
   */
  tags?: (string | Tag[])[]
  /**
   * The names of these tools and prompts begin with it and `_`, whether they collide or not.
   */
  prefix?: string
  /**
   * With `search`: the tools of this entry are listed all the same.
   */
  pinned?: boolean
  /**
   * What the gateway presents to these agents. What its own callers present is never passed on.
   */
  auth?: {
    /**
     * The token sent as `Authorization: Bearer`.
     */
    bearer: string
  }
}
