/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > apply 1`] = `
Make manifests the desired ones

usage: meshctl apply -f {<file> | <folder> | -}

Checks all of them first, goes by the plan that meshctl plan shows, and applies all or none: what was done is taken back where a later one is refused, or where somebody else changed an agent since the plan was made. What breaks a consumer needs --force. Running instances follow without a restart; what one cannot follow shows as the condition Drifted. An applied agent stays in the registry until it is deleted.

flags:
  -f, --file <path>...   file, folder or - for stdin; may be given several times
  --prune                remove what was applied in these namespaces and is not in the files
  --locked               fill dependencies only with tools that are what the lock file says
  --lock-file <file>     the lock file (default: mesh.lock)
  --force                also where a consumer breaks by it
  --dry-run              ask the registry what it would do, and change nothing
  --wait                 return when every live instance follows
  --atomic               wait until every agent with live instances is Ready, and take all back where one does not become so
  --timeout <duration>   the longest that --wait and --atomic wait (default: 30s)
  -o, --output <form>    how to print (json | yaml | name)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # and see it take effect
  meshctl apply -f mesh.yaml --wait
  # what a folder would change
  meshctl apply -f agents --dry-run
  # a folder as it is, or nothing
  meshctl apply -f agents --prune --atomic
  # from stdin
  cat mesh.yaml | meshctl apply -f -
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > call 1`] = `
Call a tool and print its value

usage: meshctl call {<tool> | <agent>:<tool> | <capability>} ['<json>' | -]

The value goes to stdout as the tool gave it: text as it is, anything else as JSON; -o json prints the whole MCP result, --raw the JSON-RPC messages. The chunks of a tool that streams go there before it, a line each, as they come. A token that the agent asks for is taken from MESH_TOKEN. With --url a server outside of the mesh is called, with what meshctl login left for it and never with MESH_TOKEN; without a tool its tools are listed.

flags:
  -o, --output <form>    print the whole MCP result (json | yaml)
  --timeout <duration>   the longest that it may take (default: 60s)
  -f, --file <path>      a file with the arguments, in place of writing them
  --header <header>...   a header for the agent, "Name: value"
  --raw                  every message of the answer as it came, a line each
  --url <url>            an MCP server outside of the mesh, in place of an agent
  --login                log in through the browser where --url asks for it, also where there is no terminal
  --answer <json>...     what to answer when the tool asks back; several are used in turn

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # by the name of the tool
  meshctl call hello_mesh_simple
  # of a certain agent
  meshctl call system-agent:date_service '{"zone":"UTC"}'
  # from a file, with time
  meshctl call report --file args.json --timeout 5m
  # arguments from stdin
  echo '{"zone":"UTC"}' | meshctl call date_service -
  # the tools of a server
  meshctl call --url https://mcp.example.com/mcp
  # of a tool that asks whether you are sure
  meshctl call deploy --answer '{"sure":true}'
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > completion 1`] = `
Print the script that makes a shell complete command lines

usage: meshctl completion {bash | zsh | fish}

Commands, flags and their values, files, and the names of agents, instances, tools, namespaces and contexts, asked of the registry as the line is written; where none answers within a second there are no names.

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # bash: in ~/.bashrc
  source <(meshctl completion bash)
  # zsh: in ~/.zshrc, after compinit
  source <(meshctl completion zsh)
  # fish: once
  meshctl completion fish > ~/.config/fish/completions/meshctl.fish
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > config 1`] = `
Name registries, and choose the one to speak to

usage: meshctl config {get-contexts | current-context | use-context <name> | set-context <name> | delete-context <name>}

A context is a registry, a namespace and a token under a name, kept in MESH_HOME/config.json. "local" is always there: the registry that meshctl start runs. MESH_REGISTRY_URL and MESH_TOKEN come before the current context, --context and the other flags before both. A registry in a cluster is reached by its ingress, or through kubectl port-forward. A token is written as a reference, never as itself.

flags:
  --token <reference>   of set-context: where the token is, \${env:NAME} or \${file:/path}
  -o, --output <form>   how to print (table | wide | json | yaml | name)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # a registry in a container, and a namespace of it
  meshctl config set-context docker --registry-url http://127.0.0.1:8080 -n shop
  # one in a cluster, with a token
  meshctl config set-context prod --registry-url https://mesh.example.com --token '\${file:/run/secrets/mesh}'
  # from now on
  meshctl config use-context prod
  # for one command
  meshctl list --context docker
  # which there are
  meshctl config get-contexts
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > delete 1`] = `
Delete agents from the registry; their instances drain and end

