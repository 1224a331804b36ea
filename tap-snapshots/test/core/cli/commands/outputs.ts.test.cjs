/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl apply -f agents --dry-run 1`] = `
code: 0
out: agent/echo configured (generation 3) (dry run)
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl call nothing 1`] = `
code: 4
out: 
err: error MESH_RESOURCE_MISSING: no agent in namespace "default" has a tool or capability "nothing"
mend: there is now, date, hello, greeting; see meshctl get capabilities
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl completion bash 1`] = `
code: 0
out: _meshctl() {
  local line="\${COMP_LINE:0:COMP_POINT}" words current candidate reply tab=$'\\t'
  read -ra words <<<"$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  current="\${words[\${#words[@]}-1]}"
  COMPREPLY=()
  while IFS= read -r candidate; do
    if [[ "$candidate" == ":files" ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r reply; do COMPREPLY+=("$reply"); done < <(compgen -f -- "$current")
      return
    fi
    COMPREPLY+=("\${candidate%%$tab*}")
  done < <(meshctl __complete -- "\${words[@]:1}" 2>/dev/null)
  local cut=""
  if [[ "$current" == *:* && "$COMP_WORDBREAKS" == *:* ]]; then cut="\${current%"\${current##*:}"}"; fi
  if [[ "$current" == *=* && "$COMP_WORDBREAKS" == *=* ]]; then cut="\${current%"\${current##*=}"}"; fi
  local i
  for i in "\${!COMPREPLY[@]}"; do COMPREPLY[i]="\${COMPREPLY[i]#"$cut"}"; done
}
complete -F _meshctl meshctl
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl config current-context 1`] = `
code: 0
out: local
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl config get-contexts 1`] = `
code: 0
out: CURRENT   NAME    REGISTRY                NAMESPACE
*         local   http://127.0.0.1:8000   default
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl delete agent hello 1`] = `
code: 0
out: agent/hello deleted
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl describe agent/hello 1`] = `
code: 0
out: Name:         hello
Namespace:    default
Labels:       team=docs
Phase:        Degraded
Version:      1.2.0
Generation:   2 (observed 1), applied
Description:  Greets people.
Conditions:
  TYPE      STATUS   SINCE   REASON              MESSAGE
  Ready     False    0ms     DependencyMissing   hello/stock: shop offers it, but it is draining
  Drifted   False    0ms     Following           it follows
Instances:
  ID        STATE      ENDPOINT                     PID   AGE
  hello-1   ready      http://127.0.0.1:1/hello-1   7     0ms
  hello-2   draining   http://127.0.0.1:1/hello-2   7     0ms
Tools:
  CAPABILITY   VERSION   TAGS   TOOL
  greeting     1.2.0     -      hello
Dependencies:
  CONSUMER      DEPENDENCY   CAPABILITY   PROVIDER
  hello:hello   date         date         clock:now@2.0.0
  hello:hello   stock        stock        none: shop offers it, but it is draining
Events:
  AGE   TYPE      MESSAGE
  0ms   Applied   generation 2
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl diff -f agents 1`] = `
code: 1
out: --- agent/echo in namespace default (not there yet)
+++ agents/echo/mesh.yaml
@@ -0,0 +1,10 @@
+apiVersion: mcp-mesh.dev/v1
+kind: Agent
+metadata:
+  name: echo
+  namespace: default
+spec:
+  tools:
+    - handler: ./handler.ts#run
+      name: echo
+  version: 1.0.0
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl drain clock-1 1`] = `
code: 0
out: instance/clock-1 draining
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl events hello 1`] = `
code: 0
out: AGE   TYPE      AGENT   MESSAGE
0ms   Applied   hello   generation 2
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl explain agent.spec.http 1`] = `
code: 0
out: agent.spec.http  object
  Where the agent listens.

FIELD       TAKES     WHAT IT IS
host        string    Address to bind. Anything but loopback needs spec.auth. \`\${env:NAME}\`, \`\${env:NAME:-default}\` and \`\${file:/path}\` are resolved in the runtime.
port        integer   Port to bind; 0 takes any free one.
path        string    Path of the MCP endpoint, served with and without a slash at its end.
advertise   string    The URL at which other agents reach this one, where it differs from host, port and path. References are resolved in the runtime, as in host.
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl explain agent.spec.tols 1`] = `
code: 4
out: 
err: error MESH_RESOURCE_MISSING: agent.spec has no field "tols"
mend: did you mean "tools"? see meshctl explain agent.spec
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl explain MESH_PORT_TAKEN 1`] = `
code: 0
out: MESH_PORT_TAKEN: The port is in use by another process.
mend: stop that process, or write another port; 0 takes any free one
HTTP status 500, exit code 1
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl gateway --stdio nowhere 1`] = `
code: 3
out: 
err: error MESH_FILE_MISSING: "nowhere" does not exist
mend: write the path of a manifest, or of a folder that holds some
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl gateway 1`] = `
code: 2
out: 
err: error MESH_USAGE_INVALID: gateway was not told how to speak
mend: write meshctl gateway --stdio; meshctl start runs one for clients over HTTP
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl get agent cl 1`] = `
code: 0
out: NAME    PHASE   VERSION   INSTANCES   CAPABILITIES   DEPENDENCIES   ENDPOINT
clock   Ready   2.0.0     1/1         date           -              http://127.0.0.1:1/clock-1
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl get capabilities 1`] = `
code: 0
out: CAPABILITY   VERSION   TAGS     AGENT   TOOL    PHASE
date         2.0.0     system   clock   now     Ready
greeting     1.2.0     -        hello   hello   Degraded
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl get edges 1`] = `
code: 0
out: CONSUMER      DEPENDENCY   CAPABILITY   PROVIDER
hello:hello   date         date         clock:now@2.0.0
hello:hello   stock        stock        none: shop offers it, but it is draining
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl get instances 1`] = `
code: 0
out: ID        AGENT   STATE      ENDPOINT                     PID   AGE
clock-1   clock   ready      http://127.0.0.1:1/clock-1   7     0ms
hello-1   hello   ready      http://127.0.0.1:1/hello-1   7     0ms
hello-2   hello   draining   http://127.0.0.1:1/hello-2   7     0ms
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl graph -o dot 1`] = `
code: 0
out: digraph mesh {
  graph [rankdir="LR" fontname="Helvetica" fontsize="13" style="rounded" nodesep="0.25" ranksep="1"]
  node [shape="box" style="rounded,filled" fillcolor="white" color="#57606a" fontname="Helvetica" fontsize="11"]
  edge [fontname="Helvetica" fontsize="10" arrowsize="0.7"]
  subgraph "cluster_default/clock" {
    label="default/clock (Ready, 1/1)" color="#1a7f37" fontcolor="#1a7f37"
    "default/clock/now" [label="now\\ndate 2.0.0" tooltip="system"]
  }
  subgraph "cluster_default/hello" {
    label="default/hello (Degraded, 1/2)" color="#bc6c00" fontcolor="#bc6c00"
    "default/hello/hello" [label="hello\\ngreeting 1.2.0\\nbroken" tooltip="shop offers it, but it is draining" color="#cf222e"]
  }
  "stock" [label="stock" style="rounded,dashed"]
  "poem" [label="poem" style="rounded,dashed"]
  "default/hello/hello" -> "default/clock/now" [label="date" tooltip="http://127.0.0.1:1/clock-1" color="#57606a" fontcolor="#57606a"]
  "default/hello/hello" -> "stock" [label="stock (nothing)" tooltip="shop offers it, but it is draining" color="#cf222e" fontcolor="#cf222e" arrowhead="tee"]
  "default/hello/hello" -> "poem" [label="poet (optional, nothing)" tooltip="nobody offers it" color="#bc6c00" fontcolor="#bc6c00" style="dashed" arrowhead="tee"]
}
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl graph -o mermaid 1`] = `
code: 0
out: flowchart LR
  subgraph n0["default/clock (Ready, 1/1)"]
    n1["now: date 2.0.0"]
  end
  subgraph n2["default/hello (Degraded, 1/2)"]
    n3["hello: greeting 1.2.0"]:::broken
  end
  n4("stock"):::open
  n5("poem"):::open
  n3 -->|"date"| n1
  n3 --x|"stock (nothing)"| n4
  n3 --x|"poet (optional, nothing)"| n5
  linkStyle 2 stroke:#bc6c00
  linkStyle 1 stroke:#cf222e
  classDef broken stroke:#cf222e
  classDef open stroke-dasharray:4
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl graph 1`] = `
code: 0
out: clock  Ready, 1 of 1 instances ready
└─ now  date 2.0.0
hello  Degraded, 1 of 2 instances ready
└─ hello  greeting 1.2.0  broken
   ├─ date -> clock.now 2.0.0
   ├─ stock -> nothing: shop offers it, but it is draining
   └─ poet (optional) -> nothing: nobody offers it
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl init new-agent --template javascript 1`] = `
code: 0
out: new-agent/mesh.yaml
new-agent/package.json
new-agent/greet.js
new-agent/greet.test.js
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl list --phase Offline 1`] = `
code: 0
out: 
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl list --sort phase 1`] = `
code: 0
out: NAME    PHASE      VERSION   INSTANCES   CAPABILITIES   DEPENDENCIES   ENDPOINT
hello   Degraded   1.2.0     1/2         greeting       1/2            http://127.0.0.1:1/hello-1
clock   Ready      2.0.0     1/1         date           -              http://127.0.0.1:1/clock-1
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl list -o wide 1`] = `
code: 0
out: NAME    NAMESPACE   KIND    PHASE      VERSION   INSTANCES   CAPABILITIES   DEPENDENCIES   ENDPOINT                     TAGS     GENERATION       AGE
clock   default     Agent   Ready      2.0.0     1/1         date           -              http://127.0.0.1:1/clock-1   system   1 (observed 1)   0ms
hello   default     Agent   Degraded   1.2.0     1/2         greeting       1/2            http://127.0.0.1:1/hello-1   -        2 (observed 1)   0ms
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl list 1`] = `
code: 0
out: NAME    PHASE      VERSION   INSTANCES   CAPABILITIES   DEPENDENCIES   ENDPOINT
clock   Ready      2.0.0     1/1         date           -              http://127.0.0.1:1/clock-1
hello   Degraded   1.2.0     1/2         greeting       1/2            http://127.0.0.1:1/hello-1
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl lock agents --check 1`] = `
code: 2
out: 
err: error MESH_USAGE_INVALID: unknown option "--check"
mend: see meshctl lock --help
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl login https://mcp.example.com/mcp --issuer https://auth.example.com 1`] = `
code: 2
out: 
err: error MESH_USAGE_INVALID: --issuer and --client-secret-file say more of a client that is not named
mend: add --client-id <id>
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl login no-url 1`] = `
code: 2
out: 
err: error MESH_USAGE_INVALID: "no-url" is no URL of an MCP server
mend: write https://host/mcp
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl logout https://mcp.example.com/mcp 1`] = `
code: 0
out: 
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl logs --since 2030-01-01 1`] = `
code: 0
out: 
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl logs 1`] = `
code: 0
out: hello | 03:04:05.006 info  ready
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl logs hel 1`] = `
code: 0
out: hello | 03:04:05.006 info  ready
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl plan -f agents 1`] = `
code: 0
out: + agent/echo in namespace default is created
1 to create, 0 to change, 0 to remove, 0 unchanged, 0 edges move, 0 consumers break
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl registry --port x 1`] = `
code: 1
out: 
err: error MESH_PROCESS_FAILED: the registry ended with code 1 before it was ready
mend: mend what it says above
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl rollout history hello 1`] = `
code: 0
out: GENERATION   VERSION   ORIGIN    AGE   DIGEST
1            1.2.0     applied   0ms   x
2            1.2.0     applied   0ms   x
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl start 1`] = `
code: 2
out: 
err: error MESH_USAGE_INVALID: start was given no manifest
mend: write meshctl start <path>..., or meshctl start --registry-only
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl status 1`] = `
code: 0
out: registry http://REGISTRY: 2 agents, 2 of 3 instances ready, 1 of 2 dependencies filled

WHAT IS WRONG
  AGENT   REASON                 MESSAGE
  hello   DependencyMissing      hello/stock: shop offers it, but it is draining
  hello   DependencyUnresolved   hello/stock: shop offers it, but it is draining
  hello   InstanceDraining       hello-2 is draining

AGENTS
  NAME    PHASE      VERSION   INSTANCES   CAPABILITIES   DEPENDENCIES   ENDPOINT
  clock   Ready      2.0.0     1/1         date           -              http://127.0.0.1:1/clock-1
  hello   Degraded   1.2.0     1/2         greeting       1/2            http://127.0.0.1:1/hello-1

INSTANCES
  ID        AGENT   STATE      ENDPOINT                     PID   AGE
  clock-1   clock   ready      http://127.0.0.1:1/clock-1   7     0ms
  hello-1   hello   ready      http://127.0.0.1:1/hello-1   7     0ms
  hello-2   hello   draining   http://127.0.0.1:1/hello-2   7     0ms

EDGES
  CONSUMER      DEPENDENCY   CAPABILITY   PROVIDER
  hello:hello   date         date         clock:now@2.0.0
  hello:hello   stock        stock        none: shop offers it, but it is draining
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl stop 1`] = `
code: 0
out: nothing is running
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl top --interval 1ms 1`] = `
code: 1
out: 
err: clock-1 cannot be asked: http://127.0.0.1:1/metrics: connect ECONNREFUSED 127.0.0.1:1
hello-1 cannot be asked: http://127.0.0.1:1/metrics: connect ECONNREFUSED 127.0.0.1:1
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl types agents --check 1`] = `
code: 1
out: agents/echo/mesh.d.ts is stale
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl validate agents 1`] = `
code: 0
out: 
err: 1 agent is sound, 0 errors
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl version 1`] = `
code: 0
out: meshctl VERSION
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl wait agent/clock 1`] = `
code: 0
out: agent/clock Ready
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a pipe > meshctl why hello 1`] = `
code: 1
out: hello/date (required): filled by alternative 1 of 1
  1. date, version *
     fits      clock/now@2.0.0 (clock-1), score 5, http://127.0.0.1:1/clock-1
hello/stock (required): nothing fills it
  1. stock, version *
     nobody offers it
err: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl apply -f agents --dry-run 1`] = `
code: 0
out: agent/echo configured (generation 3) (dry run)
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl call nothing 1`] = `
code: 4
out: 
err: [31merror [0mMESH_RESOURCE_MISSING: no agent in namespace "default" has a tool or capability "nothing"
mend: there is now, date, hello, greeting; see meshctl get capabilities
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl completion bash 1`] = `
code: 0
out: _meshctl() {
  local line="\${COMP_LINE:0:COMP_POINT}" words current candidate reply tab=$'\\t'
  read -ra words <<<"$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  current="\${words[\${#words[@]}-1]}"
  COMPREPLY=()
  while IFS= read -r candidate; do
    if [[ "$candidate" == ":files" ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r reply; do COMPREPLY+=("$reply"); done < <(compgen -f -- "$current")
      return
    fi
    COMPREPLY+=("\${candidate%%$tab*}")
  done < <(meshctl __complete -- "\${words[@]:1}" 2>/dev/null)
  local cut=""
  if [[ "$current" == *:* && "$COMP_WORDBREAKS" == *:* ]]; then cut="\${current%"\${current##*:}"}"; fi
  if [[ "$current" == *=* && "$COMP_WORDBREAKS" == *=* ]]; then cut="\${current%"\${current##*=}"}"; fi
  local i
  for i in "\${!COMPREPLY[@]}"; do COMPREPLY[i]="\${COMPREPLY[i]#"$cut"}"; done
}
complete -F _meshctl meshctl
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl config current-context 1`] = `
code: 0
out: local
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl config get-contexts 1`] = `
code: 0
out: [90mCURRENT   NAME    REGISTRY                NAMESPACE[0m
*         local   http://127.0.0.1:8000   default
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl delete agent hello 1`] = `
code: 0
out: agent/hello deleted
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl describe agent/hello 1`] = `
code: 0
out: Name:         hello
Namespace:    default
Labels:       team=docs
Phase:        Degraded
Version:      1.2.0
Generation:   2 (observed 1), applied
Description:  Greets people.
Conditions:
  TYPE      STATUS   SINCE   REASON              MESSAGE
  Ready     False    0ms     DependencyMissing   hello/stock: shop offers it, but it is draining
  Drifted   False    0ms     Following           it follows
Instances:
  ID        STATE      ENDPOINT                     PID   AGE
  hello-1   ready      http://127.0.0.1:1/hello-1   7     0ms
  hello-2   draining   http://127.0.0.1:1/hello-2   7     0ms
Tools:
  CAPABILITY   VERSION   TAGS   TOOL
  greeting     1.2.0     -      hello
Dependencies:
  CONSUMER      DEPENDENCY   CAPABILITY   PROVIDER
  hello:hello   date         date         clock:now@2.0.0
  hello:hello   stock        stock        none: shop offers it, but it is draining
Events:
  AGE   TYPE      MESSAGE
  0ms   Applied   generation 2
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl diff -f agents 1`] = `
code: 1
out: [31m--- agent/echo in namespace default (not there yet)[0m
[32m+++ agents/echo/mesh.yaml[0m
[36m@@ -0,0 +1,10 @@[0m
[32m+apiVersion: mcp-mesh.dev/v1[0m
[32m+kind: Agent[0m
[32m+metadata:[0m
[32m+  name: echo[0m
[32m+  namespace: default[0m
[32m+spec:[0m
[32m+  tools:[0m
[32m+    - handler: ./handler.ts#run[0m
[32m+      name: echo[0m
[32m+  version: 1.0.0[0m
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl drain clock-1 1`] = `
code: 0
out: instance/clock-1 draining
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl events hello 1`] = `
code: 0
out: [90mAGE   TYPE      AGENT   MESSAGE[0m
0ms   Applied   hello   generation 2
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl explain agent.spec.http 1`] = `
code: 0
out: [1magent.spec.http[0m  object
  Where the agent listens.

FIELD       TAKES     WHAT IT IS
host        string    Address to bind. Anything but loopback needs spec.auth. \`\${env:NAME}\`, \`\${env:NAME:-default}\` and \`\${file:/path}\` are resolved in the runtime.
port        integer   Port to bind; 0 takes any free one.
path        string    Path of the MCP endpoint, served with and without a slash at its end.
advertise   string    The URL at which other agents reach this one, where it differs from host, port and path. References are resolved in the runtime, as in host.
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl explain agent.spec.tols 1`] = `
code: 4
out: 
err: [31merror [0mMESH_RESOURCE_MISSING: agent.spec has no field "tols"
mend: did you mean "tools"? see meshctl explain agent.spec
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl explain MESH_PORT_TAKEN 1`] = `
code: 0
out: MESH_PORT_TAKEN: The port is in use by another process.
mend: stop that process, or write another port; 0 takes any free one
HTTP status 500, exit code 1
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl gateway --stdio nowhere 1`] = `
code: 3
out: 
err: [31merror [0mMESH_FILE_MISSING: "nowhere" does not exist
mend: write the path of a manifest, or of a folder that holds some
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl gateway 1`] = `
code: 2
out: 
err: [31merror [0mMESH_USAGE_INVALID: gateway was not told how to speak
mend: write meshctl gateway --stdio; meshctl start runs one for clients over HTTP
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl get agent cl 1`] = `
code: 0
out: [90mNAME    PHASE   VERSION   INSTANCES   CAPABILITIES   DEPENDENCIES   ENDPOINT[0m
clock   [32mReady[0m   2.0.0     1/1         date           -              http://127.0.0.1:1/clock-1
err: 
said: cl is taken for clock
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl get capabilities 1`] = `
code: 0
out: [90mCAPABILITY   VERSION   TAGS     AGENT   TOOL    PHASE[0m
date         2.0.0     system   clock   now     [32mReady[0m
greeting     1.2.0     -        hello   hello   [33mDegraded[0m
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl get edges 1`] = `
code: 0
out: [90mCONSUMER      DEPENDENCY   CAPABILITY   PROVIDER[0m
hello:hello   date         date         clock:now@2.0.0
hello:hello   stock        stock        [31mnone: shop offers it, but it is draining[0m
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl get instances 1`] = `
code: 0
out: [90mID        AGENT   STATE      ENDPOINT                     PID   AGE[0m
clock-1   clock   [32mready[0m      http://127.0.0.1:1/clock-1   7     0ms
hello-1   hello   [32mready[0m      http://127.0.0.1:1/hello-1   7     0ms
hello-2   hello   [33mdraining[0m   http://127.0.0.1:1/hello-2   7     0ms
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl graph -o dot 1`] = `
code: 0
out: digraph mesh {
  graph [rankdir="LR" fontname="Helvetica" fontsize="13" style="rounded" nodesep="0.25" ranksep="1"]
  node [shape="box" style="rounded,filled" fillcolor="white" color="#57606a" fontname="Helvetica" fontsize="11"]
  edge [fontname="Helvetica" fontsize="10" arrowsize="0.7"]
  subgraph "cluster_default/clock" {
    label="default/clock (Ready, 1/1)" color="#1a7f37" fontcolor="#1a7f37"
    "default/clock/now" [label="now\\ndate 2.0.0" tooltip="system"]
  }
  subgraph "cluster_default/hello" {
    label="default/hello (Degraded, 1/2)" color="#bc6c00" fontcolor="#bc6c00"
    "default/hello/hello" [label="hello\\ngreeting 1.2.0\\nbroken" tooltip="shop offers it, but it is draining" color="#cf222e"]
  }
  "stock" [label="stock" style="rounded,dashed"]
  "poem" [label="poem" style="rounded,dashed"]
  "default/hello/hello" -> "default/clock/now" [label="date" tooltip="http://127.0.0.1:1/clock-1" color="#57606a" fontcolor="#57606a"]
  "default/hello/hello" -> "stock" [label="stock (nothing)" tooltip="shop offers it, but it is draining" color="#cf222e" fontcolor="#cf222e" arrowhead="tee"]
  "default/hello/hello" -> "poem" [label="poet (optional, nothing)" tooltip="nobody offers it" color="#bc6c00" fontcolor="#bc6c00" style="dashed" arrowhead="tee"]
}
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl graph -o mermaid 1`] = `
code: 0
out: flowchart LR
  subgraph n0["default/clock (Ready, 1/1)"]
    n1["now: date 2.0.0"]
  end
  subgraph n2["default/hello (Degraded, 1/2)"]
    n3["hello: greeting 1.2.0"]:::broken
  end
  n4("stock"):::open
  n5("poem"):::open
  n3 -->|"date"| n1
  n3 --x|"stock (nothing)"| n4
  n3 --x|"poet (optional, nothing)"| n5
  linkStyle 2 stroke:#bc6c00
  linkStyle 1 stroke:#cf222e
  classDef broken stroke:#cf222e
  classDef open stroke-dasharray:4
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl graph 1`] = `
code: 0
out: [1mclock[0m  [32mReady[0m, 1 of 1 instances ready
└─ now  date 2.0.0
[1mhello[0m  [33mDegraded[0m, 1 of 2 instances ready
└─ hello  greeting 1.2.0[31m  broken[0m
   ├─ date -> clock.now 2.0.0
   ├─ stock -> [31mnothing: shop offers it, but it is draining[0m
   └─ poet (optional) -> [33mnothing: nobody offers it[0m
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl init new-agent --template javascript 1`] = `
code: 0
out: new-agent/mesh.yaml
new-agent/package.json
new-agent/greet.js
new-agent/greet.test.js
err: 
said: run it:  meshctl start new-agent
call it: meshctl call new-agent:greet '{"name":"Ada"}'
test it: cd new-agent && npm install && npm test
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl list --phase Offline 1`] = `
code: 0
out: 
err: 
said: no agent is meant by --phase Offline
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl list --sort phase 1`] = `
code: 0
out: [90mNAME    PHASE      VERSION   INSTANCES   CAPABILITIES   DEPENDENCIES   ENDPOINT[0m
hello   [33mDegraded[0m   1.2.0     1/2         greeting       1/2            http://127.0.0.1:1/hello-1
clock   [32mReady[0m      2.0.0     1/1         date           -              http://127.0.0.1:1/clock-1
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl list -o wide 1`] = `
code: 0
out: [90mNAME    NAMESPACE   KIND    PHASE      VERSION   INSTANCES   CAPABILITIES   DEPENDENCIES   ENDPOINT                     TAGS     GENERATION       AGE[0m
clock   default     Agent   [32mReady[0m      2.0.0     1/1         date           -              http://127.0.0.1:1/clock-1   system   1 (observed 1)   0ms
hello   default     Agent   [33mDegraded[0m   1.2.0     1/2         greeting       1/2            http://127.0.0.1:1/hello-1   -        2 (observed 1)   0ms
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl list 1`] = `
code: 0
out: [90mNAME    PHASE      VERSION   INSTANCES   CAPABILITIES   DEPENDENCIES   ENDPOINT[0m
clock   [32mReady[0m      2.0.0     1/1         date           -              http://127.0.0.1:1/clock-1
hello   [33mDegraded[0m   1.2.0     1/2         greeting       1/2            http://127.0.0.1:1/hello-1
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl lock agents --check 1`] = `
code: 2
out: 
err: [31merror [0mMESH_USAGE_INVALID: unknown option "--check"
mend: see meshctl lock --help
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl login https://mcp.example.com/mcp --issuer https://auth.example.com 1`] = `
code: 2
out: 
err: [31merror [0mMESH_USAGE_INVALID: --issuer and --client-secret-file say more of a client that is not named
mend: add --client-id <id>
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl login no-url 1`] = `
code: 2
out: 
err: [31merror [0mMESH_USAGE_INVALID: "no-url" is no URL of an MCP server
mend: write https://host/mcp
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl logout https://mcp.example.com/mcp 1`] = `
code: 0
out: 
err: 
said: there was no login at https://mcp.example.com/mcp
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl logs --since 2030-01-01 1`] = `
code: 0
out: 
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl logs 1`] = `
code: 0
out: [32mhello[0m | [90m03:04:05.006 [0m[32minfo [0m ready
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl logs hel 1`] = `
code: 0
out: [32mhello[0m | [90m03:04:05.006 [0m[32minfo [0m ready
err: 
said: hel is taken for hello
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl plan -f agents 1`] = `
code: 0
out: + agent/echo in namespace default is created
1 to create, 0 to change, 0 to remove, 0 unchanged, 0 edges move, 0 consumers break
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl registry --port x 1`] = `
code: 1
out: 
err: [31merror [0mMESH_PROCESS_FAILED: the registry ended with code 1 before it was ready
mend: mend what it says above
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl rollout history hello 1`] = `
code: 0
out: [90mGENERATION   VERSION   ORIGIN    AGE   DIGEST[0m
1            1.2.0     applied   0ms   x
2            1.2.0     applied   0ms   x
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl start 1`] = `
code: 2
out: 
err: [31merror [0mMESH_USAGE_INVALID: start was given no manifest
mend: write meshctl start <path>..., or meshctl start --registry-only
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl status 1`] = `
code: 0
out: registry http://REGISTRY: 2 agents, 2 of 3 instances ready, 1 of 2 dependencies filled

[31mWHAT IS WRONG[0m
  [90mAGENT   REASON                 MESSAGE[0m
  hello   [31mDependencyMissing[0m      hello/stock: shop offers it, but it is draining
  hello   [31mDependencyUnresolved[0m   hello/stock: shop offers it, but it is draining
  hello   [31mInstanceDraining[0m       hello-2 is draining

[1mAGENTS[0m
  [90mNAME    PHASE      VERSION   INSTANCES   CAPABILITIES   DEPENDENCIES   ENDPOINT[0m
  clock   [32mReady[0m      2.0.0     1/1         date           -              http://127.0.0.1:1/clock-1
  hello   [33mDegraded[0m   1.2.0     1/2         greeting       1/2            http://127.0.0.1:1/hello-1

[1mINSTANCES[0m
  [90mID        AGENT   STATE      ENDPOINT                     PID   AGE[0m
  clock-1   clock   [32mready[0m      http://127.0.0.1:1/clock-1   7     0ms
  hello-1   hello   [32mready[0m      http://127.0.0.1:1/hello-1   7     0ms
  hello-2   hello   [33mdraining[0m   http://127.0.0.1:1/hello-2   7     0ms

[1mEDGES[0m
  [90mCONSUMER      DEPENDENCY   CAPABILITY   PROVIDER[0m
  hello:hello   date         date         clock:now@2.0.0
  hello:hello   stock        stock        [31mnone: shop offers it, but it is draining[0m
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl stop 1`] = `
code: 0
out: nothing is running
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl top --interval 1ms 1`] = `
code: 1
out: 
err: clock-1 cannot be asked: http://127.0.0.1:1/metrics: connect ECONNREFUSED 127.0.0.1:1
hello-1 cannot be asked: http://127.0.0.1:1/metrics: connect ECONNREFUSED 127.0.0.1:1
said: no ready instances in namespace "default"; -A looks in all
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl types agents --check 1`] = `
code: 1
out: agents/echo/mesh.d.ts is stale
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl validate agents 1`] = `
code: 0
out: 
err: 1 agent is sound, 0 errors
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl version 1`] = `
code: 0
out: meshctl VERSION
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl wait agent/clock 1`] = `
code: 0
out: agent/clock Ready
err: 
said: 
`

exports[`test/core/cli/commands/outputs.ts > TAP > what each command prints, on a terminal > meshctl why hello 1`] = `
code: 1
out: hello/date (required): filled by alternative 1 of 1
  1. date, version *
     fits      clock/now@2.0.0 (clock-1), score 5, http://127.0.0.1:1/clock-1
hello/stock (required): nothing fills it
  1. stock, version *
     nobody offers it
err: 
said: 
`
