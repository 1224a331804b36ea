/** Agents in this process, from files in a temporary folder, as mesh-agent runs them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import type { AgentManifest, AgentSpec } from '../../core/model/generated/manifest.ts'
import { startAgent, type RunningAgent } from '../../runtime/agent.ts'
import { createLog } from '../../runtime/telemetry/log.ts'

export interface Described {
  name: string
  spec: Partial<AgentSpec> & Pick<AgentSpec, 'tools'>
  /** The module `./handlers.ts`. */
  code: string
  env?: Record<string, string>
}

export function manifestOf({ name, spec }: Pick<Described, 'name' | 'spec'>): AgentManifest {
  return {
    ...{ apiVersion: 'mcp-mesh.dev/v1', kind: 'Agent', metadata: { name } },
    spec: { version: '1.0.0', ...spec },
  }
}

export interface StartedAgent extends RunningAgent {
  lines: string[]
}

export async function runAgent(
  t: Test,
  registryUrl: string,
  agent: Described,
): Promise<StartedAgent> {
  const folder = t.testdir()
  const file = join(folder, `${agent.name}.mesh.yaml`)
  const code = `${agent.name}-${agent.code.length}-${Math.random().toString(36).slice(2)}.ts`
  const manifest = JSON.parse(
    JSON.stringify(manifestOf(agent)).replaceAll('./handlers.ts', `./${code}`),
  ) as AgentManifest
  writeFileSync(join(folder, code), agent.code)
  writeFileSync(file, stringify(manifest))
  const lines: string[] = []
  const running = await startAgent({
    ...{ manifest: file, registryUrls: [registryUrl] },
    env: { MESH_HOME: join(folder, 'home'), ...agent.env },
    log: createLog('debug', line => lines.push(line)),
  })
  t.teardown(() => running.stop())
  return { ...running, lines }
}

/** Calls a tool; gives back the result. */
export async function callTool(
  endpoint: string,
  name: string,
  args: unknown = {},
  options: { signal?: AbortSignal; timeoutMs?: number; token?: string } = {},
): Promise<{ content: { text: string }[]; structuredContent?: unknown; isError?: boolean }> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': name,
      ...sessionHeader(args),
      ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: {
        ...{ name, arguments: args },
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
          ...(options.timeoutMs !== undefined && { 'mcp-mesh.dev/timeout-ms': options.timeoutMs }),
        },
      },
    }),
    ...(options.signal && { signal: options.signal }),
  })
  const { result, error } = (await response.json()) as {
    result: never
    error?: { message: string }
  }
  if (error) throw new Error(error.message)
  return result
}

/** The header of the argument `session_id`, which is marked in the schemas of tools with sessions. */
export function sessionHeader(args: unknown): Record<string, string> {
  const { session_id } = (args ?? {}) as { session_id?: unknown }
  return typeof session_id === 'string' ? { 'mcp-param-session-id': session_id } : {}
}

/** Resolves when `is` holds, asked every few milliseconds; rejects after `ms`. */
export async function eventually(is: () => unknown, what: string, ms = 60_000): Promise<void> {
  const end = Date.now() + ms
  while (!(await is())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