usage: meshctl delete {-f {<file> | <folder> | -} | agent <name>... | agents -l <selector>}

flags:
  -f, --file <path>...        manifests of the agents to delete
  -l, --selector <selector>   agents with these labels: team=docs, tier!=test, zone in (a, b), canary, !canary
  --ignore-not-found          an agent that is not there is no error

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # by its name
  meshctl delete agent hello-world
  # those with a label
  meshctl delete agents -l team=docs
  # by its manifest
  meshctl delete -f mesh.yaml
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > describe 1`] = `
Show all that is known of an agent or a session

usage: meshctl describe {agent <name> | agent/<name> | session <id>}

For people; programs read meshctl get agent <name> -o json.

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # state, tools, dependencies, events
  meshctl describe agent hello-world
  # who owns it, and how it is
  meshctl describe session 1a2b3c4d5e6f
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > diff 1`] = `
Show what an apply would change

usage: meshctl diff -f {<file> | <folder> | -}

Compares manifests with what the registry wants now, as YAML with its keys sorted. Exit code 0 where nothing differs, 1 where something does, 2 and above where it failed to compare. Manifests hold references to secrets, never secrets.

flags:
  -f, --file <path>...   file, folder or - for stdin; may be given several times

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # before an apply
  meshctl diff -f mesh.yaml
  # a folder against the registry
  meshctl diff -f agents
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > drain 1`] = `
Take an instance out of every pick; its process goes on

usage: meshctl drain <instance>...

Its consumers are told within milliseconds. What runs there is finished, nothing new comes, and the process stays until it is stopped; a restart brings it back as a new instance.

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # before its machine goes
  meshctl drain hello-world-1a2b3c4d
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > events 1`] = `
Show what happened: joins, leaves, applies, and every rewiring with its reason

usage: meshctl events [agent]

Oldest first. The registry keeps the newest 10,000 in memory: they are forgotten when it ends. A rewiring stands with the consumer: which dependency, from which provider to which, and why.

flags:
  -w, --watch            go on with what happens, until ctrl-C
  --limit <number>       the newest so many, at most 1000 (default: 100)
  -o, --output <form>    how to print (table | wide | json | yaml | name)
  -A, --all-namespaces   of every namespace

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # what happened to one agent
  meshctl events hello-world
  # of every namespace, as it happens
  meshctl events -A -w
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > explain 1`] = `
Say what an error code or a field means, or how the calls of a dependency behave

usage: meshctl explain {<code> | <kind>[.<field>]... | <agent>.<tool>.<dependency>}

Of a field, such as agent.spec.tools: what it takes, its default, and the fields below it. Of a dependency: the value that holds for each field of its policy and where it was written, for each of its alternatives. It asks the registry, which sees named policies as values of the agent; with -f it reads files and names the line of each value. A resource or prompt with dependencies stands in the place of the tool as resource:NAME or prompt:NAME.

flags:
  -f, --file <path>...   file or folder to read in place of asking the registry
  -o, --output <form>    how to print (json | yaml)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # what to do about it
  meshctl explain MESH_PORT_TAKEN
  # what may stand there
  meshctl explain agent.spec.tools.dependencies
  # its timeouts, retries, ...
  meshctl explain hello-world.hello_mesh_simple.date
  # from files
  meshctl explain hello-world.hello_mesh_simple.date -f examples
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > gateway 1`] = `
Speak MCP on standard input and output, by a gateway of the mesh

usage: meshctl gateway --stdio [path]...

With paths: what they describe is started as meshctl start does it, and ends with this. One of it is a manifest of kind Gateway. Without paths: a gateway that runs already. Messages go to stdout, a line each, everything else to stderr. A token that the gateway asks for is taken from MESH_TOKEN.

flags:
  --stdio            on standard input and output: the one way that there is
  --name <gateway>   which one, where there are several

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # the command of a server in the settings of a desktop client
  meshctl gateway --stdio /home/me/mesh
  # one that runs already
  meshctl gateway --stdio --name front
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > get 1`] = `
Show agents, instances, capabilities, edges or sessions

usage: meshctl get {agents | instances | capabilities | edges | sessions} [name]

Sessions are asked of the instances that own them, with MESH_TOKEN where they want a token; what is shown names a session and cannot be used to call it.

