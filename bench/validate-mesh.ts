/** A mesh in a folder for the bench of validate: chains of agents with handlers, schemas, expectations and policies. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Agents of a chain: each needs the one before it. */
const CHAIN = 5

/** Writes `count` manifests, each in a folder of its own beside its handler, and gives back their texts. */
export async function writeMesh(root: string, count: number): Promise<string[]> {
  const texts: string[] = []
  for (let i = 0; i < count; i++) {
    const folder = join(root, `team-${i % 20}`, `agent-${i}`)
    await mkdir(folder, { recursive: true })
    const text = manifest(i)
    texts.push(text)
    await writeFile(join(folder, 'mesh.yaml'), text)
    await writeFile(
      join(folder, 'handlers.ts'),
      'export const read = (): string => "x"\nexport const write = (): string => "y"\n',
    )
  }
  return texts
}

function manifest(i: number): string {
  const dependencies =
    i % CHAIN === 0
      ? ''
      : `
      dependencies:
        before:
          capability: read-${i - 1}
          version: ^1.0.0
          tags: [stable, +fast]
          expects: { outputSchema: { type: object, properties: { text: { type: string } }, required: [text] } }
          timeout: ${(i % CHAIN) * 500}ms
          deadline: 4s
          retries: { attempts: 1 }`
  return `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata:
  name: agent-${i}
  labels: { team: team-${i % 20} }
spec:
  version: 1.${i % 7}.0
  description: Reads and writes the things of team ${i % 20}.
  tools:
    - name: read_${i}
      handler: ./handlers.ts#read
      description: Reads a thing by its name.
      capability: read-${i}
      tags: [stable, fast]
      inputSchema: { type: object, properties: { name: { type: string } }, required: [name] }
      outputSchema: { type: object, properties: { text: { type: string }, size: { type: integer } }, required: [text] }
      annotations: { readOnlyHint: true }${dependencies}
    - name: write_${i}
      handler: ./handlers.ts#write
      description: Writes a thing under a name.
      capability: write-${i}
      inputSchema:
        type: object
        properties:
          name: { type: string }
          text: { type: string }
        required: [name, text]
`
}
