/** Tools whose name is too long once it stands behind the name of its agent, as gateways and hosts of models show it: providers of models take 64 characters. */
import { faultOf } from '../manifest/fault.ts'
import type { Finding, Scene } from './rules.ts'

const LONGEST = 64

export function longNames({ mesh }: Scene): Finding[] {
  return mesh.nodes.flatMap(({ member, tool, path }) => {
    const whole = `${member.agent.name}_${tool.name}`
    if (whole.length <= LONGEST) return []
    const message = `with its agent's name the tool is "${whole}", ${whole.length} characters long; models are given names of at most ${LONGEST}`
    const fault = faultOf('MESH_NAME_LONG', [...path, 'name'], message, {
      severity: 'warning',
      mend: `shorten the name of the tool or of the agent by ${whole.length - LONGEST}`,
    })
    return [{ member, fault }]
  })
}