flags:
  -o, --output <form>         how to print (table | wide | json | yaml | name)
  -A, --all-namespaces        of every namespace
  -l, --selector <selector>   agents with these labels: team=docs, tier!=test, zone in (a, b), canary, !canary
  --phase <phase>             of agents: those in this phase (Ready | Degraded | Drifted | Offline)
  --capability <name>         of agents: those that offer it
  --sort <field>              of agents: their order (name | phase | version | age | instances; default: name)
  -w, --watch                 of agents: go on with those that change, until ctrl-C

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # manifest and status of one agent
  meshctl get agent hello-world -o yaml
  # every running process
  meshctl get instances -o wide
  # what is offered, by whom
  meshctl get capabilities
  # and what becomes of them
  meshctl get agents -w
  # which dependency is filled by whom
  meshctl get edges
  # who owns which, and until when
  meshctl get sessions -o wide
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > graph 1`] = `
Show the mesh: agents, their tools, and what fills each dependency

usage: meshctl graph

As the registry has it resolved now; with -f as these manifests would be, if an instance of each were ready, and no registry is asked. An edge leads to the tool that leads among those that fill the dependency, or to a capability that nothing offers; with -o json it has every endpoint in its order. The picture needs no other program: it is laid out here.

flags:
  -f, --file <path>...   file or folder to read in place of asking the registry
  -A, --all-namespaces   of every namespace
  -o, --output <form>    how to print (tree | dot | mermaid | svg | json | yaml)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # as a tree
  meshctl graph
  # as a picture
  meshctl graph -o svg > mesh.svg
  # of files, for a page that draws Mermaid, as GitHub does
  meshctl graph -f examples -o mermaid
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > init 1`] = `
Write a new agent that runs at once

usage: meshctl init <folder> [-- <program> [argument]...]

A manifest, a handler with its unit test, types, and a package.json. With the template "server" the agent wraps an MCP server on standard input and output: a small one that is written too, or the program behind --. A file that is there is never overwritten: then nothing is written.

flags:
  --template <name>   what it is made of (typescript | javascript | server; default: typescript)
  --name <name>       the agent's name (default: that of the folder)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # in TypeScript
  meshctl init agents/greeter
  # in JavaScript
  meshctl init agents/greeter --template javascript
  # around an MCP server that is there
  meshctl init agents/search -- uvx my-search-server
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > list 1`] = `
List the agents of the mesh

usage: meshctl list [name]...

With names: those agents, and those whose names begin so. Filters hold together. Sorted by age the newest comes first, by phase what is not well, by instances the most.

flags:
  -o, --output <form>         how to print (table | wide | json | yaml | name)
  -A, --all-namespaces        of every namespace
  -l, --selector <selector>   agents with these labels: team=docs, tier!=test, zone in (a, b), canary, !canary
  --phase <phase>             of agents: those in this phase (Ready | Degraded | Drifted | Offline)
  --capability <name>         of agents: those that offer it
  --sort <field>              of agents: their order (name | phase | version | age | instances; default: name)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # who lives, what they offer, where
  meshctl list
  # those with a label, the newest first
  meshctl list -l team=docs --sort age
  # who offers it
  meshctl list --capability date_service
  # every namespace, for programs
  meshctl list -A -o json
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > lock 1`] = `
Write what every tool is, and who fills what, to mesh.lock

usage: meshctl lock <path>...

The lock file goes into the repository: meshctl validate --locked then fails where a tool is another than was reviewed, and says whom that breaks and which version step it asks for. Needs no registry.

flags:
  --lock-file <file>   where to write (default: mesh.lock)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # of a whole repository
  meshctl lock .
  # what differs since then
  meshctl validate . --locked
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > login 1`] = `
Log in at an MCP server outside of the mesh

usage: meshctl login <url>

The server says which authorization server it trusts, and that one shows its page in your browser (BROWSER, where it is set). Tokens are kept under MESH_HOME/logins, for you alone; meshctl call --url and agents with server.auth: { login: true } use and refresh them. Where the authorization server registers no clients by itself, name one that was registered with it, and its issuer: a secret is shown to nobody else.

