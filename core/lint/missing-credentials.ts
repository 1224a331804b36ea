/** Edges to an agent that wants a token, which send none: every call would be answered 401. A token is never passed on by itself. */
import { faultOf } from '../manifest/fault.ts'
import { nameOf } from './mesh-view.ts'
import type { Finding, Scene } from './rules.ts'

export function missingCredentials({ mesh, placeOf }: Scene): Finding[] {
  return mesh.consumers
    .flatMap(({ filled }) => filled)
    .flatMap(edge => {
      const guarded = edge.suited.find(({ member }) => member.agent.bearer !== undefined)
      if (!guarded || edge.alternative.bearer !== undefined) return []
      const where = placeOf(guarded.member, ['spec', 'auth'])
      const message = `"${edge.dependency.name}" is filled by ${nameOf(guarded)}, which takes calls with a token only (${where}), and none is sent`
      const name = edge.dependency.name.toUpperCase().replace(/[^A-Z0-9]+/g, '_')
      const fault = faultOf('MESH_CREDENTIAL_MISSING', edge.path, message, {
        at: 'key',
        mend: `add auth: { bearer: "\${env:${name}_TOKEN}" } to the dependency`,
      })
      return [{ member: edge.from.member, fault }]
    })
}
