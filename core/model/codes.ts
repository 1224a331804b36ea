/**
 * Every code that the mesh reports. Callers branch on the code, never on text. A code's HTTP status is what the registry
 * answers, its exit code what meshctl ends with: 1 failed, 2 usage, 3 invalid manifest, 4 not found, 5 unreachable.
 * `npm run generate` writes docs/errors.md from this table.
 */
export interface CodeEntry {
  readonly status: number
  readonly exit: 0 | 1 | 2 | 3 | 4 | 5
  readonly about: string
  readonly mend: string
}

const usage = { status: 400, exit: 2 } as const
const invalid = { status: 422, exit: 3 } as const
const failed = { status: 500, exit: 1 } as const

// prettier-ignore
export const codes = {
  // usage
  MESH_USAGE_INVALID: { ...usage, about: 'The command line is not what the command takes.', mend: 'see `meshctl <command> --help`' },
  MESH_SELECTOR_INVALID: { ...usage, about: 'A label selector cannot be read.', mend: 'write terms such as team=docs, tier!=test, zone in (a, b), canary or !canary, with commas between' },
  MESH_CONTEXT_INVALID: { ...usage, about: 'The file of contexts, MESH_HOME/config.json, cannot be read.', mend: 'mend it, or remove it and write contexts with meshctl config set-context' },
  MESH_NODE_UNSUPPORTED: { ...failed, about: 'This Node.js is too old.', mend: 'install Node.js 20.19 or newer' },
  // manifests: text
  MESH_FILE_MISSING: { ...invalid, about: 'A file that was named does not exist or cannot be read.', mend: 'write the path of a file that exists' },
  MESH_YAML_INVALID: { ...invalid, about: 'The text is not YAML.', mend: 'mend the YAML at the place shown' },
  MESH_YAML_DUPLICATE: { ...invalid, about: 'A key stands twice in one mapping.', mend: 'keep one of the two' },
  MESH_MANIFEST_EMPTY: { ...invalid, about: 'The file holds no document.', mend: 'write a manifest, starting with apiVersion' },
  MESH_MANIFEST_TOO_LARGE: { ...invalid, about: 'The manifest is larger, deeper or has more aliases than is read.', mend: 'split it' },
  // manifests: schema
  MESH_KIND_UNKNOWN: { ...invalid, about: 'apiVersion or kind is none that the mesh knows.', mend: 'write apiVersion: mcp-mesh.dev/v1 and a known kind' },
  MESH_FIELD_UNKNOWN: { ...invalid, about: 'A key is not part of the manifest.', mend: 'remove it or write the key that was meant' },
  MESH_FIELD_MISSING: { ...invalid, about: 'A required key is absent.', mend: 'add it' },
  MESH_FIELD_TYPE: { ...invalid, about: 'A value has the wrong type.', mend: 'write a value of the type named' },
  MESH_FIELD_INVALID: { ...invalid, about: 'A value is outside what the field takes.', mend: 'write a value as described' },
  MESH_NAME_INVALID: { ...invalid, about: 'A name has characters or a length that names may not have.', mend: 'write a name as described' },
  MESH_VERSION_INVALID: { ...invalid, about: 'A version is not semantic, or a range cannot be read.', mend: 'write a version such as 1.2.0, a range such as ^1.2' },
  MESH_DURATION_INVALID: { ...invalid, about: 'A duration is not one.', mend: 'write a number and a unit: 250ms, 2s, 5m, 1h' },
  MESH_TAG_INVALID: { ...invalid, about: 'A tag or tag term cannot be read.', mend: 'write t, +t or -t' },
  MESH_SECRET_INLINE: { ...invalid, about: 'A secret is written into the manifest.', mend: 'write a reference, ${env:NAME} or ${file:/path}' },
  // manifests: meaning
  MESH_TOOL_DUPLICATE: { ...invalid, about: 'Two tools of an agent have one name.', mend: 'rename one of them' },
  MESH_OFFER_DUPLICATE: { ...invalid, about: 'Two prompts of an agent, or two arguments of one, have one name, or two resources have one URI.', mend: 'rename one of them' },
  MESH_EXPOSURE_UNREACHED: { ...invalid, about: 'An entry of expose matches nothing that an earlier one has not matched, so that what it says never holds.', mend: 'remove it, or move it before the other' },
  MESH_AGENT_DUPLICATE: { ...invalid, about: 'Two manifests describe an agent of one name in one namespace.', mend: 'rename one of them' },
  MESH_HANDLER_MISSING: { ...invalid, about: 'A handler module does not exist.', mend: 'write the path of a file beside the manifest' },
  MESH_HANDLER_INVALID: { ...invalid, about: 'A handler module cannot be read as a module.', mend: 'mend the module' },
  MESH_HANDLER_EXPORT: { ...invalid, about: 'A handler module does not export the name.', mend: 'export it or write the name of an export' },
  MESH_SCHEMA_INVALID: { ...invalid, about: 'A JSON Schema does not compile.', mend: 'write JSON Schema 2020-12' },
  MESH_SCHEMA_REMOTE: { ...invalid, about: 'A JSON Schema refers to the network, which is never read.', mend: 'put the schema beside the manifest and refer to the file' },
  MESH_POLICY_UNKNOWN: { ...invalid, about: 'A policy of that name does not exist.', mend: 'write the name of a shipped policy' },
  MESH_POLICY_DUPLICATE: { ...invalid, about: 'Two policies have one name, or one has that of a shipped policy.', mend: 'rename one of them' },
  MESH_RETRY_UNSAFE: { ...invalid, about: 'A call would be repeated that may not run twice.', mend: 'declare the tool idempotentHint or readOnlyHint where that is true, or do not repeat it' },
  MESH_ARGUMENT_UNKNOWN: { ...invalid, about: 'A policy goes by an argument that the tool does not take.', mend: 'write the name of an argument in the inputSchema of the tool' },
  MESH_CONTRACT_MISMATCH: { ...invalid, about: 'The only tool that could fill a dependency has other schemas than are expected.', mend: 'change what is expected, or the schema of the tool' },
  MESH_VERSION_UNMET: { ...invalid, about: 'A required dependency wants a version that nobody offers.', mend: 'widen the range, or offer a version in it' },
  MESH_PROVIDER_AMBIGUOUS: { ...invalid, about: 'Several agents fill a dependency equally well.', mend: 'prefer one by a tag' },
  MESH_CREDENTIAL_MISSING: { ...invalid, about: 'A dependency leads to an agent that wants a token, and sends none.', mend: 'add auth: { bearer: "${env:NAME}" } to the dependency' },
  MESH_BUDGET_EXCEEDED: { ...invalid, about: 'A timeout is shorter than what it waits for may take.', mend: 'lengthen it, or shorten what is below it' },
  MESH_ATTEMPTS_MULTIPLIED: { ...invalid, about: 'Attempts multiply along a path of calls.', mend: 'repeat at one place of the path' },
  MESH_NAME_LONG: { ...invalid, about: 'A tool is longer than 64 characters once it stands behind the name of its agent.', mend: 'shorten one of the two' },
  MESH_TEXT_HIDDEN: { ...invalid, about: 'A text for models holds characters that people do not see.', mend: 'remove them: meshctl validate --fix does' },
  MESH_TEXT_INSTRUCTING: { ...invalid, about: 'A text for models tells them what to do.', mend: 'say what the tool does' },
  MESH_LINT_INVALID: { ...invalid, about: 'meshlint.yaml is not what it takes.', mend: 'write rules: [{ code, severity, reason }]' },
  MESH_LINT_UNUSED: { ...invalid, about: 'An entry of meshlint.yaml applies to nothing.', mend: 'remove it' },
  MESH_LOCK_INVALID: { ...invalid, about: 'mesh.lock does not exist or cannot be read.', mend: 'write it with meshctl lock' },
  MESH_LOCK_DRIFTED: { ...invalid, about: 'A tool is not what mesh.lock says it is.', mend: 'write it anew with meshctl lock, and have the difference reviewed' },
  MESH_CONSUMER_BROKEN: { ...invalid, about: 'A change takes away what fills the required dependency of another agent.', mend: 'keep what it needs, or change the consumer first' },
  MESH_STEP_SHORT: { ...invalid, about: 'A tool changed by more than its version says.', mend: 'write the version that the change asks for' },
  MESH_HEADER_RESERVED: { ...invalid, about: 'A header is written by the mesh itself, and a manifest may not set it.', mend: 'remove it; a token stands in auth' },
  MESH_DEADLINE_SHORT: { ...invalid, about: 'A time is too short for what is declared to happen within it.', mend: 'raise the deadline, or shorten what has to fit' },
  MESH_TIMEOUT_EXCEEDED: { ...invalid, about: 'An attempt timeout is longer than the deadline of its call.', mend: 'shorten the timeout or lengthen the deadline' },
  MESH_BIND_UNSAFE: { ...invalid, about: 'Anything but loopback would be bound without a token that callers must present.', mend: 'set a token, or bind 127.0.0.1' },
  MESH_DEPENDENCY_CYCLE: { status: 422, exit: 3, about: 'Required dependencies form a cycle.', mend: 'make one of them required: false' },
  MESH_MANIFEST_INVALID: { ...invalid, about: 'A manifest has faults, each listed with its own code.', mend: 'mend each fault listed' },
  // starting
  MESH_SECRET_MISSING: { ...failed, about: 'A reference such as ${env:NAME} leads to nothing.', mend: 'set the variable or write the file' },
  MESH_HANDLER_FAILED: { ...failed, about: 'A handler module failed while it was loaded.', mend: 'mend the module; the cause is given' },
  MESH_PORT_TAKEN: { ...failed, about: 'The port is in use by another process.', mend: 'stop that process, or write another port; 0 takes any free one' },
  MESH_PROCESS_FAILED: { ...failed, about: 'A process ended before it was ready.', mend: 'read its log: meshctl logs <agent>' },
  MESH_HOME_INVALID: { ...failed, about: 'The folder for the state of local processes cannot be made, read or written.', mend: 'set MESH_HOME to a folder of your own' },
  // registry
  MESH_REGISTRY_UNREACHABLE: { status: 503, exit: 5, about: 'The registry does not answer.', mend: 'start one with meshctl start or meshctl registry, or set MESH_REGISTRY_URL' },
  MESH_AGENT_UNREACHABLE: { status: 503, exit: 5, about: 'No live instance of the agent answers.', mend: 'start it with meshctl start' },
  MESH_RESOURCE_MISSING: { status: 404, exit: 4, about: 'Nothing of that name exists.', mend: 'see meshctl list' },
  MESH_ROUTE_MISSING: { status: 404, exit: 1, about: 'The registry has no such path.', mend: 'see docs/registry.md for the paths' },
  MESH_METHOD_REFUSED: { status: 405, exit: 1, about: 'The path does not take that method.', mend: 'use a method named in the header Allow' },
  MESH_LEASE_EXPIRED: { status: 410, exit: 1, about: 'The instance holds no live lease.', mend: 'announce it again with POST /v1/instances' },
  MESH_MANIFEST_REQUIRED: { status: 428, exit: 1, about: 'The registry does not know the announced digest.', mend: 'announce again with the whole manifest' },
  MESH_AGENT_CONFLICT: { status: 409, exit: 1, about: 'A live agent of that name runs another manifest.', mend: 'rename this agent, or apply its manifest with meshctl apply -f' },
  MESH_REVISION_MISSING: { status: 404, exit: 4, about: 'That generation of the agent is not kept.', mend: 'see meshctl rollout history <agent>' },
  MESH_ROLLBACK_FAILED: { ...failed, about: 'An apply failed, and not all that it had done could be taken back.', mend: 'see meshctl rollout history of each agent named, and meshctl rollout undo' },
  MESH_GENERATION_CONFLICT: { status: 409, exit: 1, about: 'The manifest was changed by somebody else in the meantime.', mend: 'read it again and repeat the change' },
  MESH_AGENT_DRIFTED: { status: 409, exit: 1, about: 'A live instance cannot follow the desired manifest.', mend: 'restart the agent with the manifest that was applied' },
  MESH_WAIT_ELAPSED: { status: 504, exit: 1, about: 'What was waited for did not happen in time.', mend: 'wait longer with --timeout; meshctl status says what is wrong' },
  MESH_BODY_INVALID: { status: 400, exit: 1, about: 'The request body is not what the path takes.', mend: 'send JSON as described' },
  MESH_BODY_TOO_LARGE: { status: 413, exit: 1, about: 'The request body is larger than is read.', mend: 'send less' },
  MESH_REQUEST_MALFORMED: { ...usage, about: 'What was sent is no HTTP request.', mend: 'speak HTTP/1.1' },
  MESH_REQUEST_SLOW: { status: 408, exit: 5, about: 'A request did not come whole in time.', mend: 'send it within 10 s' },
  MESH_HEADERS_TOO_LARGE: { status: 431, exit: 2, about: 'The head of a request is larger than is read.', mend: 'send at most 16 KiB of headers' },
  MESH_BODY_TYPE: { status: 415, exit: 1, about: 'The request body is not JSON.', mend: 'send Content-Type: application/json' },
  MESH_LOGIN_REQUIRED: { status: 401, exit: 1, about: 'An MCP server outside of the mesh wants a login that only a person can do.', mend: 'log in with meshctl login <url>' },
  MESH_LOGIN_FAILED: { status: 502, exit: 1, about: 'A login at the authorization server of an MCP server outside of the mesh came to nothing.', mend: 'see what the authorization server says; meshctl logout <url> forgets what is kept of it' },
  MESH_TOKEN_INVALID: { status: 401, exit: 1, about: 'The bearer token is missing or wrong.', mend: 'set MESH_TOKEN to the token of the registry or agent' },
  MESH_HOST_REFUSED: { status: 403, exit: 1, about: 'The Host or Origin header names a place that is not served here.', mend: 'call it by the address that it binds or advertises' },
  MESH_REGISTRY_STOPPING: { status: 503, exit: 5, about: 'The registry is stopping: it finishes what runs.', mend: 'ask another registry, or this one again when it is back' },
  MESH_STORE_UNAVAILABLE: { status: 503, exit: 5, about: 'The store of the registry does not answer.', mend: 'see the log of the registry; it recovers by itself' },
  MESH_INTERNAL_FAILED: { status: 500, exit: 1, about: 'Something failed that nobody foresaw.', mend: 'set MESH_DEBUG=1 and report what is printed' },
  // calls
  MESH_DEPENDENCY_UNRESOLVED: { status: 503, exit: 1, about: 'Nothing fills a required dependency.', mend: 'start a provider of the capability; meshctl get agents says what is offered' },
  MESH_DEADLINE_EXCEEDED: { status: 504, exit: 1, about: 'The call took longer than its deadline.', mend: 'lengthen deadline, or make the provider faster' },
  MESH_TIMEOUT_ELAPSED: { status: 504, exit: 1, about: 'An attempt took longer than its timeout.', mend: 'lengthen timeout, or make the provider faster' },
  MESH_CALL_CANCELLED: { status: 499, exit: 1, about: 'The caller went away.', mend: 'nothing: the work was stopped' },
  MESH_ENDPOINT_UNREACHABLE: { status: 503, exit: 5, about: 'No connection to the endpoint could be made; the call was not executed.', mend: 'see meshctl list for the state of the provider' },
  MESH_ENDPOINT_DRAINING: { status: 503, exit: 1, about: 'The endpoint is leaving; the call was not executed.', mend: 'repeat the call: another endpoint takes it' },
  MESH_BREAKER_OPEN: { status: 503, exit: 1, about: 'Calls to the capability failed too often in a row; this one was not sent.', mend: 'see the last failure named; calls go through again when a probe succeeds' },
  MESH_BULKHEAD_FULL: { status: 503, exit: 1, about: 'As many calls of this dependency are under way and wait as its concurrency allows; this one was not sent.', mend: 'call less at a time, or raise concurrency of the dependency' },
  MESH_CALL_INTERRUPTED: { status: 502, exit: 1, about: 'The connection broke after the call was sent; it may have been executed.', mend: 'repeat the call only if that is safe' },
  MESH_CALL_FORGOTTEN: { status: 409, exit: 1, about: 'A repeat was refused: its first attempt may have been executed, and its answer is not kept.', mend: 'find out whether it was executed before you call again' },
  MESH_KEY_REUSED: { status: 409, exit: 1, about: 'A call has the idempotency key of another call.', mend: 'make a new key for each call; only a repeat of the same tool and arguments keeps it' },
  MESH_CALL_INVALID: { status: 502, exit: 1, about: 'The provider answered something that is not MCP.', mend: 'see the log of the provider' },
  MESH_ANSWER_TOO_LARGE: { status: 502, exit: 1, about: 'An answer, or one chunk of it, is larger than is kept in memory (64 MiB).', mend: 'answer with less, or in chunks' },
  MESH_SERVER_UNAVAILABLE: { status: 503, exit: 1, about: 'The MCP server that the agent wraps does not run or does not answer; the call was not executed.', mend: 'see the log of the agent, meshctl logs <agent>; the server is started or reached again by itself' },
  MESH_TOOL_BUSY: { status: 503, exit: 1, about: 'The tool runs as many calls as its concurrency allows, and as many wait; the call was not executed.', mend: 'repeat the call, another endpoint may take it; or lengthen the queue of the tool' },
  MESH_CALL_REFUSED: { status: 502, exit: 1, about: 'The provider answered a protocol error.', mend: 'see the message of the provider' },
  MESH_TOOL_FAILED: { status: 502, exit: 1, about: 'The tool ran and answered an error.', mend: 'see the message of the tool' },
  MESH_SESSION_INVALID: { status: 400, exit: 1, about: 'A session handle is none that this agent has given out.', mend: 'call the tool without a handle: it begins a session and gives its handle' },
  MESH_SESSION_FOREIGN: { status: 403, exit: 1, about: 'A session handle belongs to another agent, or was given to another caller.', mend: 'use the handle with the agent, and the credential, that it was got with' },
  MESH_SESSION_EXPIRED: { status: 404, exit: 1, about: 'A session has ended, or nobody called it for its ttl.', mend: 'call the tool without a handle: it begins a new session' },
  MESH_SESSION_MOVED: { status: 409, exit: 1, about: 'Another instance took the session over while the call ran; nothing that the call set was kept.', mend: 'repeat the call where that is safe' },
  MESH_SESSION_ELSEWHERE: { status: 503, exit: 1, about: 'A call that was handed to the owner of its session came to another instance; it was not executed.', mend: 'nothing: whoever handed it on looks for the owner again' },
  MESH_SESSION_TOO_LARGE: { status: 413, exit: 1, about: 'A session holds more than 1 MiB of values, or a value that JSON cannot carry.', mend: 'keep large values elsewhere, and a reference to them in the session' },
  MESH_SESSION_UNAVAILABLE: { status: 503, exit: 1, about: 'The store of the sessions does not answer; the call was not executed, or nothing that it set was kept, as the message says.', mend: 'see the log of the agent; it reaches the store again by itself' },
  MESH_CLIENT_INCAPABLE: { status: 400, exit: 1, about: 'A tool asks its client for something that the client does not declare.', mend: 'call it with a client that has the capability, or ask `can(...)` first in the handler' },
  MESH_ANSWER_INVALID: { status: 400, exit: 1, about: 'What a client answered to the question of a tool is no answer to it.', mend: 'answer as the question says' },
  MESH_TASK_UNKNOWN: { status: 404, exit: 4, about: 'There is no such task: its ttl is over, or it was begun by a caller with another credential, or at another agent.', mend: 'call the tool again' },
  MESH_TASK_LOST: { ...failed, about: 'The instance that ran a task ended before it was done, and a call of its tool may not be repeated.', mend: 'see what was done of it, then call the tool again; declare the tool idempotentHint where that is true, and another instance runs it again' },
  MESH_TASK_LIMIT: { status: 429, exit: 1, about: 'An instance keeps as many tasks of a tool as it may, or as much of their results, or a task asks its client for too much at a time; the call was not executed.', mend: 'call again later; or raise task.max of the tool, or shorten its ttl' },
  MESH_TASK_TOO_LARGE: { status: 413, exit: 1, about: 'The result of a task is longer than is kept.', mend: 'keep large results elsewhere, and return a reference to them' },
  MESH_TASK_UNAVAILABLE: { status: 503, exit: 1, about: 'The store of the tasks does not answer.', mend: 'ask again; the agent reaches it again by itself' },
  MESH_ARGUMENTS_INVALID: { status: 400, exit: 1, about: "The arguments do not fit the tool's inputSchema.", mend: 'send arguments as the schema says' },
  MESH_OUTPUT_INVALID: { status: 502, exit: 1, about: 'The tool returned a value that does not fit its outputSchema.', mend: 'mend the handler or the schema' } } as const satisfies Record<string, CodeEntry>

export type Code = keyof typeof codes