flags:
  --scope <scopes>              what to ask for where the server does not say it
  --client-id <id>              a client that was registered beforehand
  --issuer <url>                the authorization server that registered it
  --client-secret-file <path>   a file with its secret, - for stdin
  --client-metadata <url>       where the client describes itself, for authorization servers that read it there
  --with-token                  a token from stdin, in place of a login
  --timeout <duration>          the longest that the server may take, apart from the login (default: 30s)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # in the browser
  meshctl login https://mcp.example.com/mcp
  # as a client that was registered beforehand
  meshctl login https://mcp.example.com/mcp --client-id mesh --client-secret-file ./secret --issuer https://auth.example.com
  # with a token that was made elsewhere
  meshctl login https://mcp.example.com/mcp --with-token < token.txt
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > logout 1`] = `
Forget the login at an MCP server

usage: meshctl logout <url>

Tokens and the client that was registered are removed from this machine; the authorization server is not told.

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # nothing is kept
  meshctl logout https://mcp.example.com/mcp
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > logs 1`] = `
Print the logs of local agents

usage: meshctl logs [name]

Without a name: of all agents. "registry" prints the log of the registry.

flags:
  -f, --follow          go on with what is written from now on, until Ctrl-C
  --tail <lines>        only the last lines
  --since <when>        only lines since then: so long ago, such as 5m, or a time such as 2026-01-31T12:00:00Z
  -o, --output <form>   json: the lines as they were written (json)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # the end of one log
  meshctl logs hello-world --tail 20
  # what was said in the last five minutes
  meshctl logs --since 5m
  # everything, as it comes
  meshctl logs -f --since 1m
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > plan 1`] = `
Show what an apply would do to the mesh

usage: meshctl plan -f {<file> | <folder> | -}

Against the registry as it is now: agents that are created, changed or removed, tools that change and the version step that this asks for, dependencies that another tool fills, and consumers that break. Changes nothing; apply goes by the same plan. Exit code 1 where a consumer breaks, a version says too little, or a cycle would form.

flags:
  -f, --file <path>...   file, folder or - for stdin; may be given several times
  --prune                with what was applied in these namespaces and is not in the files removed
  -o, --output <form>    how to print (json | yaml)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # a folder against the registry
  meshctl plan -f agents
  # for programs
  meshctl plan -f agents --prune -o json
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > registry 1`] = `
Run a registry in the foreground

usage: meshctl registry

