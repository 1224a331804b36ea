/** Reads the address of a registry as a flag, MESH_REGISTRY_URL or a context give it. */
import { MeshError } from '../../model/error.ts'

/** Addresses of a registry, several with commas; the local one where there is none. Throws MESH_USAGE_INVALID. */
export function readUrls(text: string | undefined): string[] {
  const urls = (text ?? '')
    .split(',')
    .map(url => url.trim().replace(/\/+$/, ''))
    .filter(url => url !== '')
  for (const url of urls) {
    const fault = faultOf(url)
    if (fault === undefined) continue
    throw new MeshError(
      'MESH_USAGE_INVALID',
      `the registry's address ${fault}`,
      'write --registry-url http://127.0.0.1:8000, or set MESH_REGISTRY_URL so',
    )
  }
  return urls.length > 0 ? urls : ['http://127.0.0.1:8000']
}

/** What is wrong with an address; a password in it is not repeated. */
function faultOf(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (text.includes('@'))
    return 'holds credentials, which are not sent: the token goes into MESH_TOKEN'
  if (!url || !/^https?:$/.test(url.protocol)) return `"${text}" is no http URL`
  if (url.port === '0') return `"${text}" has port 0, at which nobody can be reached`
  return undefined
}
