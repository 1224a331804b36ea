/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > agent-duplicate.yaml 1`] = `
test/fixtures/manifests/invalid/agent-duplicate.yaml:15:9: error MESH_AGENT_DUPLICATE: agent "default/hello" is described already, at test/fixtures/manifests/invalid/agent-duplicate.yaml:5:9
  15 |   name: hello
     |         ^^^^^
  mend: write another name, such as hello-2, or another namespace
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > api-version-unknown.yaml 1`] = `
test/fixtures/manifests/invalid/api-version-unknown.yaml:2:13: error MESH_KIND_UNKNOWN: apiVersion "mcp-mesh.dev/v2" is none that the mesh knows
  2 | apiVersion: mcp-mesh.dev/v2
    |             ^^^^^^^^^^^^^^^
  mend: write mcp-mesh.dev/v1
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > argument-unknown.yaml 1`] = `
test/fixtures/manifests/invalid/argument-unknown.yaml:15:19: error MESH_ARGUMENT_UNKNOWN: hashOn is "sesion_id", and default/provider.date takes no such argument
  15 |           hashOn: sesion_id
     |                   ^^^^^^^^^
  mend: write session_id
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > bind-unsafe-default.yaml 1`] = `
test/fixtures/manifests/invalid/bind-unsafe-default.yaml:8:17: error MESH_BIND_UNSAFE: http.host "\${env:HOST:-0.0.0.0}" is reached from other machines, and spec.auth does not say what callers must present
  8 |   http: { host: "\${env:HOST:-0.0.0.0}" }
    |                 ^^^^^^^^^^^^^^^^^^^^^^
  mend: add auth: { bearer: "\${env:MESH_TOKEN}" } to spec, or write 127.0.0.1
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > bind-unsafe.yaml 1`] = `
test/fixtures/manifests/invalid/bind-unsafe.yaml:8:17: error MESH_BIND_UNSAFE: http.host "0.0.0.0" is reached from other machines, and spec.auth does not say what callers must present
  8 |   http: { host: 0.0.0.0, port: 9090 }
    |                 ^^^^^^^
  mend: add auth: { bearer: "\${env:MESH_TOKEN}" } to spec, or write 127.0.0.1
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > call-policy-field.yaml 1`] = `
test/fixtures/manifests/invalid/call-policy-field.yaml:5:18: error MESH_DURATION_INVALID: spec.timeout is "1 s"; it takes a number and a unit: ms, s, m or h
  5 | spec: { timeout: 1 s, retrys: 3 }
    |                  ^^^
  mend: write 1s
test/fixtures/manifests/invalid/call-policy-field.yaml:5:23: error MESH_FIELD_UNKNOWN: spec has no key "retrys"
  5 | spec: { timeout: 1 s, retrys: 3 }
    |                       ^^^^^^
  mend: write retries
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > call-policy-timeout.yaml 1`] = `
test/fixtures/manifests/invalid/call-policy-timeout.yaml:5:18: error MESH_TIMEOUT_EXCEEDED: spec has a timeout of 9s for one attempt, longer than its deadline of 3s for the whole call
  5 | spec: { timeout: 9s, deadline: 3s }
    |                  ^^
  mend: write a timeout of at most 3s, or raise deadline to 9s
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > deadline-short.yaml 1`] = `
test/fixtures/manifests/invalid/deadline-short.yaml:14:32: warning MESH_DEADLINE_SHORT: 5 attempts of 3s and their pauses do not fit into the deadline of 10s: where each takes its whole time, 4 begin
  14 |           retries: { attempts: 5 }
     |                                ^
  mend: write attempts: 4, shorten timeout, or raise deadline
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > dependencies-of-offers.yaml 1`] = `
test/fixtures/manifests/invalid/dependencies-of-offers.yaml:12:7: error MESH_FIELD_INVALID: spec.resources[0].dependencies has no handler to be given to
  12 |       dependencies: { date: { capability: date } }
     |       ^^^^^^^^^^^^
  mend: remove it, or write a handler
test/fixtures/manifests/invalid/dependencies-of-offers.yaml:17:35: error MESH_FIELD_UNKNOWN: dependency "date" has no key "timout"
  17 |         date: { capability: date, timout: 1s }
     |                                   ^^^^^^
  mend: write timeout
test/fixtures/manifests/invalid/dependencies-of-offers.yaml:18:9: error MESH_FIELD_MISSING: dependency "zone" has no capability
  18 |         zone: { version: ^1 }
     |         ^^^^
  mend: add capability: date_service
test/fixtures/manifests/invalid/dependencies-of-offers.yaml:19:44: error MESH_TIMEOUT_EXCEEDED: spec.resources[1].dependencies.late has a timeout of 5s for one attempt, longer than its deadline of 1s for the whole call
  19 |         late: { capability: date, timeout: 5s, deadline: 1s }
     |                                            ^^
  mend: write a timeout of at most 1s, or raise deadline to 5s
test/fixtures/manifests/invalid/dependencies-of-offers.yaml:21:13: error MESH_OFFER_DUPLICATE: two resources with dependencies are named "b", and the mesh knows both as "resource:b": spec.resources[1] and spec.resources[2]
  21 |       name: b
     |             ^
  mend: write b_2
test/fixtures/manifests/invalid/dependencies-of-offers.yaml:24:51: error MESH_SECRET_INLINE: spec.resources[2].dependencies.date.auth.bearer holds a secret itself; it takes a reference, which only the runtime resolves
  24 |         date: { capability: date, auth: { bearer: ****** } }
     |                                                   ^^^^^^
  mend: write "\${env:DATE_TOKEN}", or "\${file:/run/secrets/…}" for a file
test/fixtures/manifests/invalid/dependencies-of-offers.yaml:25:70: error MESH_FILE_MISSING: the schema file ./handlers/gone.json does not exist
  25 |         facts: { capability: facts, expects: { outputSchema: { $ref: ./handlers/gone.json } } }
     |                                                                      ^^^^^^^^^^^^^^^^^^^^
  mend: write the path of a file beside the manifest
test/fixtures/manifests/invalid/dependencies-of-offers.yaml:30:44: error MESH_VERSION_INVALID: spec.prompts[0].dependencies.date.version "newest" is no range of versions
  30 |         date: { capability: date, version: newest }
     |                                            ^^^^^^
  mend: write "*", or remove the key
test/fixtures/manifests/invalid/dependencies-of-offers.yaml:31:51: error MESH_TAG_INVALID: "fast" and "-fast" contradict each other: the tag "fast" cannot be both there and not there
  31 |         tagged: [{ capability: date, tags: [fast, -fast] }, { capability: date, required: false }]
     |                                                   ^^^^^
  mend: keep "fast" or "-fast"
test/fixtures/manifests/invalid/dependencies-of-offers.yaml:31:91: error MESH_FIELD_INVALID: spec.prompts[0].dependencies.tagged is one dependency with several alternatives, and the first says that required is true
  31 | …-fast] }, { capability: date, required: false }]
     |                                          ^^^^^
  mend: remove it here, or write required: false in the first alternative
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > duration-number.yaml 1`] = `
test/fixtures/manifests/invalid/duration-number.yaml:11:16: error MESH_DURATION_INVALID: spec.tools[0].timeout is the number 10; it takes a number and a unit: ms, s, m or h
  11 |       timeout: 10
     |                ^^
  mend: write 10s, or 10ms if milliseconds were meant
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > duration-too-long.yaml 1`] = `
test/fixtures/manifests/invalid/duration-too-long.yaml:11:16: error MESH_DURATION_INVALID: spec.tools[0].timeout is "1000h", longer than a timer runs (24 days)
  11 |       timeout: 1000h
     |                ^^^^^
  mend: write at most 596h
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > duration-words.yaml 1`] = `
test/fixtures/manifests/invalid/duration-words.yaml:14:20: error MESH_DURATION_INVALID: spec.tools[0].dependencies.date.timeout is "2 seconds"; it takes a number and a unit: ms, s, m or h
  14 |           timeout: 2 seconds
     |                    ^^^^^^^^^
  mend: write 2s
test/fixtures/manifests/invalid/duration-words.yaml:15:21: error MESH_DURATION_INVALID: spec.tools[0].dependencies.date.deadline is "1m30s"; it takes a number and a unit: ms, s, m or h
  15 |           deadline: 1m30s
     |                     ^^^^^
  mend: write 90s
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > duration-zero.yaml 1`] = `
test/fixtures/manifests/invalid/duration-zero.yaml:11:16: error MESH_DURATION_INVALID: spec.tools[0].timeout is "0s"; it has to be longer than nothing
  11 |       timeout: 0s
     |                ^^
  mend: write at least 1ms, or remove the key for the default
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > exposures.yaml 1`] = `
test/fixtures/manifests/invalid/exposures.yaml:9:7: error MESH_EXPOSURE_UNREACHED: spec.expose[1] is never reached: spec.expose[0] matches all that it does
  9 |     - { agents: [mail], prefix: post }
    |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: remove it, or move it before spec.expose[0]
test/fixtures/manifests/invalid/exposures.yaml:10:27: error MESH_FIELD_INVALID: "*" is every namespace, "reports" among them
  10 |     - { namespaces: ['*', reports], tags: [public] }
     |                           ^^^^^^^
  mend: remove "reports", or remove "*"
test/fixtures/manifests/invalid/exposures.yaml:11:7: error MESH_EXPOSURE_UNREACHED: spec.expose[3] is never reached: spec.expose[2] matches all that it does
  11 |     - { namespaces: [reports], tags: [-old, public] }
     |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: remove it, or move it before spec.expose[2]
test/fixtures/manifests/invalid/exposures.yaml:12:32: error MESH_FIELD_INVALID: "search" stands twice in spec.expose[4].capabilities
  12 |     - { capabilities: [search, search], tags: [+fast, a, -a] }
     |                                ^^^^^^
  mend: remove one of the two
test/fixtures/manifests/invalid/exposures.yaml:12:48: error MESH_TAG_INVALID: "+fast" prefers a tag, and a gateway shows a tool or does not
  12 |     - { capabilities: [search, search], tags: [+fast, a, -a] }
     |                                                ^^^^^
  mend: write fast where the tag must be there, or remove it