Its log goes to stdout as JSON lines. With MESH_TOKEN set, callers must present it; without, only loopback is bound. DATABASE_URL (postgres://…) puts the store into PostgreSQL.

flags:
  --host <address>   address to bind (default: 127.0.0.1)
  --port <number>    port to bind (default: 8000)
  --store <file>     file of the embedded store, or "memory" (default: under MESH_HOME)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # on the default port
  meshctl registry --port 8000
  # forgets all at its end
  meshctl registry --store memory
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > rollout 1`] = `
Show the generations of an agent, or go back to one

usage: meshctl rollout {history | undo} <agent>

The registry keeps the last 50 generations of an applied agent. An undo is a new generation with the manifest of an earlier one; running instances follow it without a restart, as they follow an apply.

flags:
  --to-generation <number>   take up this one (default: the one before)
  -o, --output <form>        how to print (table | wide | json | yaml | name)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # what was wanted, and when
  meshctl rollout history hello-world
  # back to the generation before
  meshctl rollout undo hello-world
  # back to that one
  meshctl rollout undo hello-world --to-generation 3
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > start 1`] = `
Run agents, and a registry if there is none

usage: meshctl start <path>...

Checks all manifests first. Where MESH_REGISTRY_URL is loopback and nobody answers, a registry is started; it is shared by all starts and ends with the last of them. An agent starts when those are ready that could fill its dependencies, a few at a time. The logs of all agents are printed with their names and kept under MESH_HOME/logs. Ctrl-C drains everything; a second one ends it at once.

flags:
  --registry-only      run only the registry
  --auto-restart       start again what fails, sooner at first and then every 10 s
  --watch-files        reload an agent when its manifest or a module beside it changes
  --detach             go on in the background; returns when everything is ready or has failed
  --locked             fill dependencies only with tools that are what the lock file says
  --lock-file <file>   the lock file (default: mesh.lock)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # every agent below a folder
  meshctl start examples/hello
  # while working on it
  meshctl start mesh.yaml --watch-files
  # in the background, until meshctl stop
  meshctl start examples/hello --detach
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > status 1`] = `
Show the mesh on one screen, what is wrong first

usage: meshctl status

Of every namespace, unless -n names one. Exit code 5 where no registry answers; local processes are shown then too.

flags:
  -o, --output <form>   how to print (json | yaml)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # is all well?
  meshctl status
  # for programs
  meshctl status -o json
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > stop 1`] = `
Stop local agents, all or some

usage: meshctl stop [name]...

Agents drain first. The registry that was started for them ends with the last of them. Only what runs on this machine under this MESH_HOME is stopped.

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # everything that was started here
  meshctl stop
  # every local instance of one agent
  meshctl stop hello-world
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > top 1`] = `
Show calls, errors, latency, CPU and memory of what runs

usage: meshctl top [agent]

Asks every ready instance itself, twice, and shows what happened in between: figures are of that time, not since the start. By instance, by tool (calls that come), or by edge (calls to dependencies, as the consumer sees them). Agents with a token of their own are asked with MESH_TOKEN; one that cannot be asked is named, and the others are shown.

flags:
  --by <kind>                 a row for each of them (instances | tools | edges; default: instances)
  --sort <figure>             the most first (calls | errors | p99 | cpu | memory | name; default: calls)
  --interval <duration>       how long is looked at (default: 1s)
  -w, --watch                 go on, until ctrl-C; a terminal is drawn anew each time
  -o, --output <form>         how to print (table | wide | json | yaml | name)
  -A, --all-namespaces        of every namespace
  -l, --selector <selector>   agents with these labels: team=docs, tier!=test, zone in (a, b), canary, !canary

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # every instance, the busiest first
  meshctl top
  # what an agent waits for
  meshctl top hello-world --by edges
  # the slowest of all, as it goes on
  meshctl top -A -w --sort p99
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > types 1`] = `
Write the types of handlers from their manifests

usage: meshctl types <path>...

mesh.d.ts stands beside mesh.yaml and has a type for each handler, named after its tool, resource or prompt: what it is given and what it gives back. A dependency has the types that it expects, else those of the providers among the manifests that are given, so give them together. The types import mcp-mesh/runtime: the project has mcp-mesh among its devDependencies. Exit code 1 with --check where a file is not as it would be written.

flags:
  --check   write nothing, and say what would change

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # of every manifest below a folder
  meshctl types agents
  # in CI: are they as the manifests say?
  meshctl types agents --check
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > validate 1`] = `
Check manifests, the modules that they name, and the mesh that they make

usage: meshctl validate <path>...

A path is a file, a folder (every mesh.yaml and *.mesh.yaml below it) or a pattern. Needs no registry and no network; handler modules are read, never run. Three stages: each file, what each says, and all of them as a mesh (dependencies that nothing fills, versions, cycles, schemas, times and attempts along paths, credentials, texts for models). Of a single agent no provider is missed. A meshlint.yaml here or above switches findings of the mesh, each with a reason. Exit code 3 when there is an error.

flags:
  -o, --output <form>   how to print (text | json | yaml | sarif | github | junit)
  --fix                 write what is safe to mend into the files
  --locked              hold the tools and who fills what against the lock file
  --lock-file <file>    the lock file (default: mesh.lock)
  --against <where>     take the agents of a registry ("registry" or its URL) or of a folder as there, and tell what would break them

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # a whole repository
  meshctl validate .
  # for programs
  meshctl validate mesh.yaml -o json
  # for code scanning
  meshctl validate . -o sarif > mesh.sarif
  # and mend what is safe to mend
  meshctl validate . --fix
  # what differs from mesh.lock
  meshctl validate . --locked
  # together with what runs
  meshctl validate mesh.yaml --against registry
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > version 1`] = `
Print the version

usage: meshctl version

flags:
  -o, --output <form>   how to print (json | yaml)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # for programs
  meshctl version -o json
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > wait 1`] = `
Wait until agents are as wanted

usage: meshctl wait agent/<name>... --for {condition=<type>[=<status>] | phase=<phase> | delete}

An agent that is not there is an error at once, but with --for delete. Exit code 1 when the time is up, with what stands in the way.

flags:
  --for <goal>           what to wait for (default: condition=Ready)
  --timeout <duration>   the longest that it waits (default: 30s)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # until it serves
  meshctl wait agent/hello-world --for condition=Ready
  # until it is gone
  meshctl wait agent/hello-world --for delete --timeout 1m
`

exports[`test/core/cli/main.ts > TAP > help is printed for every command, with an example > why 1`] = `
Say why a dependency is filled as it is, or is not

usage: meshctl why <agent> [dependency]

For each alternative in its order: the endpoints, best first, and every other candidate with the stage at which it was left out (namespace, state, availability, tags, version, schema, lock) and the reason. Exit code 1 where a required dependency is unfilled.

flags:
  -o, --output <form>   how to print (json | yaml)

for every command:
  --registry-url <url>     registry to speak to, several with commas (default: MESH_REGISTRY_URL, else of the context, else http://127.0.0.1:8000)
  -n, --namespace <name>   namespace to work in (default: of the context, else default)
  --context <name>         where to work, by a name of meshctl config (default: the current one)

examples:
  # all of its dependencies
  meshctl why hello-world
  # one, or tool/date where several have it, or resource:NAME/date
  meshctl why hello-world date
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > a command like no other 1`] = `
error MESH_USAGE_INVALID: unknown command "frobnicate"
mend: see meshctl --help
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > a command that is none 1`] = `
error MESH_USAGE_INVALID: unknown command "lst"
mend: did you mean list? see meshctl --help
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > a duration that is none 1`] = `
error MESH_USAGE_INVALID: --timeout "5" is no duration
mend: write a number and a unit: 500ms, 30s, 2m
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > a flag that is none 1`] = `
error MESH_USAGE_INVALID: unknown option "--ouput"
mend: did you mean --output? see meshctl list --help
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > a flag without its value 1`] = `
error MESH_USAGE_INVALID: option "-o, --output <form>" argument missing
mend: see meshctl list --help
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > a kind that cannot be deleted 1`] = `
error MESH_USAGE_INVALID: delete does not take "instance x"
mend: write meshctl delete {-f {<file> | <folder> | -} | agent <name>... | agents -l <selector>}
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > a kind that is none 1`] = `
error MESH_USAGE_INVALID: "agnets" is no kind of thing to get
mend: did you mean "agents"? see meshctl get {agents | instances | capabilities | edges | sessions} [name]
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > a number that is none 1`] = `
error MESH_USAGE_INVALID: --tail "ten" is no whole number
mend: write --tail 100
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > a value that the flag does not take 1`] = `
error MESH_USAGE_INVALID: option "-o, --output <form>" argument "xml" is invalid. Allowed choices are table, wide, json, yaml, name.
mend: see meshctl list --help
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > an address at which nobody can be 1`] = `
error MESH_USAGE_INVALID: the registry's address "http://127.0.0.1:0" has port 0, at which nobody can be reached
mend: write --registry-url http://127.0.0.1:8000, or set MESH_REGISTRY_URL so
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > an address that is none 1`] = `
error MESH_USAGE_INVALID: the registry's address "localhost:8000" is no http URL
mend: write --registry-url http://127.0.0.1:8000, or set MESH_REGISTRY_URL so
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > an address with a password 1`] = `
error MESH_USAGE_INVALID: the registry's address holds credentials, which are not sent: the token goes into MESH_TOKEN
mend: write --registry-url http://127.0.0.1:8000, or set MESH_REGISTRY_URL so
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > help of a command that is none 1`] = `
error MESH_USAGE_INVALID: unknown command "lst"
mend: did you mean "list"? see meshctl help
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > nothing to apply 1`] = `
error MESH_USAGE_INVALID: apply was given no file
mend: write meshctl apply -f {<file> | <folder> | -}
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > nothing to call 1`] = `
error MESH_USAGE_INVALID: no tool was named
mend: write meshctl call {<tool> | <agent>:<tool> | <capability>} ['<json>' | -]
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > nothing to delete 1`] = `
error MESH_USAGE_INVALID: delete was given nothing to delete
mend: write meshctl delete {-f {<file> | <folder> | -} | agent <name>... | agents -l <selector>}
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > nothing to start 1`] = `
error MESH_USAGE_INVALID: start was given no manifest
mend: write meshctl start <path>..., or meshctl start --registry-only
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > too few 1`] = `
error MESH_USAGE_INVALID: get was given nothing to work on
mend: write meshctl get {agents | instances | capabilities | edges | sessions} [name]
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > too many arguments 1`] = `
error MESH_USAGE_INVALID: version does not take "all"
mend: write meshctl version
`

exports[`test/core/cli/main.ts > TAP > what the command line gets wrong ends with 2 and how to write it > two ways at once 1`] = `
error MESH_USAGE_INVALID: --registry-only starts no agent, but "x" was given
mend: leave one of the two out
`
