/** `meshctl drain INSTANCE`: nobody picks it any more; what runs there goes on. */
import { hasCode } from '../../model/error.ts'
import { instancesOf } from '../agents/agents-view.ts'
import type { Command } from '../command.ts'
import { missing } from '../line/nearest.ts'

export const drain: Command = {
  name: 'drain',
  summary: 'Take an instance out of every pick; its process goes on',
  usage: 'meshctl drain <instance>...',
  takes: [1, Infinity],
  about:
    'Its consumers are told within milliseconds. What runs there is finished, nothing new comes, and the process stays until it ' +
    'is stopped; a restart brings it back as a new instance.',
  options: [],
  examples: [{ command: 'meshctl drain hello-world-1a2b3c4d', about: 'before its machine goes' }],
  completes: () => 'instance',
  async run(args, { io, registry }) {
    const client = await registry()
    for (const id of args.map(arg => arg.replace(/^instances?\//, ''))) {
      try {
        await client.drain(id)
        io.out(`instance/${id} draining`)
      } catch (error) {
        if (!hasCode(error, 'MESH_LEASE_EXPIRED')) throw error
        const known = instancesOf((await client.agents()).items).map(instance => instance.id)
        throw missing({
          found: `no instance "${id}"`,
          name: id,
          known,
          see: 'meshctl get instances -A',
        })
      }
    }
    return 0
  },
}
