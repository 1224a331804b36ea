/** The meaning of `spec.server.auth`: one way to be let in, and with oauth one credential, for an issuer on a sound line. */
import { faultOf, pathText, type Fault, type Path } from './fault.ts'
import { isRecord, list } from './record.ts'

/** What is no mapping is the schema's to refuse. */
export function checkServerAuth(auth: unknown, path: Path): Fault[] {
  if (!isRecord(auth)) return []
  const { login, oauth } = auth
  const off: Fault[] = []
  if (login === false) {
    const message = `${pathText([...path, 'login'])} is false, which says nothing`
    off.push(
      faultOf('MESH_FIELD_INVALID', [...path, 'login'], message, {
        mend: 'remove it, or write true',
      }),
    )
  }
  return [
    ...off,
    ...oneOf(auth, ['bearer', 'login', 'oauth'], path, 'bearer: "${env:SERVER_TOKEN}"'),
    ...(isRecord(oauth) ? checkOauth(oauth, [...path, 'oauth']) : []),
  ]
}

function checkOauth(oauth: Readonly<Record<string, unknown>>, path: Path): Fault[] {
  const { issuer, privateKey } = oauth
  const faults = oneOf(
    oauth,
    ['clientSecret', 'privateKey'],
    path,
    'clientSecret: "${env:CLIENT_SECRET}"',
  )
  list(oauth.scopes).forEach((scope, index) => {
    if (typeof scope !== 'string' || /^[!#-[\]-~]+$/.test(scope)) return
    const at = [...path, 'scopes', index]
    const message = `${pathText(at)} is no scope; a scope has no blanks, quotes or backslashes`
    const words = scope.split(/\s+/).filter(word => word !== '')
    const mend = words.length > 1 ? `write [${words.join(', ')}]` : 'write a scope such as read'
    faults.push(faultOf('MESH_FIELD_INVALID', at, message, { mend }))
  })
  if ('algorithm' in oauth && privateKey === undefined) {
    const message = `${pathText([...path, 'algorithm'])} says how a privateKey signs, and there is none`
    const mend = 'remove it, or add privateKey: "${file:/run/secrets/client-key.pem}"'
    faults.push(faultOf('MESH_FIELD_INVALID', [...path, 'algorithm'], message, { at: 'key', mend }))
  }
  if (typeof issuer === 'string' && /^http:/.test(issuer) && !isLoopback(issuer)) {
    const message = `${pathText([...path, 'issuer'])} is not reached over https, so the credential could be read on the way`
    const mend = `write ${issuer.replace(/^http:/, 'https:')}`
    faults.push(faultOf('MESH_FIELD_INVALID', [...path, 'issuer'], message, { mend }))
  }
  return faults
}

function oneOf(
  values: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  path: Path,
  example: string,
): Fault[] {
  const given = keys.filter(key => key in values)
  const [first, second] = given
  if (first === undefined) {
    const message = `${pathText(path)} has none of ${keys.join(', ')}`
    return [faultOf('MESH_FIELD_MISSING', path, message, { at: 'key', mend: `add ${example}` })]
  }
  if (second === undefined) return []
  const message = `${pathText(path)} has ${given.join(' and ')}; one of them is used`
  const mend = `remove ${first}, or remove ${second}`
  return [faultOf('MESH_FIELD_INVALID', [...path, second], message, { at: 'key', mend })]
}

function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname)
}