test/fixtures/manifests/invalid/exposures.yaml:12:58: error MESH_TAG_INVALID: "a" and "-a" contradict each other: the tag "a" cannot be both there and not there
  12 |     - { capabilities: [search, search], tags: [+fast, a, -a] }
     |                                                          ^^
  mend: keep "a" or "-a"
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > fault-behind-anchor.yaml 1`] = `
test/fixtures/manifests/invalid/fault-behind-anchor.yaml:11:75: error MESH_SCHEMA_INVALID: "strng" is no type of JSON Schema
  11 |       inputSchema: &arguments { type: object, properties: { name: { type: strng } } }
     |                                                                           ^^^^^
  mend: write string
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-invalid-advertise.yaml 1`] = `
test/fixtures/manifests/invalid/field-invalid-advertise.yaml:8:22: error MESH_FIELD_INVALID: spec.http.advertise is "hello.internal:9090/mcp"; it takes a URL that starts with http:// or https://, or a reference
  8 |   http: { advertise: "hello.internal:9090/mcp" }
    |                      ^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: write http://hello.internal:9090/mcp
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-invalid-alternatives-disagree.yaml 1`] = `
test/fixtures/manifests/invalid/field-invalid-alternatives-disagree.yaml:14:46: error MESH_FIELD_INVALID: spec.tools[0].dependencies.date is one dependency with several alternatives, and the first says that required is true
  14 |           - { capability: archive, required: false }
     |                                              ^^^^^
  mend: remove it here, or write required: false in the first alternative
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-invalid-handler-bare.yaml 1`] = `
test/fixtures/manifests/invalid/field-invalid-handler-bare.yaml:10:16: error MESH_FIELD_INVALID: spec.tools[0].handler is "handlers/hello:hello"; it takes a module beside the manifest (.ts, .mts, .js or .mjs) and, after #, its export
  10 |       handler: handlers/hello:hello
     |                ^^^^^^^^^^^^^^^^^^^^
  mend: write ./handlers/hello.ts#hello
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-invalid-handler-python.yaml 1`] = `
test/fixtures/manifests/invalid/field-invalid-handler-python.yaml:10:16: error MESH_FIELD_INVALID: spec.tools[0].handler is "./hello.py:hello"; it takes a module beside the manifest (.ts, .mts, .js or .mjs) and, after #, its export
  10 |       handler: ./hello.py:hello
     |                ^^^^^^^^^^^^^^^^
  mend: write ./hello.ts#hello
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-invalid-path.yaml 1`] = `
test/fixtures/manifests/invalid/field-invalid-path.yaml:8:17: error MESH_FIELD_INVALID: spec.http.path is "mcp/"; it takes a path that starts with "/", without one at its end
  8 |   http: { path: mcp/ }
    |                 ^^^^
  mend: write /mcp
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-invalid-port-range.yaml 1`] = `
test/fixtures/manifests/invalid/field-invalid-port-range.yaml:8:17: error MESH_FIELD_INVALID: spec.http.port is 70000; it takes 0 to 65535
  8 |   http: { port: 70000 }
    |                 ^^^^^
  mend: write a number from 0 to 65535
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-invalid-reference.yaml 1`] = `
test/fixtures/manifests/invalid/field-invalid-reference.yaml:8:18: error MESH_FIELD_INVALID: "\${HOST}" is no reference that the mesh reads
  8 |   http: { host: "\${HOST}" }
    |                  ^^^^^^^
  mend: write \${env:HOST}, \${env:HOST:-default} or \${file:/path}
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-invalid-tags-twice.yaml 1`] = `
test/fixtures/manifests/invalid/field-invalid-tags-twice.yaml:11:29: error MESH_FIELD_INVALID: spec.tools[0].tags has "demo" twice
  11 |       tags: [demo, english, demo]
     |                             ^^^^
  mend: remove one of the two
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-invalid-tools-empty.yaml 1`] = `
test/fixtures/manifests/invalid/field-invalid-tools-empty.yaml:8:10: error MESH_FIELD_INVALID: spec.tools is an empty list
  8 |   tools: []
    |          ^^
  mend: add { name: hello, handler: ./hello.ts#hello }
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-missing-capability.yaml 1`] = `
test/fixtures/manifests/invalid/field-missing-capability.yaml:12:9: error MESH_FIELD_MISSING: dependency "date" has no capability
  12 |         date:
     |         ^^^^
  mend: add capability: date_service
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-missing-handler.yaml 1`] = `
test/fixtures/manifests/invalid/field-missing-handler.yaml:9:7: error MESH_FIELD_MISSING: tool "hello" has no handler
  9 |     - name: hello
    |       ^^^^
  mend: add handler: ./hello.ts#hello
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-missing-in-alternative.yaml 1`] = `
test/fixtures/manifests/invalid/field-missing-in-alternative.yaml:14:13: error MESH_FIELD_MISSING: spec.tools[0].dependencies.date[1] has no capability
  14 |           - tags: [cold]
     |             ^^^^
  mend: add capability: date_service
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-missing-metadata.yaml 1`] = `
test/fixtures/manifests/invalid/field-missing-metadata.yaml:2:1: error MESH_FIELD_MISSING: the manifest has no metadata
  2 | apiVersion: mcp-mesh.dev/v1
    | ^^^^^^^^^^
  mend: add metadata: { name: hello-world }
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-missing-several.yaml 1`] = `
test/fixtures/manifests/invalid/field-missing-several.yaml:4:1: error MESH_FIELD_MISSING: metadata has no name
  4 | metadata:
    | ^^^^^^^^
  mend: add name: hello-world
test/fixtures/manifests/invalid/field-missing-several.yaml:6:1: error MESH_FIELD_MISSING: spec has no tools
  6 | spec:
    | ^^^^
  mend: add tools: [{ name: hello, handler: ./hello.ts#hello }]
test/fixtures/manifests/invalid/field-missing-several.yaml:6:1: error MESH_FIELD_MISSING: spec has no version
  6 | spec:
    | ^^^^
  mend: add version: 1.0.0
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-type-dependency-as-text.yaml 1`] = `
test/fixtures/manifests/invalid/field-type-dependency-as-text.yaml:11:29: error MESH_FIELD_TYPE: spec.tools[0].dependencies.date is the text "date_service"; it takes a mapping of keys to values or a list
  11 |       dependencies: { date: date_service }
     |                             ^^^^^^^^^^^^
  mend: write { capability: date_service }
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-type-empty.yaml 1`] = `
test/fixtures/manifests/invalid/field-type-empty.yaml:8:3: error MESH_FIELD_TYPE: spec.tools is empty; it takes a list
  8 |   tools:
    |   ^^^^^
  mend: write [{ name: hello, handler: ./hello.ts#hello }]
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-type-label-number.yaml 1`] = `
test/fixtures/manifests/invalid/field-type-label-number.yaml:6:19: error MESH_FIELD_TYPE: metadata.labels.tier is the number 1; it takes text
  6 |   labels: { tier: 1 }
    |                   ^
  mend: put it in quotes: "1"
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-type-norway.yaml 1`] = `
test/fixtures/manifests/invalid/field-type-norway.yaml:14:21: error MESH_FIELD_TYPE: spec.tools[0].dependencies.date.required is the text "no"; it takes true or false
  14 |           required: no
     |                     ^^
  mend: write false
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-type-policy.yaml 1`] = `
test/fixtures/manifests/invalid/field-type-policy.yaml:8:11: error MESH_FIELD_TYPE: spec.policy is the number 3; it takes text or a mapping of keys to values
  8 |   policy: 3
    |           ^
  mend: write patient
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-type-port.yaml 1`] = `
test/fixtures/manifests/invalid/field-type-port.yaml:8:17: error MESH_FIELD_TYPE: spec.http.port is the text "9090"; it takes a whole number
  8 |   http: { port: "9090" }
    |                 ^^^^^^
  mend: write 9090, without quotes
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-type-reference-as-port.yaml 1`] = `
test/fixtures/manifests/invalid/field-type-reference-as-port.yaml:8:17: error MESH_FIELD_TYPE: spec.http.port is the text "\${env:PORT}"; it takes a whole number
  8 |   http: { port: "\${env:PORT}" }
    |                 ^^^^^^^^^^^^^
  mend: write 9090
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-type-tags-as-text.yaml 1`] = `
test/fixtures/manifests/invalid/field-type-tags-as-text.yaml:11:13: error MESH_FIELD_TYPE: spec.tools[0].tags is the text "demo"; it takes a list
  11 |       tags: demo
     |             ^^^^
  mend: write [demo]
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-type-tools-as-map.yaml 1`] = `
test/fixtures/manifests/invalid/field-type-tools-as-map.yaml:9:5: error MESH_FIELD_TYPE: spec.tools is a mapping; it takes a list
  9 |     hello: { handler: ./handlers/hello.ts#hello }
    |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: write a list: begin each entry with a dash
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-unknown-at-root.yaml 1`] = `
test/fixtures/manifests/invalid/field-unknown-at-root.yaml:11:1: error MESH_FIELD_UNKNOWN: a manifest has no key "status"
  11 | status: {}
     | ^^^^^^
  mend: remove it
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-unknown-elsewhere.yaml 1`] = `
test/fixtures/manifests/invalid/field-unknown-elsewhere.yaml:8:3: error MESH_FIELD_UNKNOWN: spec has no key "port"
  8 |   port: 9090
    |   ^^^^
  mend: put it under spec.http, or remove it
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-unknown-far.yaml 1`] = `
test/fixtures/manifests/invalid/field-unknown-far.yaml:8:3: error MESH_FIELD_UNKNOWN: spec has no key "replicas"
  8 |   replicas: 3
    |   ^^^^^^^^
  mend: remove it; what may also stand here is description, icons, http, auth, cache, seal, policy, settle, health, session, server, resources, …
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-unknown-in-annotations.yaml 1`] = `
test/fixtures/manifests/invalid/field-unknown-in-annotations.yaml:11:22: error MESH_FIELD_UNKNOWN: spec.tools[0].annotations has no key "readonlyHint"
  11 |       annotations: { readonlyHint: true }
     |                      ^^^^^^^^^^^^
  mend: write readOnlyHint
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-unknown-in-dependency.yaml 1`] = `
test/fixtures/manifests/invalid/field-unknown-in-dependency.yaml:14:11: error MESH_FIELD_UNKNOWN: dependency "date" has no key "shards"
  14 |           shards: 3
     |           ^^^^^^
  mend: remove it; what may also stand here is version, tags, expects, pins, required, timeout, deadline, retries, hedge, breaker, concurrency, ejection, …
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-unknown-near.yaml 1`] = `
test/fixtures/manifests/invalid/field-unknown-near.yaml:11:7: error MESH_FIELD_UNKNOWN: tool "hello" has no key "input_schema"
  11 |       input_schema: { type: object }
     |       ^^^^^^^^^^^^
  mend: write inputSchema
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-unknown-other-word.yaml 1`] = `
test/fixtures/manifests/invalid/field-unknown-other-word.yaml:10:7: error MESH_FIELD_UNKNOWN: tool "hello" has no key "function"
  10 |       function: ./handlers/hello.ts#hello
     |       ^^^^^^^^
  mend: write handler
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > field-unknown-secret-on-line.yaml 1`] = `
test/fixtures/manifests/invalid/field-unknown-secret-on-line.yaml:8:11: error MESH_FIELD_UNKNOWN: spec.auth has no key "apiKey"
  8 |   auth: { apiKey: ************ }
    |           ^^^^^^
  mend: write bearer
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > gateway-fields.yaml 1`] = `
test/fixtures/manifests/invalid/gateway-fields.yaml:6:12: error MESH_VERSION_INVALID: spec.version is "v1"; it takes a semantic version of three numbers
  6 |   version: v1
    |            ^^
  mend: write 1.0.0
test/fixtures/manifests/invalid/gateway-fields.yaml:7:17: error MESH_BIND_UNSAFE: http.host "0.0.0.0" is reached from other machines, and spec.auth does not say what callers must present
  7 |   http: { host: 0.0.0.0 }
    |                 ^^^^^^^
  mend: add auth: { bearer: "\${env:MESH_TOKEN}" } to spec, or write 127.0.0.1
test/fixtures/manifests/invalid/gateway-fields.yaml:8:11: error MESH_POLICY_UNKNOWN: no policy is named "patientt"; there are critical, default, patient
  8 |   policy: patientt
    |           ^^^^^^^^
  mend: write patient
test/fixtures/manifests/invalid/gateway-fields.yaml:9:11: error MESH_FIELD_INVALID: spec.prefix is "never"; it takes one of collisions, always
  9 |   prefix: never
    |           ^^^^^
  mend: write collisions
test/fixtures/manifests/invalid/gateway-fields.yaml:10:3: error MESH_FIELD_UNKNOWN: spec has no key "tools"
  10 |   tools: []
     |   ^^^^^
  mend: remove it; what may also stand here is description, auth, seal, search
test/fixtures/manifests/invalid/gateway-fields.yaml:12:22: error MESH_NAME_INVALID: spec.expose[0].namespaces[0] is "All"; it takes "*", or the name of a namespace
  12 |     - { namespaces: [All], prefix: not-, auth: { bearer: *************** } }
     |                      ^^^
  mend: write default
test/fixtures/manifests/invalid/gateway-fields.yaml:12:36: error MESH_NAME_INVALID: spec.expose[0].prefix is "not-"; it takes letters, digits, "_" and "-", with a letter or digit at both ends
  12 |     - { namespaces: [All], prefix: not-, auth: { bearer: *************** } }
     |                                    ^^^^
  mend: write not
test/fixtures/manifests/invalid/gateway-fields.yaml:12:58: error MESH_SECRET_INLINE: spec.expose[0].auth.bearer holds a secret itself; it takes a reference, which only the runtime resolves
  12 |     - { namespaces: [All], prefix: not-, auth: { bearer: *************** } }
     |                                                          ^^^^^^^^^^^^^^^
  mend: write "\${env:MESH_TOKEN}", or "\${file:/run/secrets/…}" for a file
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > gateway-pinned.yaml 1`] = `
test/fixtures/manifests/invalid/gateway-pinned.yaml:9:31: error MESH_FIELD_INVALID: spec.expose[0] is pinned, and without spec.search every tool is listed
  9 |     - { tags: [core], pinned: true }
    |                               ^^^^
  mend: add search: true to spec, or remove pinned
test/fixtures/manifests/invalid/gateway-pinned.yaml:10:34: error MESH_FIELD_INVALID: spec.expose[1] is pinned, and without spec.search every tool is listed
  10 |     - { agents: [files], pinned: true }
     |                                  ^^^^
  mend: add search: true to spec, or remove pinned
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > handler-enum.yaml 1`] = `
test/fixtures/manifests/invalid/handler-enum.yaml:10:16: error MESH_HANDLER_INVALID: the handler module ./handlers/enum.ts is not one that can be loaded: TypeScript enum is not supported in strip-only mode (line 1, column 8)
  10 |       handler: ./handlers/enum.ts#hello
     |                ^^^^^^^^^^^^^^^^^^
  mend: mend ./handlers/enum.ts; types are stripped and not compiled, so enums and namespaces cannot be used
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > handler-export-default.yaml 1`] = `
test/fixtures/manifests/invalid/handler-export-default.yaml:10:16: error MESH_HANDLER_EXPORT: ./handlers/hello.ts has no default export; it exports hello, bye
  10 |       handler: ./handlers/hello.ts
     |                ^^^^^^^^^^^^^^^^^^^
  mend: write ./handlers/hello.ts#hello, or add a default export
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > handler-export-type.yaml 1`] = `
test/fixtures/manifests/invalid/handler-export-type.yaml:10:36: error MESH_HANDLER_EXPORT: ./handlers/hello.ts exports "Greeting" as a type only, which is gone when it runs
  10 |       handler: ./handlers/hello.ts#Greeting
     |                                    ^^^^^^^^
  mend: add "export function Greeting" to ./handlers/hello.ts
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > handler-export.yaml 1`] = `
test/fixtures/manifests/invalid/handler-export.yaml:10:36: error MESH_HANDLER_EXPORT: ./handlers/hello.ts does not export "helo"; it exports hello, bye
  10 |       handler: ./handlers/hello.ts#helo
     |                                    ^^^^
  mend: write hello
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > handler-extension.yaml 1`] = `
test/fixtures/manifests/invalid/handler-extension.yaml:10:16: error MESH_HANDLER_MISSING: the handler module ./handlers/hello.js does not exist
  10 |       handler: ./handlers/hello.js#hello
     |                ^^^^^^^^^^^^^^^^^^^
  mend: write ./handlers/hello.ts
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > handler-missing.yaml 1`] = `
test/fixtures/manifests/invalid/handler-missing.yaml:10:16: error MESH_HANDLER_MISSING: the handler module ./handlers/helo.ts does not exist
  10 |       handler: ./handlers/helo.ts#hello
     |                ^^^^^^^^^^^^^^^^^^
  mend: write ./handlers/hello.ts
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > handler-syntax-js.yaml 1`] = `
test/fixtures/manifests/invalid/handler-syntax-js.yaml:10:16: error MESH_HANDLER_INVALID: the handler module ./handlers/broken.mjs is not one that can be loaded: it cannot be parsed (line 4, column 1)
  10 |       handler: ./handlers/broken.mjs#hello
     |                ^^^^^^^^^^^^^^^^^^^^^
  mend: mend ./handlers/broken.mjs
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > handler-syntax.yaml 1`] = `
test/fixtures/manifests/invalid/handler-syntax.yaml:10:16: error MESH_HANDLER_INVALID: the handler module ./handlers/broken.ts is not one that can be loaded: Expected ',', got 'string literal' (line 2, column 10)
  10 |       handler: ./handlers/broken.ts#hello
     |                ^^^^^^^^^^^^^^^^^^^^
  mend: mend ./handlers/broken.ts
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > hash-argument-alone.yaml 1`] = `
test/fixtures/manifests/invalid/hash-argument-alone.yaml:14:11: error MESH_FIELD_INVALID: hashOn does nothing with balance: auto
  14 |           hashOn: session_id
     |           ^^^^^^
  mend: add balance: consistent-hash, or remove hashOn
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > hash-without-argument.yaml 1`] = `
test/fixtures/manifests/invalid/hash-without-argument.yaml:14:20: error MESH_FIELD_MISSING: spec.tools[0].dependencies.date balances by consistent-hash and names no argument to go by
  14 |           balance: consistent-hash
     |                    ^^^^^^^^^^^^^^^
  mend: add hashOn: session_id, with the name of an argument
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > header-name.yaml 1`] = `
test/fixtures/manifests/invalid/header-name.yaml:14:22: error MESH_FIELD_INVALID: spec.tools[0].dependencies.date.headers has the key "X Version"; a key there takes the name of a header: letters, digits and dashes
  14 |           headers: { "X Version": v2 }
     |                      ^^^^^^^^^^^
  mend: write X-Version
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > header-reserved.yaml 1`] = `
test/fixtures/manifests/invalid/header-reserved.yaml:14:22: error MESH_HEADER_RESERVED: the header "Authorization" is not for a manifest to set
  14 |           headers: { Authorization: ***************, Content-Type: text/plain, Mcp-Name: x, traceparent: y }
     |                      ^^^^^^^^^^^^^
  mend: write auth: { bearer: "\${env:TOKEN}" } beside headers
test/fixtures/manifests/invalid/header-reserved.yaml:14:54: error MESH_HEADER_RESERVED: the header "Content-Type" is not for a manifest to set
  14 |           headers: { Authorization: ***************, Content-Type: text/plain, Mcp-Name: x, traceparent: y }
     |                                                      ^^^^^^^^^^^^
  mend: remove it: the mesh writes it by itself where it is needed
test/fixtures/manifests/invalid/header-reserved.yaml:14:80: error MESH_HEADER_RESERVED: the header "Mcp-Name" is not for a manifest to set
  14 |           headers: { Authorization: ***************, Content-Type: text/plain, Mcp-Name: x, traceparent: y }
     |                                                                                ^^^^^^^^
  mend: remove it: the mesh writes it by itself where it is needed
test/fixtures/manifests/invalid/header-reserved.yaml:14:93: error MESH_HEADER_RESERVED: the header "traceparent" is not for a manifest to set
  14 | … Content-Type: text/plain, Mcp-Name: x, traceparent: y }
     |                                          ^^^^^^^^^^^
  mend: remove it: the mesh writes it by itself where it is needed
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > header-secret.yaml 1`] = `
test/fixtures/manifests/invalid/header-secret.yaml:15:24: error MESH_SECRET_INLINE: the header "X-Api-Key" is taken for a secret, and its value is not a reference alone, which only the runtime resolves
  15 |             X-Api-Key: ******
     |                        ^^^^^^
  mend: write "\${env:X_API_KEY}", or "\${file:/run/secrets/…}" for a file; a reference to a secret has no default
test/fixtures/manifests/invalid/header-secret.yaml:16:21: error MESH_SECRET_INLINE: the header "Cookie" is taken for a secret, and its value is not a reference alone, which only the runtime resolves
  16 |             Cookie: ********
     |                     ^^^^^^^^
  mend: write "\${env:COOKIE}", or "\${file:/run/secrets/…}" for a file; a reference to a secret has no default
test/fixtures/manifests/invalid/header-secret.yaml:17:24: error MESH_SECRET_INLINE: the header "X-Version" is taken for a secret, and its value is not a reference alone, which only the runtime resolves
  17 |             X-Version: *************
     |                        ^^^^^^^^^^^^^
  mend: write "\${env:X_VERSION}", or "\${file:/run/secrets/…}" for a file; a reference to a secret has no default
test/fixtures/manifests/invalid/header-secret.yaml:18:22: error MESH_SECRET_INLINE: the header "X-Token" is taken for a secret, and its value is not a reference alone, which only the runtime resolves
  18 |             X-Token: **********************
     |                      ^^^^^^^^^^^^^^^^^^^^^^
  mend: write "\${env:X_TOKEN}", or "\${file:/run/secrets/…}" for a file; a reference to a secret has no default
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > header-value.yaml 1`] = `
test/fixtures/manifests/invalid/header-value.yaml:15:24: error MESH_FIELD_INVALID: spec.tools[0].dependencies.date.headers.X-Version has characters that no header may have
  15 |             X-Version: "v2\\r\\nX-Other: x"
     |                        ^^^^^^^^^^^^^^^^^^
  mend: write at most 4096 printable ASCII characters on one line
test/fixtures/manifests/invalid/header-value.yaml:16:22: error MESH_FIELD_INVALID: the header "X-Stage" has a reference that the mesh does not read
  16 |             X-Stage: "\${STAGE}"
     |                      ^^^^^^^^^^
  mend: write \${env:NAME}, \${env:NAME:-default} or \${file:/path}
test/fixtures/manifests/invalid/header-value.yaml:17:13: error MESH_FIELD_INVALID: "X-Stage" and "x-stage" are one header, whatever the case of its letters
  17 |             x-stage: dev
     |             ^^^^^^^
  mend: keep one of the two
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > icons.yaml 1`] = `
test/fixtures/manifests/invalid/icons.yaml:7:18: error MESH_FIELD_INVALID: spec.icons[0].src is "http://example.com/icon.png"; it takes an address by https:, or a picture as data:image
  7 |   icons: [{ src: 'http://example.com/icon.png' }]
    |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: write https://example.com/icon.png
test/fixtures/manifests/invalid/icons.yaml:9:73: error MESH_FIELD_INVALID: spec.tools[0].icons[0].src is "javascript:alert(1)"; it takes an address by https:, or a picture as data:image
  9 |     - { name: hello, handler: ./handlers/hello.ts#hello, icons: [{ src: 'javascript:alert(1)' }] }
    |                                                                         ^^^^^^^^^^^^^^^^^^^^^
  mend: write https://example.com/icon.png
test/fixtures/manifests/invalid/icons.yaml:11:59: error MESH_FIELD_INVALID: spec.resources[0].icons[0].src is "data:text/html,x"; it takes an address by https:, or a picture as data:image
  11 |     - { uri: 'docs://a', name: a, text: A, icons: [{ src: 'data:text/html,x', theme: dim }] }
     |                                                           ^^^^^^^^^^^^^^^^^^
  mend: write https://example.com/icon.png
test/fixtures/manifests/invalid/icons.yaml:11:86: error MESH_FIELD_INVALID: spec.resources[0].icons[0].theme is "dim"; it takes one of light, dark
  11 | …ons: [{ src: 'data:text/html,x', theme: dim }] }
     |                                          ^^^
  mend: write light
test/fixtures/manifests/invalid/icons.yaml:15:17: error MESH_FIELD_MISSING: spec.prompts[0].icons[0] has no src
  15 |       icons: [{ sizes: [48x48], mimeType: text/html }, { src: 'https://a.example/i.svg', sizes: [48px] }]
     |                 ^^^^^
  mend: add src: https://example.com/icon.png
test/fixtures/manifests/invalid/icons.yaml:15:43: error MESH_FIELD_INVALID: spec.prompts[0].icons[0].mimeType is "text/html"; it takes one of image/png, image/jpeg, image/svg+xml, image/webp, image/avif, image/gif, image/x-icon
  15 |       icons: [{ sizes: [48x48], mimeType: text/html }, { src: 'https://a.example/i.svg', sizes: [48px] }]
     |                                           ^^^^^^^^^
  mend: write image/png
test/fixtures/manifests/invalid/icons.yaml:15:98: error MESH_FIELD_INVALID: spec.prompts[0].icons[1].sizes[0] is "48px"; it takes a width and a height in pixels, or any
  15 | …src: 'https://a.example/i.svg', sizes: [48px] }]
     |                                          ^^^^
  mend: write 48x48
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > kind-missing.yaml 1`] = `
test/fixtures/manifests/invalid/kind-missing.yaml:2:1: error MESH_FIELD_MISSING: the manifest has no kind
  2 | apiVersion: mcp-mesh.dev/v1
    | ^^^^^^^^^^
  mend: add kind: Agent
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > kind-of-kubernetes.yaml 1`] = `
test/fixtures/manifests/invalid/kind-of-kubernetes.yaml:2:13: error MESH_KIND_UNKNOWN: apiVersion "v1" is none that the mesh knows
  2 | apiVersion: v1
    |             ^^
  mend: write mcp-mesh.dev/v1
test/fixtures/manifests/invalid/kind-of-kubernetes.yaml:3:7: error MESH_KIND_UNKNOWN: kind "ConfigMap" is none that the mesh knows
  3 | kind: ConfigMap
    |       ^^^^^^^^^
  mend: write one of Agent, CallPolicy, Gateway
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > kind-unknown.yaml 1`] = `
test/fixtures/manifests/invalid/kind-unknown.yaml:3:7: error MESH_KIND_UNKNOWN: kind "agent" is none that the mesh knows
  3 | kind: agent
    |       ^^^^^
  mend: write Agent
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > long-line.yaml 1`] = `
test/fixtures/manifests/invalid/long-line.yaml:5:381: error MESH_FIELD_UNKNOWN: tool "hello" has no key "titel"
  5 | …lo, handler: ./handlers/hello.ts#hello, titel: Hello }] }
    |                                          ^^^^^
  mend: write title
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > manifest-a-list.yaml 1`] = `
test/fixtures/manifests/invalid/manifest-a-list.yaml:2:1: error MESH_FIELD_TYPE: the document is a list
  2 | - apiVersion: mcp-mesh.dev/v1
    | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: write a manifest, starting with apiVersion: mcp-mesh.dev/v1
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > manifest-a-text.yaml 1`] = `
test/fixtures/manifests/invalid/manifest-a-text.yaml:2:1: error MESH_FIELD_TYPE: the document is no mapping of keys to values
  2 | hello
    | ^^^^^
  mend: write a manifest, starting with apiVersion: mcp-mesh.dev/v1
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > manifest-empty.yaml 1`] = `
test/fixtures/manifests/invalid/manifest-empty.yaml:1:1: error MESH_MANIFEST_EMPTY: the file holds no document
  1 | # expect: MESH_MANIFEST_EMPTY
    | ^
  mend: write a manifest, starting with apiVersion: mcp-mesh.dev/v1
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > many-faults-in-one-run.yaml 1`] = `
test/fixtures/manifests/invalid/many-faults-in-one-run.yaml:4:19: error MESH_NAME_INVALID: metadata.name is "Hello"; it takes lower-case letters, digits and dashes, with a letter or digit at both ends
  4 | metadata: { name: Hello }
    |                   ^^^^^
  mend: write hello
test/fixtures/manifests/invalid/many-faults-in-one-run.yaml:7:3: error MESH_FIELD_UNKNOWN: spec has no key "descripton"
  7 |   descripton: Greets.
    |   ^^^^^^^^^^
  mend: write description
test/fixtures/manifests/invalid/many-faults-in-one-run.yaml:8:17: error MESH_FIELD_TYPE: spec.http.port is the text "9090"; it takes a whole number
  8 |   http: { port: "9090" }
    |                 ^^^^^^
  mend: write 9090, without quotes
test/fixtures/manifests/invalid/many-faults-in-one-run.yaml:11:36: error MESH_HANDLER_EXPORT: ./handlers/hello.ts does not export "nothing"; it exports hello, bye
  11 |       handler: ./handlers/hello.ts#nothing
     |                                    ^^^^^^^
  mend: add "export function nothing" to ./handlers/hello.ts
test/fixtures/manifests/invalid/many-faults-in-one-run.yaml:12:28: error MESH_SCHEMA_INVALID: "objekt" is no type of JSON Schema
  12 |       inputSchema: { type: objekt }
     |                            ^^^^^^
  mend: write object
test/fixtures/manifests/invalid/many-faults-in-one-run.yaml:13:13: error MESH_TOOL_DUPLICATE: two tools are named "hello": spec.tools[0] and spec.tools[1]
  13 |     - name: hello
     |             ^^^^^
  mend: write another name, such as hello_2
test/fixtures/manifests/invalid/many-faults-in-one-run.yaml:14:16: error MESH_HANDLER_MISSING: the handler module ./handlers/nothing.ts does not exist
  14 |       handler: ./handlers/nothing.ts
     |                ^^^^^^^^^^^^^^^^^^^^^
  mend: create ./handlers/nothing.ts, or write the path of a module beside the manifest
test/fixtures/manifests/invalid/many-faults-in-one-run.yaml:15:23: error MESH_FIELD_MISSING: dependency "date" has no capability
  15 |       dependencies: { date: { version: 1.0.0 } }
     |                       ^^^^
  mend: add capability: date_service
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > name-of-capability.yaml 1`] = `
test/fixtures/manifests/invalid/name-of-capability.yaml:11:19: error MESH_NAME_INVALID: spec.tools[0].capability is "date service"; it takes letters, digits, "_", "." and "-", with a letter or digit at both ends
  11 |       capability: date service
     |                   ^^^^^^^^^^^^
  mend: write date_service
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > name-of-dependency.yaml 1`] = `
test/fixtures/manifests/invalid/name-of-dependency.yaml:11:23: error MESH_NAME_INVALID: spec.tools[0].dependencies has the key "date-service"; a key there takes letters, digits, "_" and "$", and no digit at the start
  11 |       dependencies: { date-service: { capability: date_service } }
     |                       ^^^^^^^^^^^^
  mend: write date_service
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > name-of-namespace.yaml 1`] = `
test/fixtures/manifests/invalid/name-of-namespace.yaml:6:14: error MESH_NAME_INVALID: metadata.namespace is "my_team"; it takes lower-case letters, digits and dashes, with a letter or digit at both ends
  6 |   namespace: my_team
    |              ^^^^^^^
  mend: write my-team
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > name-of-tool-wide.yaml 1`] = `
test/fixtures/manifests/invalid/name-of-tool-wide.yaml:5:62: error MESH_NAME_INVALID: spec.tools[0].name is "挨拶"; it takes letters, digits, "_", "." and "-"
  5 | spec: { version: 1.0.0, description: 日本語の挨拶, tools: [{ name: 挨拶, handler: ./handlers/hello.ts#hello }] }
    |                                                                    ^^^^
  mend: write say_hello
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > name-of-tool.yaml 1`] = `
test/fixtures/manifests/invalid/name-of-tool.yaml:9:13: error MESH_NAME_INVALID: spec.tools[0].name is "say hello!"; it takes letters, digits, "_", "." and "-"
  9 |     - name: say hello!
    |             ^^^^^^^^^^
  mend: write say_hello
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > name-too-long.yaml 1`] = `
test/fixtures/manifests/invalid/name-too-long.yaml:5:9: error MESH_NAME_INVALID: metadata.name is 64 characters long; at most 63 are read
  5 |   name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: write at most 63 characters
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > name-upper-case.yaml 1`] = `
test/fixtures/manifests/invalid/name-upper-case.yaml:5:9: error MESH_NAME_INVALID: metadata.name is "HelloWorld"; it takes lower-case letters, digits and dashes, with a letter or digit at both ends
  5 |   name: HelloWorld
    |         ^^^^^^^^^^
  mend: write hello-world
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > percent.yaml 1`] = `
test/fixtures/manifests/invalid/percent.yaml:8:32: error MESH_FIELD_INVALID: spec.policy.retries.budget is "20"; it takes a percentage from 0% to 100%
  8 |   policy: { retries: { budget: "20" } }
    |                                ^^^^
  mend: write 20%
test/fixtures/manifests/invalid/percent.yaml:15:30: error MESH_FIELD_INVALID: spec.tools[0].dependencies.date.retries.budget is the number 0.2; it takes a percentage from 0% to 100%
  15 |           retries: { budget: 0.2 }
     |                              ^^^
  mend: write 20%
test/fixtures/manifests/invalid/percent.yaml:16:28: error MESH_FIELD_INVALID: spec.tools[0].dependencies.date.ejection.max is "120%"; it takes a percentage from 0% to 100%
  16 |           ejection: { max: 120% }
     |                            ^^^^
  mend: write 100%
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > policy-backoff.yaml 1`] = `
test/fixtures/manifests/invalid/policy-backoff.yaml:14:42: error MESH_FIELD_INVALID: the first pause of 3s is longer than the longest, 2s
  14 |           retries: { backoff: { initial: 3s } }
     |                                          ^^
  mend: write initial: 2s or less, or raise max
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > policy-circle.yaml 1`] = `
test/fixtures/manifests/invalid/policy-circle.yaml:5:15: error MESH_FIELD_INVALID: the policy "a" starts from itself: a -> b -> a
  5 | spec: { from: b }
    |               ^
  mend: remove it, or write the name of a policy that does not lead back here
test/fixtures/manifests/invalid/policy-circle.yaml:10:15: error MESH_FIELD_INVALID: the policy "b" starts from itself: b -> a -> b
  10 | spec: { from: a }
     |               ^
  mend: remove it, or write the name of a policy that does not lead back here
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > policy-counts.yaml 1`] = `
test/fixtures/manifests/invalid/policy-counts.yaml:14:32: error MESH_FIELD_INVALID: spec.tools[0].dependencies.date.retries.attempts is 11; it takes 1 to 10
  14 |           retries: { attempts: 11 }
     |                                ^^
  mend: write a number from 1 to 10
test/fixtures/manifests/invalid/policy-counts.yaml:15:32: error MESH_FIELD_INVALID: spec.tools[0].dependencies.date.breaker.failures is 0; it takes 1 to 1000
  15 |           breaker: { failures: 0, open: 0s }
     |                                ^
  mend: write a number from 1 to 1000
test/fixtures/manifests/invalid/policy-counts.yaml:15:41: error MESH_DURATION_INVALID: spec.tools[0].dependencies.date.breaker.open is "0s"; it has to be longer than nothing
  15 |           breaker: { failures: 0, open: 0s }
     |                                         ^^
  mend: write at least 1ms, or remove the key for the default
test/fixtures/manifests/invalid/policy-counts.yaml:16:31: error MESH_FIELD_INVALID: spec.tools[0].dependencies.date.concurrency.max is 0; it takes 1 to 100000
  16 |           concurrency: { max: 0, queue: 1 }
     |                               ^
  mend: write a number from 1 to 100000
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > policy-duplicate.yaml 1`] = `
test/fixtures/manifests/invalid/policy-duplicate.yaml:9:19: error MESH_POLICY_DUPLICATE: the policy "house" is described already, at test/fixtures/manifests/invalid/policy-duplicate.yaml:4
  9 | metadata: { name: house }
    |                   ^^^^^
  mend: write another name, such as my-house
test/fixtures/manifests/invalid/policy-duplicate.yaml:14:19: error MESH_POLICY_DUPLICATE: the policy "patient" is a shipped one
  14 | metadata: { name: patient }
     |                   ^^^^^^^
  mend: write another name, such as my-patient
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > policy-from-unknown.yaml 1`] = `
test/fixtures/manifests/invalid/policy-from-unknown.yaml:8:19: error MESH_POLICY_UNKNOWN: no policy is named "patiant"; there are critical, default, patient
  8 |   policy: { from: patiant, deadline: 5m }
    |                   ^^^^^^^
  mend: write patient
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > policy-hedge-late.yaml 1`] = `
test/fixtures/manifests/invalid/policy-hedge-late.yaml:14:27: error MESH_FIELD_INVALID: the second attempt would begin after 3s, when the first has run into its timeout of 3s
  14 |           hedge: { after: 3s }
     |                           ^^
  mend: write less than 3s, or hedge: none
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > policy-part-missing.yaml 1`] = `
test/fixtures/manifests/invalid/policy-part-missing.yaml:15:11: error MESH_FIELD_MISSING: spec.tools[0].dependencies.date.concurrency has no queue, and the policy below it says none
  15 |           concurrency: { max: 5 }
     |           ^^^^^^^^^^^
  mend: add queue
test/fixtures/manifests/invalid/policy-part-missing.yaml:16:11: error MESH_FIELD_MISSING: spec.tools[0].dependencies.date.breaker has no open, and the policy below it says none
  16 |           breaker: { failures: 3 }
     |           ^^^^^^^
  mend: add open
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > policy-retries-number.yaml 1`] = `
test/fixtures/manifests/invalid/policy-retries-number.yaml:14:20: error MESH_FIELD_TYPE: spec.tools[0].dependencies.date.retries is the number 3; it takes a mapping of keys to values
  14 |           retries: 3
     |                    ^
  mend: write { attempts: 5, budget: "10%" }
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > policy-unknown-far.yaml 1`] = `
test/fixtures/manifests/invalid/policy-unknown-far.yaml:8:11: error MESH_POLICY_UNKNOWN: no policy is named "aggressive"; there are critical, default, patient
  8 |   policy: aggressive
    |           ^^^^^^^^^^
  mend: write critical, or give the file that describes the CallPolicy "aggressive" too
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > policy-unknown.yaml 1`] = `
test/fixtures/manifests/invalid/policy-unknown.yaml:8:11: error MESH_POLICY_UNKNOWN: no policy is named "patientt"; there are critical, default, patient
  8 |   policy: patientt
    |           ^^^^^^^^
  mend: write patient
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > policy-words.yaml 1`] = `
test/fixtures/manifests/invalid/policy-words.yaml:14:20: error MESH_FIELD_INVALID: spec.tools[0].dependencies.date.breaker is "off"; it takes values, or none
  14 |           breaker: off
     |                    ^^^
  mend: write none
test/fixtures/manifests/invalid/policy-words.yaml:15:20: error MESH_FIELD_INVALID: spec.tools[0].dependencies.date.balance is "roundrobin"; it takes one of auto, p2c, round-robin, consistent-hash
  15 |           balance: roundrobin
     |                    ^^^^^^^^^^
  mend: write round-robin
test/fixtures/manifests/invalid/policy-words.yaml:16:19: error MESH_FIELD_INVALID: spec.tools[0].dependencies.date.stream is "always"; it takes one of auto, never
  16 |           stream: always
     |                   ^^^^^^
  mend: write auto
test/fixtures/manifests/invalid/policy-words.yaml:17:27: error MESH_FIELD_INVALID: spec.tools[0].dependencies.date.retries.on[0] is "unavailble"; it takes one of unavailable, timeout, error
  17 |           retries: { on: [unavailble] }
     |                           ^^^^^^^^^^
  mend: write unavailable
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > prompts.yaml 1`] = `
test/fixtures/manifests/invalid/prompts.yaml:11:7: error MESH_FIELD_INVALID: an outputSchema describes a value, and the tool returns content
  11 |       outputSchema: { type: string }
     |       ^^^^^^^^^^^^
  mend: remove outputSchema, or remove returns
test/fixtures/manifests/invalid/prompts.yaml:14:21: error MESH_FIELD_INVALID: the text names "{{cod}}", and the prompt has no argument "cod"
  14 |       text: 'Review {{cod}}'
     |                     ^^^^^^^
  mend: write {{code}}
test/fixtures/manifests/invalid/prompts.yaml:16:15: error MESH_OFFER_DUPLICATE: two prompts have the name "review": spec.prompts[0] and spec.prompts[1]
  16 |     - { name: review, handler: './handlers/hello.ts#helo' }
     |               ^^^^^^
  mend: write another name
test/fixtures/manifests/invalid/prompts.yaml:16:53: error MESH_HANDLER_EXPORT: ./handlers/hello.ts does not export "helo"; it exports hello, bye
  16 |     - { name: review, handler: './handlers/hello.ts#helo' }
     |                                                     ^^^^
  mend: write hello
test/fixtures/manifests/invalid/prompts.yaml:17:7: error MESH_FIELD_MISSING: spec.prompts[2] has neither text nor handler
  17 |     - { name: empty }
     |       ^^^^^^^^^^^^^^^
  mend: add text: Review {{code}}
test/fixtures/manifests/invalid/prompts.yaml:20:7: error MESH_FIELD_INVALID: spec.prompts[3] has text and handler; it takes one of them
  20 |       handler: ./handlers/hello.ts#hello
     |       ^^^^^^^
  mend: remove text, or remove handler
test/fixtures/manifests/invalid/prompts.yaml:21:40: error MESH_OFFER_DUPLICATE: two arguments of the prompt are named "a"
  21 |       arguments: [{ name: a }, { name: a }]
     |                                        ^
  mend: write a_2
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > resources.yaml 1`] = `
test/fixtures/manifests/invalid/resources.yaml:9:35: error MESH_FIELD_INVALID: spec.resources[0] has file and text; it takes one of them
  9 |     - { uri: 'docs://a', name: a, text: A, file: ./handlers/note.md }
    |                                   ^^^^
  mend: remove file, or remove text
test/fixtures/manifests/invalid/resources.yaml:10:14: error MESH_OFFER_DUPLICATE: two resources have the uri "docs://a": spec.resources[0] and spec.resources[1]
  10 |     - { uri: 'docs://a', name: twice, text: A }
     |              ^^^^^^^^^^
  mend: write another uri
test/fixtures/manifests/invalid/resources.yaml:11:7: error MESH_FIELD_MISSING: spec.resources[2] has neither file, text nor handler
  11 |     - { uri: 'docs://b', name: b }
     |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: add file: ./README.md
test/fixtures/manifests/invalid/resources.yaml:12:7: error MESH_FIELD_MISSING: spec.resources[3] has neither uri nor uriTemplate
  12 |     - { name: nowhere, text: here }
     |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: add uri: docs://readme
test/fixtures/manifests/invalid/resources.yaml:13:41: error MESH_FILE_MISSING: the file ./handlers/notes.md does not exist
  13 |     - { uri: 'docs://c', name: c, file: ./handlers/notes.md }
     |                                         ^^^^^^^^^^^^^^^^^^^
  mend: write ./handlers/note.md
test/fixtures/manifests/invalid/resources.yaml:14:41: error MESH_FIELD_INVALID: the file ./../outside.md stands outside of the folder of the manifest
  14 |     - { uri: 'docs://d', name: d, file: ./../outside.md }
     |                                         ^^^^^^^^^^^^^^^
  mend: write the path of a file in the folder of the manifest
test/fixtures/manifests/invalid/resources.yaml:15:65: error MESH_HANDLER_EXPORT: ./handlers/hello.ts does not export "helo"; it exports hello, bye
  15 |     - { uri: 'docs://e', name: e, handler: './handlers/hello.ts#helo' }
     |                                                                 ^^^^
  mend: write hello
test/fixtures/manifests/invalid/resources.yaml:19:19: error MESH_FIELD_INVALID: "di" is not a variable of "users://{id}/profile"
  19 |       complete: { di: [ada], id: './handlers/gone.ts' }
     |                   ^^
  mend: write id
test/fixtures/manifests/invalid/resources.yaml:19:35: error MESH_HANDLER_MISSING: the handler module ./handlers/gone.ts does not exist
  19 |       complete: { di: [ada], id: './handlers/gone.ts' }
     |                                   ^^^^^^^^^^^^^^^^^^
  mend: create ./handlers/gone.ts, or write the path of a module beside the manifest
test/fixtures/manifests/invalid/resources.yaml:20:22: error MESH_FIELD_INVALID: spec.resources[8].uriTemplate holds "{id"; {name} and {+name} are read
  20 |     - { uriTemplate: 'users://{id', name: broken, handler: './handlers/hello.ts#hello' }
     |                      ^^^^^^^^^^^^^
  mend: write a template such as users://{id}/profile
test/fixtures/manifests/invalid/resources.yaml:21:22: error MESH_FIELD_INVALID: spec.resources[9].uriTemplate has two variables with nothing between them
  21 |     - { uriTemplate: 'users://{id}{name}', name: ambiguous, handler: './handlers/hello.ts#hello' }
     |                      ^^^^^^^^^^^^^^^^^^^^
  mend: write a template such as users://{id}/profile
test/fixtures/manifests/invalid/resources.yaml:22:9: error MESH_FIELD_INVALID: spec.resources[10].uriTemplate has variables, which a file or text makes no use of
  22 |     - { uriTemplate: 'notes://{id}', name: fixed, text: the same for all }
     |         ^^^^^^^^^^^
  mend: write a handler, or a uri in place of the uriTemplate
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > retry-unsafe-of-policy.yaml 1`] = `
test/fixtures/manifests/invalid/retry-unsafe-of-policy.yaml:13:9: error MESH_RETRY_UNSAFE: hedge asks for a second call beside the first, and default/provider.date says neither readOnlyHint nor idempotentHint: it may not run twice
  13 |         date:
     |         ^^^^
  mend: write hedge: none, or declare annotations: { idempotentHint: true } on the tool where that is true
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > retry-unsafe.yaml 1`] = `
test/fixtures/manifests/invalid/retry-unsafe.yaml:14:11: error MESH_RETRY_UNSAFE: hedge asks for a second call beside the first, and default/provider.date says neither readOnlyHint nor idempotentHint: it may not run twice
  14 |           hedge: { after: 100ms }
     |           ^^^^^
  mend: write hedge: none, or declare annotations: { idempotentHint: true } on the tool where that is true
test/fixtures/manifests/invalid/retry-unsafe.yaml:15:22: error MESH_RETRY_UNSAFE: retries.on asks for another call after an error of the tool, and default/provider.date says neither readOnlyHint nor idempotentHint: it may not run twice
  15 |           retries: { on: [unavailable, error] }
     |                      ^^
  mend: leave error out of retries.on, or declare annotations: { idempotentHint: true } on the tool where that is true
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > schema-dialect.yaml 1`] = `
test/fixtures/manifests/invalid/schema-dialect.yaml:11:31: error MESH_SCHEMA_INVALID: the schema is of another dialect, "http://json-schema.org/draft-07/schema#"
  11 |       inputSchema: { $schema: "http://json-schema.org/draft-07/schema#", type: object }
     |                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: write https://json-schema.org/draft/2020-12/schema, or remove $schema
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > schema-expected.yaml 1`] = `
test/fixtures/manifests/invalid/schema-expected.yaml:12:45: error MESH_FIELD_INVALID: spec.tools[0].dependencies.empty.expects has neither inputSchema nor outputSchema, so nothing is expected
  12 |         empty: { capability: date, expects: { match: strict } }
     |                                             ^^^^^^^^^^^^^^^^^
  mend: add outputSchema: with what is read of the answer, or remove expects
test/fixtures/manifests/invalid/schema-expected.yaml:16:34: error MESH_SCHEMA_INVALID: the arguments of a tool are an object, and inputSchema says type "string"
  16 |             inputSchema: { type: string }
     |                                  ^^^^^^
  mend: write object
test/fixtures/manifests/invalid/schema-expected.yaml:17:35: error MESH_SCHEMA_REMOTE: "https://example.com/schema.json" would be fetched, and no schema is fetched from anywhere
  17 |             outputSchema: { $ref: "https://example.com/schema.json" }
     |                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: put the schema beside the manifest and write $ref: ./schema.json
test/fixtures/manifests/invalid/schema-expected.yaml:19:69: error MESH_SCHEMA_INVALID: "strnig" is no type of JSON Schema
  19 |           - { capability: archive, expects: { outputSchema: { type: strnig } } }
     |                                                                     ^^^^^^
  mend: write string
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > schema-file-broken.yaml 1`] = `
test/fixtures/manifests/invalid/schemas/broken.json:1:1: error MESH_YAML_INVALID: the { that opens here is never closed
  1 | {
    | ^
  mend: close it with }
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > schema-file-faulty.yaml 1`] = `
test/fixtures/manifests/invalid/schemas/faulty.json:4:23: error MESH_SCHEMA_INVALID: "strin" is no type of JSON Schema
  4 |     "name": { "type": "strin" }
    |                       ^^^^^^^
  mend: write string
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > schema-file-missing.yaml 1`] = `
test/fixtures/manifests/invalid/schema-file-missing.yaml:11:28: error MESH_FILE_MISSING: the schema file ./schemas/nothing.json does not exist
  11 |       inputSchema: { $ref: ./schemas/nothing.json }
     |                            ^^^^^^^^^^^^^^^^^^^^^^
  mend: write the path of a file beside the manifest
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > schema-file-outside.yaml 1`] = `
test/fixtures/manifests/invalid/schema-file-outside.yaml:11:28: error MESH_SCHEMA_INVALID: the schema file ../../../../schemas/agent.schema.json lies outside the manifest's folder, and nothing there is read
  11 |       inputSchema: { $ref: ../../../../schemas/agent.schema.json }
     |                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: put the file beside the manifest
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > schema-keyword.yaml 1`] = `
test/fixtures/manifests/invalid/schema-keyword.yaml:14:9: error MESH_SCHEMA_INVALID: "propertis" is no keyword of JSON Schema, which would pass over it in silence
  14 |         propertis: { name: { type: string } }
     |         ^^^^^^^^^
  mend: write properties
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > schema-not-object.yaml 1`] = `
test/fixtures/manifests/invalid/schema-not-object.yaml:11:28: error MESH_SCHEMA_INVALID: the arguments of a tool are an object, and inputSchema says type "string"
  11 |       inputSchema: { type: string }
     |                            ^^^^^^
  mend: write object
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > schema-pattern.yaml 1`] = `
test/fixtures/manifests/invalid/schema-pattern.yaml:11:46: error MESH_SCHEMA_INVALID: the pattern "(unclosed" is no regular expression: Unterminated group
  11 |       outputSchema: { type: string, pattern: "(unclosed" }
     |                                              ^^^^^^^^^^^
  mend: write a regular expression as JavaScript knows it, with the flag u
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > schema-reference.yaml 1`] = `
test/fixtures/manifests/invalid/schema-reference.yaml:14:25: error MESH_SCHEMA_INVALID: "#/$defs/Nane" leads to nothing in this schema
  14 |           name: { $ref: "#/$defs/Nane" }
     |                         ^^^^^^^^^^^^^^
  mend: write "#/$defs/Name"
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > schema-remote.yaml 1`] = `
test/fixtures/manifests/invalid/schema-remote.yaml:11:28: error MESH_SCHEMA_REMOTE: "https://example.com/schema.json" would be fetched, and no schema is fetched from anywhere
  11 |       inputSchema: { $ref: "https://example.com/schema.json" }
     |                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: put the schema beside the manifest and write $ref: ./schema.json
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > schema-required-true.yaml 1`] = `
test/fixtures/manifests/invalid/schema-required-true.yaml:14:43: error MESH_SCHEMA_INVALID: required is true; it takes a list of names
  14 |           name: { type: string, required: true }
     |                                           ^^^^
  mend: write a list of names beside properties: required: [name]
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > schema-type.yaml 1`] = `
test/fixtures/manifests/invalid/schema-type.yaml:14:25: error MESH_SCHEMA_INVALID: "text" is no type of JSON Schema
  14 |           name: { type: text }
     |                         ^^^^
  mend: write one of object, string, number, integer, boolean, array, null
test/fixtures/manifests/invalid/schema-type.yaml:15:24: error MESH_SCHEMA_INVALID: "int" is no type of JSON Schema
  15 |           age: { type: int }
     |                        ^^^
  mend: write one of object, string, number, integer, boolean, array, null
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > secret-inline-block.yaml 1`] = `
test/fixtures/manifests/invalid/secret-inline-block.yaml:9:13: error MESH_SECRET_INLINE: spec.auth.bearer holds a secret itself; it takes a reference, which only the runtime resolves
  9 |     bearer: *
    |             ^
  mend: write "\${env:MESH_TOKEN}", or "\${file:/run/secrets/…}" for a file
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > secret-inline-dependency.yaml 1`] = `
test/fixtures/manifests/invalid/secret-inline-dependency.yaml:14:27: error MESH_SECRET_INLINE: spec.tools[0].dependencies.date.auth.bearer holds a secret itself; it takes a reference, which only the runtime resolves
  14 |           auth: { bearer: ********************* }
     |                           ^^^^^^^^^^^^^^^^^^^^^
  mend: write "\${env:DATE_TOKEN}", or "\${file:/run/secrets/…}" for a file
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > secret-inline-number.yaml 1`] = `
test/fixtures/manifests/invalid/secret-inline-number.yaml:9:13: error MESH_SECRET_INLINE: spec.auth.bearer holds a secret itself; it takes a reference, which only the runtime resolves
  9 |     bearer: ********
    |             ^^^^^^^^
  mend: write "\${env:MESH_TOKEN}", or "\${file:/run/secrets/…}" for a file
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > secret-inline-server-arguments.yaml 1`] = `
test/fixtures/manifests/invalid/secret-inline-server-arguments.yaml:11:9: error MESH_SECRET_INLINE: spec.server.command[2] is taken for a secret, and every user of the machine can read the arguments of a process
  11 |       - *************************
     |         ^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: remove it, and hand it over in server.env: { TOKEN: "\${env:TOKEN}" }
test/fixtures/manifests/invalid/secret-inline-server-arguments.yaml:13:9: error MESH_SECRET_INLINE: spec.server.command[4] is taken for a secret, and every user of the machine can read the arguments of a process
  13 |       - ***************
     |         ^^^^^^^^^^^^^^^
  mend: remove it, and hand it over in server.env: { TOKEN: "\${env:TOKEN}" }
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > secret-inline-server-env.yaml 1`] = `
test/fixtures/manifests/invalid/secret-inline-server-env.yaml:10:16: error MESH_SECRET_INLINE: spec.server.env.API_KEY holds a secret itself; it takes a reference, which only the runtime resolves
  10 |       API_KEY: ***************
     |                ^^^^^^^^^^^^^^^
  mend: write "\${env:API_KEY}", or "\${file:/run/secrets/…}" for a file
test/fixtures/manifests/invalid/secret-inline-server-env.yaml:11:20: error MESH_SECRET_INLINE: spec.server.env.OTHER_TOKEN has a default in its reference, and a default would be a secret in the manifest
  11 |       OTHER_TOKEN: ****************************
     |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: write "\${env:OTHER_TOKEN}", or "\${file:/run/secrets/…}" for a file
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > secret-inline-server-oauth.yaml 1`] = `
test/fixtures/manifests/invalid/secret-inline-server-oauth.yaml:10:80: error MESH_SECRET_INLINE: spec.server.auth.oauth.clientSecret holds a secret itself; it takes a reference, which only the runtime resolves
  10 |       oauth: { issuer: https://auth.example.com, clientId: mesh, clientSecret: ************** }
     |                                                                                ^^^^^^^^^^^^^^
  mend: write "\${env:MESH_TOKEN}", or "\${file:/run/secrets/…}" for a file
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > secret-inline-server-query.yaml 1`] = `
test/fixtures/manifests/invalid/secret-inline-server-query.yaml:7:18: error MESH_SECRET_INLINE: spec.server.url holds a credential in its parameter api_key
  7 |   server: { url: ***************************************************** }
    |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: remove it, and write server.auth: { bearer: "\${env:SERVER_TOKEN}" } or server.headers
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > secret-inline-server-url.yaml 1`] = `
test/fixtures/manifests/invalid/secret-inline-server-url.yaml:8:10: error MESH_SECRET_INLINE: spec.server.url holds a credential before its host
  8 |     url: *************************************
    |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: remove it, and write server.auth: { bearer: "\${env:SERVER_TOKEN}" } or server.headers
test/fixtures/manifests/invalid/secret-inline-server-url.yaml:9:31: error MESH_SECRET_INLINE: spec.server.headers.Authorization holds a secret itself; it takes a reference, which only the runtime resolves
  9 |     headers: { Authorization: ********************** }
    |                               ^^^^^^^^^^^^^^^^^^^^^^
  mend: write "\${env:AUTHORIZATION}", or "\${file:/run/secrets/…}" for a file
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > secret-inline.yaml 1`] = `
test/fixtures/manifests/invalid/secret-inline.yaml:9:13: error MESH_SECRET_INLINE: spec.auth.bearer holds a secret itself; it takes a reference, which only the runtime resolves
  9 |     bearer: *****************
    |             ^^^^^^^^^^^^^^^^^
  mend: write "\${env:MESH_TOKEN}", or "\${file:/run/secrets/…}" for a file
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > secret-shell-style.yaml 1`] = `
test/fixtures/manifests/invalid/secret-shell-style.yaml:8:19: error MESH_SECRET_INLINE: spec.auth.bearer holds no reference that the mesh reads; it takes a reference, which only the runtime resolves
  8 |   auth: { bearer: ************* }
    |                   ^^^^^^^^^^^^^
  mend: write "\${env:MESH_TOKEN}", or "\${file:/run/secrets/…}" for a file
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > secret-with-default.yaml 1`] = `
test/fixtures/manifests/invalid/secret-with-default.yaml:8:19: error MESH_SECRET_INLINE: spec.auth.bearer has a default in its reference, and a default would be a secret in the manifest
  8 |   auth: { bearer: ********************************* }
    |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: write "\${env:MESH_TOKEN}", or "\${file:/run/secrets/…}" for a file
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-and-handler.yaml 1`] = `
test/fixtures/manifests/invalid/server-and-handler.yaml:10:7: error MESH_FIELD_INVALID: tool "search" has handler, and spec.server is there
  10 |       handler: ./handlers/good.ts
     |       ^^^^^^^
  mend: the wrapped server answers its calls; remove it, or remove spec.server
test/fixtures/manifests/invalid/server-and-handler.yaml:11:7: error MESH_FIELD_INVALID: tool "search" has description, and spec.server is there
  11 |       description: Searches.
     |       ^^^^^^^^^^^
  mend: the wrapped server says it itself; remove it
test/fixtures/manifests/invalid/server-and-handler.yaml:12:7: error MESH_FIELD_INVALID: tool "search" has dependencies, and spec.server is there
  12 |       dependencies: { date: { capability: date_service } }
     |       ^^^^^^^^^^^^
  mend: no handler is there to be given them; remove them
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-and-prompts.yaml 1`] = `
test/fixtures/manifests/invalid/server-and-prompts.yaml:8:27: error MESH_FIELD_INVALID: tool "search" has returns, and spec.server is there
  8 |   tools: [{ name: search, returns: content }]
    |                           ^^^^^^^
  mend: what the wrapped server answers is handed on as it is; remove it
test/fixtures/manifests/invalid/server-and-prompts.yaml:9:3: error MESH_FIELD_INVALID: spec.resources stands beside spec.server; what the wrapped server offers is all that is served
  9 |   resources: [{ uri: 'docs://a', name: a, text: A }]
    |   ^^^^^^^^^
  mend: remove it, or offer them by an agent of their own
test/fixtures/manifests/invalid/server-and-prompts.yaml:10:3: error MESH_FIELD_INVALID: spec.prompts stands beside spec.server; what the wrapped server offers is all that is served
  10 |   prompts: [{ name: hello, text: Hello }]
     |   ^^^^^^^
  mend: remove it, or offer them by an agent of their own
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-auth-empty.yaml 1`] = `
test/fixtures/manifests/invalid/server-auth-empty.yaml:9:5: error MESH_FIELD_MISSING: spec.server.auth has none of bearer, login, oauth
  9 |     auth:
    |     ^^^^
  mend: add bearer: "\${env:SERVER_TOKEN}"
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-auth-login-false.yaml 1`] = `
test/fixtures/manifests/invalid/server-auth-login-false.yaml:10:14: error MESH_FIELD_INVALID: spec.server.auth.login is false, which says nothing
  10 |       login: false
     |              ^^^^^
  mend: remove it, or write true
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-auth-oauth-nothing.yaml 1`] = `
test/fixtures/manifests/invalid/server-auth-oauth-nothing.yaml:10:7: error MESH_FIELD_MISSING: spec.server.auth.oauth has none of clientSecret, privateKey
  10 |       oauth:
     |       ^^^^^
  mend: add clientSecret: "\${env:CLIENT_SECRET}"
test/fixtures/manifests/invalid/server-auth-oauth-nothing.yaml:13:9: error MESH_FIELD_INVALID: spec.server.auth.oauth.algorithm says how a privateKey signs, and there is none
  13 |         algorithm: RS256
     |         ^^^^^^^^^
  mend: remove it, or add privateKey: "\${file:/run/secrets/client-key.pem}"
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-auth-oauth.yaml 1`] = `
test/fixtures/manifests/invalid/server-auth-oauth.yaml:11:17: error MESH_FIELD_INVALID: spec.server.auth.oauth.issuer is not reached over https, so the credential could be read on the way
  11 |         issuer: http://auth.example.com
     |                 ^^^^^^^^^^^^^^^^^^^^^^^
  mend: write https://auth.example.com
test/fixtures/manifests/invalid/server-auth-oauth.yaml:14:9: error MESH_FIELD_INVALID: spec.server.auth.oauth has clientSecret and privateKey; one of them is used
  14 |         privateKey: "\${file:/run/secrets/key.pem}"
     |         ^^^^^^^^^^
  mend: remove clientSecret, or remove privateKey
test/fixtures/manifests/invalid/server-auth-oauth.yaml:15:24: error MESH_FIELD_INVALID: spec.server.auth.oauth.scopes[1] is no scope; a scope has no blanks, quotes or backslashes
  15 |         scopes: [read, "two words"]
     |                        ^^^^^^^^^^^
  mend: write [two, words]
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-auth-two.yaml 1`] = `
test/fixtures/manifests/invalid/server-auth-two.yaml:11:7: error MESH_FIELD_INVALID: spec.server.auth has bearer and login; one of them is used
  11 |       login: true
     |       ^^^^^
  mend: remove bearer, or remove login
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-both.yaml 1`] = `
test/fixtures/manifests/invalid/server-both.yaml:9:5: error MESH_FIELD_INVALID: spec.server has a command and a url; a server is started or reached, not both
  9 |     url: https://mcp.example.com/mcp
    |     ^^^
  mend: remove command, or remove url
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-command-and-auth.yaml 1`] = `
test/fixtures/manifests/invalid/server-command-and-auth.yaml:9:5: error MESH_FIELD_INVALID: spec.server.auth does nothing beside command
  9 |     auth: { bearer: "\${env:TOKEN}" }
    |     ^^^^
  mend: remove it; what a command needs it gets by env
test/fixtures/manifests/invalid/server-command-and-auth.yaml:10:5: error MESH_FIELD_INVALID: spec.server.headers does nothing beside command
  10 |     headers: { X-Team: docs }
     |     ^^^^^^^
  mend: remove it; what a command needs it gets by env
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-command-blank.yaml 1`] = `
test/fixtures/manifests/invalid/server-command-blank.yaml:7:23: error MESH_FIELD_INVALID: spec.server.command[0] is empty; it is the program that is started
  7 |   server: { command: [" ", a] }
    |                       ^^^
  mend: write a program such as uvx
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-command-empty.yaml 1`] = `
test/fixtures/manifests/invalid/server-command-empty.yaml:7:22: error MESH_FIELD_INVALID: spec.server.command is an empty list
  7 |   server: { command: [] }
    |                      ^^
  mend: add uvx, my-server
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-command-shell.yaml 1`] = `
test/fixtures/manifests/invalid/server-command-shell.yaml:7:23: error MESH_FIELD_INVALID: spec.server.command[0] is "uvx my-server --fast"; a command is a list of its words, as no shell splits them
  7 |   server: { command: ["uvx my-server --fast"] }
    |                       ^^^^^^^^^^^^^^^^^^^^^^
  mend: write [uvx, my-server, --fast]
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-command-text.yaml 1`] = `
test/fixtures/manifests/invalid/server-command-text.yaml:7:22: error MESH_FIELD_TYPE: spec.server.command is the text "uvx my-server"; it takes a list
  7 |   server: { command: uvx my-server }
    |                      ^^^^^^^^^^^^^
  mend: write [uvx, my-server]
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-neither.yaml 1`] = `
test/fixtures/manifests/invalid/server-neither.yaml:7:3: error MESH_FIELD_MISSING: spec.server has neither a command nor a url
  7 |   server: { env: { A: b } }
    |   ^^^^^^
  mend: add command: [uvx, my-server], or url: https://mcp.example.com/mcp
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-reference.yaml 1`] = `
test/fixtures/manifests/invalid/server-reference.yaml:7:40: error MESH_FIELD_INVALID: "\${env.HOME}" is no reference that the mesh reads
  7 |   server: { command: [uvx, my-server, "\${env.HOME}/data"] }
    |                                        ^^^^^^^^^^^
  mend: write \${env:NAME}, \${env:NAME:-default} or \${file:/path}
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-url-and-env.yaml 1`] = `
test/fixtures/manifests/invalid/server-url-and-env.yaml:9:5: error MESH_FIELD_INVALID: spec.server.env does nothing beside url
  9 |     env: { A: b }
    |     ^^^
  mend: remove it; a url takes auth and headers
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > server-url-scheme.yaml 1`] = `
test/fixtures/manifests/invalid/server-url-scheme.yaml:7:18: error MESH_FIELD_INVALID: spec.server.url is "ftp://mcp.example.com/mcp"; it takes a URL that starts with http:// or https://, or a reference
  7 |   server: { url: "ftp://mcp.example.com/mcp" }
    |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  mend: write http://agent.internal:9090/mcp
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > session-argument-missing.yaml 1`] = `
test/fixtures/manifests/invalid/session-argument-missing.yaml:11:28: error MESH_ARGUMENT_UNKNOWN: the inputSchema of the tool has no argument "sesion_id" that could carry the handle
  11 |       session: { argument: sesion_id }
     |                            ^^^^^^^^^
  mend: write session_id
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > session-argument-number.yaml 1`] = `
test/fixtures/manifests/invalid/session-argument-number.yaml:11:28: error MESH_FIELD_INVALID: a handle is a text, and the inputSchema says that "session" is "number"
  11 |       session: { argument: session }
     |                            ^^^^^^^
  mend: write session: { type: string } in inputSchema
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > session-argument-required.yaml 1`] = `
test/fixtures/manifests/invalid/session-argument-required.yaml:14:28: error MESH_FIELD_INVALID: nobody could begin a session: inputSchema requires "session_id", and the first call has no handle yet
  14 |       session: { argument: session_id }
     |                            ^^^^^^^^^^
  mend: take session_id out of required in inputSchema, or write required: false here
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > session-of-nothing.yaml 1`] = `
test/fixtures/manifests/invalid/session-of-nothing.yaml:7:3: error MESH_FIELD_INVALID: spec.session does nothing: no tool of the agent has a session or a task
  7 |   session: { ttl: 10m }
    |   ^^^^^^^
  mend: add session: { argument: session_id } to a tool, or remove it
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > session-of-wrapped-server.yaml 1`] = `
test/fixtures/manifests/invalid/session-of-wrapped-server.yaml:10:7: error MESH_FIELD_INVALID: a tool of a wrapped server has no session here: its state is for the server to keep
  10 |       session: { argument: session_id }
     |       ^^^^^^^
  mend: remove it
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > session-store-unknown.yaml 1`] = `
test/fixtures/manifests/invalid/session-store-unknown.yaml:7:21: error MESH_FIELD_INVALID: spec.session.store is "rediss"; it takes one of auto, redis, memory
  7 |   session: { store: rediss, ttl: 10ms }
    |                     ^^^^^^
  mend: write redis
test/fixtures/manifests/invalid/session-store-unknown.yaml:7:34: error MESH_DURATION_INVALID: spec.session.ttl is "10ms"; it has to be at least 1s
  7 |   session: { store: rediss, ttl: 10ms }
    |                                  ^^^^
  mend: write at least 1s, or remove the key for the default
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > tabs-after-text.yaml 1`] = `
test/fixtures/manifests/invalid/tabs-after-text.yaml:4:26: error MESH_FIELD_UNKNOWN: metadata has no key "namspace"
  4 | metadata:  { name: hello,  namspace: default }
    |                            ^^^^^^^^
  mend: write namespace
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > tag-any-of-excluded.yaml 1`] = `
test/fixtures/manifests/invalid/tag-any-of-excluded.yaml:14:18: error MESH_TAG_INVALID: nothing can match: every tag of [eu, us] is excluded by a term of its own
  14 |           tags: [[eu, us], -eu, -us]
     |                  ^^^^^^^^
  mend: remove "-eu"
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > tag-characters.yaml 1`] = `
test/fixtures/manifests/invalid/tag-characters.yaml:11:14: error MESH_TAG_INVALID: spec.tools[0].tags[0] is "big data"; it takes letters, digits and "_", ".", ":", "/", "-", with a letter or digit at both ends
  11 |       tags: [big data]
     |              ^^^^^^^^
  mend: write big-data
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > tag-contradiction.yaml 1`] = `
test/fixtures/manifests/invalid/tag-contradiction.yaml:14:33: error MESH_TAG_INVALID: "system" and "-system" contradict each other: the tag "system" cannot be both there and not there
  14 |           tags: [system, +fast, -system]
     |                                 ^^^^^^^
  mend: keep "system" or "-system"
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > tag-repeated.yaml 1`] = `
test/fixtures/manifests/invalid/tag-repeated.yaml:14:26: error MESH_TAG_INVALID: "system" and "+system" say the same twice: a tag that must be there need not be preferred
  14 |           tags: [system, +system]
     |                          ^^^^^^^
  mend: keep "system"
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > tag-sign-in-any-of.yaml 1`] = `
test/fixtures/manifests/invalid/tag-sign-in-any-of.yaml:14:19: error MESH_TAG_INVALID: spec.tools[0].dependencies.date.tags[0][0] is "+eu"; it takes letters, digits and "_", ".", ":", "/", "-", with a letter or digit at both ends
  14 |           tags: [[+eu, us]]
     |                   ^^^
  mend: write eu
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > task-of-wrapped-server.yaml 1`] = `
test/fixtures/manifests/invalid/task-of-wrapped-server.yaml:10:24: error MESH_FIELD_INVALID: a tool of a wrapped server has no handler here that could say when its task begins
  10 |       task: { ttl: 5m, begin: handler }
     |                        ^^^^^
  mend: remove it: the task begins with the call
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > task-times.yaml 1`] = `
test/fixtures/manifests/invalid/task-times.yaml:11:20: error MESH_DURATION_INVALID: spec.tools[0].task.ttl is "200ms"; it has to be at least 1s
  11 |       task: { ttl: 200ms, pollInterval: 1ms }
     |                    ^^^^^
  mend: write at least 1s, or remove the key for the default
test/fixtures/manifests/invalid/task-times.yaml:11:41: error MESH_DURATION_INVALID: spec.tools[0].task.pollInterval is "1ms"; it has to be at least 10ms
  11 |       task: { ttl: 200ms, pollInterval: 1ms }
     |                                         ^^^
  mend: write at least 10ms, or remove the key for the default
test/fixtures/manifests/invalid/task-times.yaml:14:38: error MESH_FIELD_INVALID: a client that asks every pollInterval may come when the ttl of the result is over
  14 |       task: { ttl: 5m, pollInterval: 10m }
     |                                      ^^^
  mend: write a pollInterval shorter than ttl
test/fixtures/manifests/invalid/task-times.yaml:17:15: error MESH_FIELD_UNKNOWN: spec.tools[2].task has no key "tll"
  17 |       task: { tll: 5m }
     |               ^^^
  mend: write ttl
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > timeout-of-policy.yaml 1`] = `
test/fixtures/manifests/invalid/timeout-of-policy.yaml:8:22: error MESH_TIMEOUT_EXCEEDED: spec.policy has a timeout of 20s for one attempt, longer than the deadline of 10s that its policy sets for the whole call
  8 |   policy: { timeout: 20s }
    |                      ^^^
  mend: write a timeout of at most 10s, or add deadline: 20s
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > timeout-over-deadline.yaml 1`] = `
test/fixtures/manifests/invalid/timeout-over-deadline.yaml:14:20: error MESH_TIMEOUT_EXCEEDED: spec.tools[0].dependencies.date has a timeout of 8s for one attempt, longer than its deadline of 2s for the whole call
  14 |           timeout: 8s
     |                    ^^
  mend: write a timeout of at most 2s, or raise deadline to 8s
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > timeout-over-policy.yaml 1`] = `
test/fixtures/manifests/invalid/timeout-over-policy.yaml:14:20: error MESH_TIMEOUT_EXCEEDED: spec.tools[0].dependencies.date has a timeout of 20s for one attempt, longer than the deadline of 10s that its policy sets for the whole call
  14 |           timeout: 20s
     |                    ^^^
  mend: write a timeout of at most 10s, or add deadline: 20s
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > too-deep.yaml 1`] = `
test/fixtures/manifests/invalid/too-deep.yaml:1:1: error MESH_MANIFEST_TOO_LARGE: the manifest is not read: it is nested deeper than 64 levels
  1 | # expect: MESH_MANIFEST_TOO_LARGE
    | ^
  mend: split it into several files
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > too-many-aliases.yaml 1`] = `
test/fixtures/manifests/invalid/too-many-aliases.yaml:3:8: error MESH_MANIFEST_TOO_LARGE: the aliases of the document stand for too many values
  3 | b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
    |        ^^
  mend: write the values out in place of the aliases
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > tool-duplicate.yaml 1`] = `
test/fixtures/manifests/invalid/tool-duplicate.yaml:11:13: error MESH_TOOL_DUPLICATE: two tools are named "hello": spec.tools[0] and spec.tools[1]
  11 |     - name: hello
     |             ^^^^^
  mend: write another name, such as hello_2
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > version-leading-zero.yaml 1`] = `
test/fixtures/manifests/invalid/version-leading-zero.yaml:11:16: error MESH_VERSION_INVALID: spec.tools[0].version "1.0.0-01" is no semantic version
  11 |       version: 1.0.0-01
     |                ^^^^^^^^
  mend: write 1.0.0
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > version-number.yaml 1`] = `
test/fixtures/manifests/invalid/version-number.yaml:7:12: error MESH_VERSION_INVALID: spec.version is the number 1; it takes a semantic version of three numbers
  7 |   version: 1.0
    |            ^^^
  mend: write 1.0.0
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > version-range-broken.yaml 1`] = `
test/fixtures/manifests/invalid/version-range-broken.yaml:14:20: error MESH_VERSION_INVALID: spec.tools[0].dependencies.date.version ">=1.0.0 &&<2" is no range of versions
  14 |           version: ">=1.0.0 &&<2"
     |                    ^^^^^^^^^^^^^^
  mend: write a range such as "^1.0.0"
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > version-range-empty.yaml 1`] = `
test/fixtures/manifests/invalid/version-range-empty.yaml:14:20: error MESH_VERSION_INVALID: spec.tools[0].dependencies.date.version ">=2 <1" is a range that no version is in
  14 |           version: ">=2 <1"
     |                    ^^^^^^^^
  mend: write a range with its lower bound first, such as ">=1.0.0 <2"
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > version-range-word.yaml 1`] = `
test/fixtures/manifests/invalid/version-range-word.yaml:14:20: error MESH_VERSION_INVALID: spec.tools[0].dependencies.date.version "latest" is no range of versions
  14 |           version: latest
     |                    ^^^^^^
  mend: write "*", or remove the key
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > version-v.yaml 1`] = `
test/fixtures/manifests/invalid/version-v.yaml:11:16: error MESH_VERSION_INVALID: spec.tools[0].version is "v2.1"; it takes a semantic version of three numbers
  11 |       version: v2.1
     |                ^^^^
  mend: write 2.1.0
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > yaml-alias-unknown.yaml 1`] = `
test/fixtures/manifests/invalid/yaml-alias-unknown.yaml:11:20: error MESH_YAML_INVALID: *arguments is an alias, and no anchor &arguments stands before it
  11 |       inputSchema: *arguments
     |                    ^^^^^^^^^^
  mend: write &arguments before the value that is meant, or "*arguments" if it is a text
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > yaml-at-sign.yaml 1`] = `
test/fixtures/manifests/invalid/yaml-at-sign.yaml:8:16: error MESH_YAML_INVALID: a text cannot start with "@" unless it stands in quotes
  8 |   description: @home
    |                ^
  mend: put the text in quotes
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > yaml-bad-indent.yaml 1`] = `
test/fixtures/manifests/invalid/yaml-bad-indent.yaml:7:12: error MESH_YAML_INVALID: a key begins inside a text: the text has a colon, or the next line is indented too far
  7 |   version: 1.0.0
    |            ^
  mend: put the text in quotes, or indent the next line like this one
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > yaml-colon-in-text.yaml 1`] = `
test/fixtures/manifests/invalid/yaml-colon-in-text.yaml:8:16: error MESH_YAML_INVALID: a key begins inside a text: the text has a colon, or the next line is indented too far
  8 |   description: greets: people
    |                ^
  mend: put the text in quotes, or indent the next line like this one
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > yaml-custom-tag.yaml 1`] = `
test/fixtures/manifests/invalid/yaml-custom-tag.yaml:8:16: error MESH_YAML_INVALID: the tag !markdown has no meaning here
  8 |   description: !markdown hello
    |                ^^^^^^^^^
  mend: remove the tag
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > yaml-duplicate-key-deep.yaml 1`] = `
test/fixtures/manifests/invalid/yaml-duplicate-key-deep.yaml:15:11: error MESH_YAML_DUPLICATE: the key "timeout" stands twice in one mapping
  15 |           timeout: 2s
     |           ^^^^^^^
  mend: keep one of the two
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > yaml-duplicate-key.yaml 1`] = `
test/fixtures/manifests/invalid/yaml-duplicate-key.yaml:9:3: error MESH_YAML_DUPLICATE: the key "description" stands twice in one mapping
  9 |   description: two
    |   ^^^^^^^^^^^
  mend: keep one of the two
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > yaml-range-unquoted.yaml 1`] = `
test/fixtures/manifests/invalid/yaml-range-unquoted.yaml:14:21: error MESH_YAML_INVALID: a text that starts with > or | has to stand in quotes
  14 |           version: >=1.0.0 <2
     |                     ^
  mend: put it in quotes, such as ">=1.0.0 <2"
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > yaml-reference-in-flow.yaml 1`] = `
test/fixtures/manifests/invalid/yaml-reference-in-flow.yaml:8:20: error MESH_YAML_INVALID: a reference inside { } has to stand in quotes
  8 |   auth: { bearer: \${env:MESH_TOKEN} }
    |                    ^
  mend: write it in quotes, such as "\${env:NAME}"
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > yaml-secret-on-broken-line.yaml 1`] = `
test/fixtures/manifests/invalid/yaml-secret-on-broken-line.yaml:8:34: error MESH_YAML_INVALID: unexpected scalar at node end
  8 |   auth: { bearer: ************** x }
    |                                  ^
  mend: mend the YAML at the place shown
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > yaml-star-unquoted.yaml 1`] = `
test/fixtures/manifests/invalid/yaml-star-unquoted.yaml:14:20: error MESH_YAML_INVALID: * begins an alias, and no name follows
  14 |           version: *
     |                    ^
  mend: put it in quotes: "*"
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > yaml-tab-indent.yaml 1`] = `
test/fixtures/manifests/invalid/yaml-tab-indent.yaml:7:1: error MESH_YAML_INVALID: a tab is used to indent
  7 |   version: 1.0.0
    | ^^
  mend: indent with blanks
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > yaml-two-documents-broken.yaml 1`] = `
test/fixtures/manifests/invalid/yaml-two-documents-broken.yaml:5:25: error MESH_FIELD_UNKNOWN: spec has no key "toolz"
  5 | spec: { version: 1.0.0, toolz: [] }
    |                         ^^^^^
  mend: write tools
test/fixtures/manifests/invalid/yaml-two-documents-broken.yaml:7:7: error MESH_YAML_INVALID: the [ that opens here is never closed
  7 | kind: [Agent
    |       ^
  mend: close it with ]
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > yaml-unclosed-bracket.yaml 1`] = `
test/fixtures/manifests/invalid/yaml-unclosed-bracket.yaml:11:13: error MESH_YAML_INVALID: the [ that opens here is never closed
  11 |       tags: [a, b
     |             ^
  mend: close it with ]
`

exports[`test/core/manifest/load.ts > TAP > a broken manifest gives exactly the faults that it has > yaml-unclosed-quote.yaml 1`] = `
test/fixtures/manifests/invalid/yaml-unclosed-quote.yaml:7:12: error MESH_YAML_INVALID: the " that opens here is never closed
  7 |   version: "1.0.0
    |            ^
  mend: close it with "
`

exports[`test/core/manifest/load.ts > TAP > what becomes of a manifest > anchors-and-merges 1`] = `
[
  {
    "name": "hello",
    "namespace": "default",
    "labels": {},
    "version": "1.0.0",
    "description": "",
    "http": {
      "host": "127.0.0.1",
      "port": 0,
      "path": "/mcp"
    },
    "icons": [],
    "settleMs": 2000,
    "session": {
      "store": "auto",
      "onStoreLoss": "fail"
    },
    "tools": [
      {
        "name": "hello",
        "icons": [],
        "handler": {
          "path": "./handlers/hello.ts",
          "exportName": "hello"
        },
        "description": "",
        "capability": "hello",
        "version": "1.0.0",
        "tags": [],
        "inputSchema": {
          "type": "object"
        },
        "returns": "value",
        "annotations": {},
        "isRepeatable": false,
        "timeoutMs": 60000,
        "dependencies": [
          {
            "name": "date",
            "required": false,
            "alternatives": [
              {
                "capability": "date_service",
                "version": "*",
                "tags": {
                  "required": [],
                  "preferred": [],
                  "excluded": [],
                  "anyOf": []
                },
                "timeoutMs": 3000,
                "deadlineMs": 10000,
                "retries": {
                  "attempts": 3,
                  "backoff": {
                    "initialMs": 50,
                    "maxMs": 2000
                  },
                  "on": [
                    "unavailable",
                    "timeout"
                  ],
                  "budget": 0.2
                },
                "breaker": {
                  "failures": 10,
                  "openMs": 5000
                },
                "ejection": {
                  "failures": 5,
                  "forMs": 10000,
                  "maxShare": 0.5
                },
                "balance": "auto",
                "headers": {},
                "stream": "auto"
              }
            ]
          }
        ]
      },
      {
        "name": "bye",
        "icons": [],
        "handler": {
          "path": "./handlers/hello.ts",
          "exportName": "bye"
        },
        "description": "",
        "capability": "bye",
        "version": "1.0.0",
        "tags": [],
        "inputSchema": {
          "type": "object"
        },
        "returns": "value",
        "annotations": {},
        "isRepeatable": false,
        "timeoutMs": 60000,
        "dependencies": [
          {
            "name": "date",
            "required": true,
            "alternatives": [
              {
                "capability": "date_service",
                "version": "*",
                "tags": {
                  "required": [],
                  "preferred": [],
                  "excluded": [],
                  "anyOf": []
                },
                "timeoutMs": 3000,
                "deadlineMs": 10000,
                "retries": {
                  "attempts": 3,
                  "backoff": {
                    "initialMs": 50,
                    "maxMs": 2000
                  },
                  "on": [
                    "unavailable",
                    "timeout"
                  ],
                  "budget": 0.2
                },
                "breaker": {
                  "failures": 10,
                  "openMs": 5000
                },
                "ejection": {
                  "failures": 5,
                  "forMs": 10000,
                  "maxShare": 0.5
                },
                "balance": "auto",
                "headers": {},
                "stream": "auto"
              }
            ]
          }
        ]
      }
    ],
    "resources": [],
    "prompts": []
  }
]
`

exports[`test/core/manifest/load.ts > TAP > what becomes of a manifest > everything 1`] = `
[
  {
    "name": "hello-world",
    "namespace": "demo",
    "labels": {
      "team": "docs"
    },
    "version": "1.2.0",
    "description": "Greets people with today's date.",
    "http": {
      "host": "0.0.0.0",
      "port": 9090,
      "path": "/v1/mcp",
      "advertise": "http://\${env:POD_IP}:9090/v1/mcp"
    },
    "bearer": "\${env:MESH_TOKEN}",
    "icons": [],
    "settleMs": 0,
    "session": {
      "store": "auto",
      "onStoreLoss": "fail"
    },
    "tools": [
      {
        "name": "hello_mesh",
        "title": "Hello",
        "icons": [],
        "handler": {
          "path": "./handlers/hello.ts",
          "exportName": "hello"
        },
        "description": "Say hello with today's date.",
        "capability": "greeting",
        "version": "1.0.0-rc.1+build.5",
        "tags": [
          "demo",
          "english"
        ],
        "inputSchema": {
          "type": "object",
          "properties": {
            "name": {
              "type": "string",
              "x-order": 1,
              "example": "Ada"
            }
          },
          "required": [
            "name"
          ]
        },
        "outputSchema": {
          "type": "object",
          "properties": {
            "text": {
              "type": "string"
            }
          },
          "required": [
            "text"
          ]
        },
        "returns": "value",
        "annotations": {
          "title": "Hello",
          "readOnlyHint": true,
          "idempotentHint": false
        },
        "isRepeatable": true,
        "timeoutMs": 90000,
        "dependencies": [
          {
            "name": "date",
            "required": false,
            "alternatives": [
              {
                "capability": "date_service",
                "version": ">=1.0.0 <2",
                "tags": {
                  "required": [
                    "system"
                  ],
                  "preferred": [
                    "fast"
                  ],
                  "excluded": [
                    "deprecated"
                  ],
                  "anyOf": [
                    [
                      "eu",
                      "us"
                    ]
                  ]
                },
                "timeoutMs": 2000,
                "deadlineMs": 8000,
                "retries": {
                  "attempts": 3,
                  "backoff": {
                    "initialMs": 50,
                    "maxMs": 2000
                  },
                  "on": [
                    "unavailable",
                    "timeout"
                  ],
                  "budget": 0.2
                },
                "breaker": {
                  "failures": 10,
                  "openMs": 5000
                },
                "ejection": {
                  "failures": 5,
                  "forMs": 10000,
                  "maxShare": 0.5
                },
                "balance": "auto",
                "headers": {},
                "stream": "auto",
                "bearer": "\${file:/run/secrets/date}"
              }
            ]
          },
          {
            "name": "archive",
            "required": false,
            "alternatives": [
              {
                "capability": "archive",
                "version": "*",
                "tags": {
                  "required": [
                    "cold"
                  ],
                  "preferred": [],
                  "excluded": [],
                  "anyOf": []
                },
                "timeoutMs": 4000,
                "deadlineMs": 10000,
                "retries": {
                  "attempts": 3,
                  "backoff": {
                    "initialMs": 50,
                    "maxMs": 2000
                  },
                  "on": [
                    "unavailable",
                    "timeout"
                  ],
                  "budget": 0.2
                },
                "breaker": {
                  "failures": 10,
                  "openMs": 5000
                },
                "ejection": {
                  "failures": 5,
                  "forMs": 10000,
                  "maxShare": 0.5
                },
                "balance": "auto",
                "headers": {},
                "stream": "auto"
              },
              {
                "capability": "archive",
                "version": "*",
                "tags": {
                  "required": [],
                  "preferred": [],
                  "excluded": [],
                  "anyOf": []
                },
                "timeoutMs": 1000,
                "deadlineMs": 1000,
                "retries": {
                  "attempts": 3,
                  "backoff": {
                    "initialMs": 50,
                    "maxMs": 2000
                  },
                  "on": [
                    "unavailable",
                    "timeout"
                  ],
                  "budget": 0.2
                },
                "breaker": {
                  "failures": 10,
                  "openMs": 5000
                },
                "ejection": {
                  "failures": 5,
                  "forMs": 10000,
                  "maxShare": 0.5
                },
                "balance": "auto",
                "headers": {},
                "stream": "auto"
              }
            ]
          }
        ]
      }
    ],
    "resources": [],
    "prompts": []
  }
]
`

exports[`test/core/manifest/load.ts > TAP > what becomes of a manifest > gateway 1`] = `
[
  {
    "name": "front",
    "namespace": "desk",
    "labels": {
      "team": "docs"
    },
    "version": "2.1.0",
    "description": "The mesh, for the desktop.",
    "http": {
      "host": "0.0.0.0",
      "port": 9100,
      "path": "/mcp",
      "advertise": "http://front.internal:9100/mcp"
    },
    "bearer": "\${env:FRONT_TOKEN}",
    "settleMs": 0,
    "icons": [],
    "session": {
      "store": "auto",
      "onStoreLoss": "fail"
    },
    "tools": [],
    "resources": [],
    "prompts": [],
    "gateway": {
      "exposures": [
        {
          "namespaces": [
            "desk"
          ],
          "capabilities": [
            "web_search"
          ],
          "isPinned": false,
          "tags": {
            "required": [
              "public"
            ],
            "preferred": [],
            "excluded": [
              "deprecated"
            ],
            "anyOf": [
              [
                "eu",
                "us"
              ]
            ]
          }
        },
        {
          "namespaces": [
            "reports"
          ],
          "agents": [
            "files"
          ],
          "prefix": "fs",
          "isPinned": false,
          "bearer": "\${env:FILES_TOKEN}"
        },
        {
          "isPinned": false,
          "tags": {
            "required": [
              "public"
            ],
            "preferred": [],
            "excluded": [],
            "anyOf": []
          }
        },
        {
          "namespaces": [
            "desk"
          ],
          "isPinned": false
        }
      ],
      "prefix": "always",
      "policy": {
        "timeoutMs": 30000,
        "deadlineMs": 300000,
        "retries": {
          "attempts": 3,
          "backoff": {
            "initialMs": 200,
            "maxMs": 5000
          },
          "on": [
            "unavailable"
          ],
          "budget": 0.1
        },
        "breaker": {
          "failures": 5,
          "openMs": 30000
        },
        "ejection": {
          "failures": 3,
          "forMs": 30000,
          "maxShare": 0.5
        },
        "balance": "auto",
        "headers": {},
        "stream": "auto"
      }
    }
  }
]
`

exports[`test/core/manifest/load.ts > TAP > what becomes of a manifest > schemas-in-files 1`] = `
[
  {
    "name": "hello",
    "namespace": "default",
    "labels": {},
    "version": "1.0.0",
    "description": "",
    "http": {
      "host": "127.0.0.1",
      "port": 0,
      "path": "/mcp"
    },
    "icons": [],
    "settleMs": 2000,
    "session": {
      "store": "auto",
      "onStoreLoss": "fail"
    },
    "tools": [
      {
        "name": "whole",
        "icons": [],
        "handler": {
          "path": "./handlers/hello.ts",
          "exportName": "hello"
        },
        "description": "",
        "capability": "whole",
        "version": "1.0.0",
        "tags": [],
        "inputSchema": {
          "type": "object",
          "properties": {
            "name": {
              "$ref": "#/$defs/Name"
            },
            "friends": {
              "type": "array",
              "items": {
                "$ref": "#"
              }
            },
            "home": {
              "$ref": "#/$defs/schemas.places.yaml/$defs/Address"
            }
          },
          "$defs": {
            "Name": {
              "type": "string",
              "minLength": 1
            },
            "schemas.places.yaml": {
              "$defs": {
                "Address": {
                  "type": "object",
                  "properties": {
                    "street": {
                      "type": "string"
                    },
                    "owner": {
                      "$ref": "#"
                    }
                  }
                }
              }
            }
          }
        },
        "returns": "value",
        "annotations": {},
        "isRepeatable": false,
        "timeoutMs": 60000,
        "dependencies": []
      },
      {
        "name": "parts",
        "icons": [],
        "handler": {
          "path": "./handlers/hello.ts",
          "exportName": "hello"
        },
        "description": "",
        "capability": "parts",
        "version": "1.0.0",
        "tags": [],
        "inputSchema": {
          "type": "object",
          "properties": {
            "person": {
              "$ref": "#/$defs/schemas.person.json"
            },
            "street": {
              "$ref": "#/$defs/schemas.places.yaml/$defs/Address/properties/street"
            }
          },
          "default": {
            "$ref": "./this-is-data.json"
          },
          "$defs": {
            "schemas.places.yaml": {
              "$defs": {
                "Address": {
                  "type": "object",
                  "properties": {
                    "street": {
                      "type": "string"
                    },
                    "owner": {
                      "$ref": "#/$defs/schemas.person.json"
                    }
                  }
                }
              }
            },
            "schemas.person.json": {
              "type": "object",
              "properties": {
                "name": {
                  "$ref": "#/$defs/schemas.person.json/$defs/Name"
                },
                "friends": {
                  "type": "array",
                  "items": {
                    "$ref": "#/$defs/schemas.person.json"
                  }
                },
                "home": {
                  "$ref": "#/$defs/schemas.places.yaml/$defs/Address"
                }
              },
              "$defs": {
                "Name": {
                  "type": "string",
                  "minLength": 1
                }
              }
            }
          }
        },
        "returns": "value",
        "annotations": {},
        "isRepeatable": false,
        "timeoutMs": 60000,
        "dependencies": [
          {
            "name": "person",
            "required": true,
            "alternatives": [
              {
                "capability": "person",
                "version": "*",
                "tags": {
                  "required": [],
                  "preferred": [],
                  "excluded": [],
                  "anyOf": []
                },
                "expects": {
                  "inputSchema": {
                    "type": "object",
                    "properties": {
                      "id": {
                        "type": "string"
                      }
                    }
                  },
                  "outputSchema": {
                    "type": "object",
                    "properties": {
                      "name": {
                        "$ref": "#/$defs/Name"
                      },
                      "friends": {
                        "type": "array",
                        "items": {
                          "$ref": "#"
                        }
                      },
                      "home": {
                        "$ref": "#/$defs/schemas.places.yaml/$defs/Address"
                      }
                    },
                    "$defs": {
                      "Name": {
                        "type": "string",
                        "minLength": 1
                      },
                      "schemas.places.yaml": {
                        "$defs": {
                          "Address": {
                            "type": "object",
                            "properties": {
                              "street": {
                                "type": "string"
                              },
                              "owner": {
                                "$ref": "#"
                              }
                            }
                          }
                        }
                      }
                    }
                  },
                  "match": "strict"
                },
                "timeoutMs": 3000,
                "deadlineMs": 10000,
                "retries": {
                  "attempts": 3,
                  "backoff": {
                    "initialMs": 50,
                    "maxMs": 2000
                  },
                  "on": [
                    "unavailable",
                    "timeout"
                  ],
                  "budget": 0.2
                },
                "breaker": {
                  "failures": 10,
                  "openMs": 5000
                },
                "ejection": {
                  "failures": 5,
                  "forMs": 10000,
                  "maxShare": 0.5
                },
                "balance": "auto",
                "headers": {},
                "stream": "auto"
              }
            ]
          },
          {
            "name": "archive",
            "required": true,
            "alternatives": [
              {
                "capability": "archive",
                "version": "*",
                "tags": {
                  "required": [],
                  "preferred": [],
                  "excluded": [],
                  "anyOf": []
                },
                "expects": {
                  "outputSchema": {
                    "type": "object",
                    "properties": {
                      "name": {
                        "$ref": "#/$defs/Name"
                      },
                      "friends": {
                        "type": "array",
                        "items": {
                          "$ref": "#"
                        }
                      },
                      "home": {
                        "$ref": "#/$defs/schemas.places.yaml/$defs/Address"
                      }
                    },
                    "$defs": {
                      "Name": {
                        "type": "string",
                        "minLength": 1
                      },
                      "schemas.places.yaml": {
                        "$defs": {
                          "Address": {
                            "type": "object",
                            "properties": {
                              "street": {
                                "type": "string"
                              },
                              "owner": {
                                "$ref": "#"
                              }
                            }
                          }
                        }
                      }
                    }
                  },
                  "match": "subset"
                },
                "timeoutMs": 3000,
                "deadlineMs": 10000,
                "retries": {
                  "attempts": 3,
                  "backoff": {
                    "initialMs": 50,
                    "maxMs": 2000
                  },
                  "on": [
                    "unavailable",
                    "timeout"
                  ],
                  "budget": 0.2
                },
                "breaker": {
                  "failures": 10,
                  "openMs": 5000
                },
                "ejection": {
                  "failures": 5,
                  "forMs": 10000,
                  "maxShare": 0.5
                },
                "balance": "auto",
                "headers": {},
                "stream": "auto"
              },
              {
                "capability": "archive",
                "version": "*",
                "tags": {
                  "required": [],
                  "preferred": [],
                  "excluded": [],
                  "anyOf": []
                },
                "timeoutMs": 3000,
                "deadlineMs": 10000,
                "retries": {
                  "attempts": 3,
                  "backoff": {
                    "initialMs": 50,
                    "maxMs": 2000
                  },
                  "on": [
                    "unavailable",
                    "timeout"
                  ],
                  "budget": 0.2
                },
                "breaker": {
                  "failures": 10,
                  "openMs": 5000
                },
                "ejection": {
                  "failures": 5,
                  "forMs": 10000,
                  "maxShare": 0.5
                },
                "balance": "auto",
                "headers": {},
                "stream": "auto"
              }
            ]
          }
        ]
      }
    ],
    "resources": [],
    "prompts": []
  }
]
`

exports[`test/core/manifest/load.ts > TAP > what becomes of a manifest > smallest 1`] = `
[
  {
    "name": "hello",
    "namespace": "default",
    "labels": {},
    "version": "1.0.0",
    "description": "",
    "http": {
      "host": "127.0.0.1",
      "port": 0,
      "path": "/mcp"
    },
    "icons": [],
    "settleMs": 2000,
    "session": {
      "store": "auto",
      "onStoreLoss": "fail"
    },
    "tools": [
      {
        "name": "hello",
        "icons": [],
        "handler": {
          "path": "./handlers/hello.ts",
          "exportName": "hello"
        },
        "description": "",
        "capability": "hello",
        "version": "1.0.0",
        "tags": [],
        "inputSchema": {
          "type": "object"
        },
        "returns": "value",
        "annotations": {},
        "isRepeatable": false,
        "timeoutMs": 60000,
        "dependencies": []
      }
    ],
    "resources": [],
    "prompts": []
  }
]
`
