/** A consumer for tests that shows by whom each of its dependencies is filled. */
import { callText } from './call.ts'
import type { RunningAgent } from './mesh.ts'

/** An agent with one tool a dependency; each answers with the provider's name or "undefined". */
export function asker(dependencies: Record<string, string>) {
  const tools = Object.entries(dependencies).map(
    ([tool, dependency]) => `    - name: ${tool}
      handler: ./ask.js
      dependencies: { it: ${dependency} }`,
  )
  return {
    'mesh.yaml': `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: asker }
spec:
  version: 1.0.0
  settle: 1ms
  tools:
${tools.join('\n')}
`,
    'ask.js': 'export default async (args, { it }) => (it ? it({}) : "undefined")\n',
  }
}

export async function answers(agent: RunningAgent, expected: Record<string, string>) {
  const got: Record<string, string> = {}
  for (const tool of Object.keys(expected)) got[tool] = await callText(agent.endpoint, tool)
  return got
}

/** A dependency on the capability "service" that may be unfilled. */
export const optional = (fields: string) => `{ capability: service, ${fields}, required: false }`
