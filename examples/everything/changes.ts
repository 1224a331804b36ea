/**
 * Handlers that change what the agent offers. A list changes when another manifest is applied, as by `meshctl apply`; the
 * agent takes it without a restart, and clients that listen are told. That a resource is another its handlers say.
 */

interface Listed {
  name: string
  title?: string
}

interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace: string }
  spec: { tools: Listed[]; prompts: Listed[] }
}

export const changeTools = () => change('tools', 'test_trigger_tool_change')

export const changePrompts = () => change('prompts', 'test_simple_prompt')

export function touch(_args: object, _deps: object, { changed }: { changed: Changed }) {
  changed('test://watched-resource')
  return 'told'
}

type Changed = (uri: string) => void

async function change(list: 'tools' | 'prompts', name: string): Promise<string> {
  const registry = (process.env['MESH_REGISTRY_URL'] ?? 'http://127.0.0.1:8000').split(',')[0]
  const url = `${registry}/v1/namespaces/default/agents/everything`
  const { apiVersion, kind, metadata, spec } = (await (await fetch(url)).json()) as Manifest
  const title = `Changed at ${new Date().toISOString()}`
  const changed = spec[list].map(one => (one.name === name ? { ...one, title } : one))
  const manifest = {
    ...{ apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace } },
    spec: { ...spec, [list]: changed },
  }
  const headers = { 'content-type': 'application/json' }
  const applied = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(manifest) })
  if (!applied.ok) throw new Error(`the registry refused it: ${await applied.text()}`)
  return title
}
