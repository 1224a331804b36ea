/** A gateway in this process, from a file in a temporary folder, as mesh-agent runs it; and requests of the 2026-07-28 form. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import type { GatewayManifest, GatewaySpec } from '../../core/model/generated/manifest.ts'
import { startAgent } from '../../runtime/agent.ts'
import { createLog } from '../../runtime/telemetry/log.ts'
import type { StartedAgent } from './run-agents.ts'

export interface DescribedGateway {
  name?: string
  namespace?: string
  spec?: Partial<GatewaySpec>
  env?: Record<string, string>
}

export function gatewayManifest({
  name = 'front',
  namespace,
  spec,
}: DescribedGateway): GatewayManifest {
  return {
    ...{ apiVersion: 'mcp-mesh.dev/v1', kind: 'Gateway' },
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    spec: { version: '1.0.0', ...spec },
  }
}

export async function runGateway(
  t: Test,
  registryUrl: string,
  gateway: DescribedGateway = {},
): Promise<StartedAgent> {
  const folder = t.testdir()
  const file = join(folder, 'gateway.mesh.yaml')
  writeFileSync(file, stringify(gatewayManifest(gateway)))
  const lines: string[] = []
  const running = await startAgent({
    ...{ manifest: file, registryUrls: [registryUrl] },
    env: { MESH_HOME: join(folder, 'home'), ...gateway.env },
    log: createLog('debug', line => lines.push(line)),
  })
  t.teardown(() => running.stop())
  return { ...running, lines }
}

export interface Asked {
  meta?: Record<string, unknown>
  headers?: Record<string, string>
  id?: number | string
  signal?: AbortSignal
}

/** Sends one request; the answer is as it came. */
export function send(
  endpoint: string,
  method: string,
  params: Record<string, unknown> = {},
  { meta, headers, id = 1, signal }: Asked = {},
): Promise<Response> {
  const name = params['name'] ?? params['uri']
  return fetch(endpoint, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', 'mcp-protocol-version': '2026-07-28' },
      ...{ accept: 'application/json, text/event-stream', 'mcp-method': method },
      ...(typeof name === 'string' && { 'mcp-name': name }),
      ...headers,
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id, method },
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': {},
          ...meta,
        },
      },
    }),
    ...(signal && { signal }),
  })
}

export interface Told {
  result?: Record<string, unknown> & {
    tools: { name: string }[]
    content: { text: string }[]
    isError?: boolean
  }
  error?: { code: number; message: string; data?: unknown }
}

export async function ask(...args: Parameters<typeof send>): Promise<Told> {
  return (await (await send(...args)).json()) as Told
}

/** Names of the tools that an endpoint lists. */
export async function toolsAt(endpoint: string): Promise<string[]> {
  return (await ask(endpoint, 'tools/list')).result?.tools.map(({ name }) => name) ?? []
}
