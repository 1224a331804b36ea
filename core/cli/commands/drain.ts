/** `meshctl drain INSTANCE`: nobody picks it any more; what runs there goes on. */
import { hasCode } from '../../model/error.ts'
import { instancesOf } from '../agents/agents-view.ts'
import type { RegistryClient } from '../../client/registry-client.ts'
import { readSessions } from '../instances/read-sessions.ts'
import type { Command, Context } from '../command.ts'
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
  async run(args, context) {
    const { io, registry } = context
    const client = await registry()
    for (const id of args.map(arg => arg.replace(/^instances?\//, ''))) {
      try {
        await client.drain(id)
        io.out(`instance/${id} draining${await sessionsLeft(id, client, context)}`)
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

/** They go on there until the process is stopped, and then move: nobody has to wait for them. */
async function sessionsLeft(id: string, client: RegistryClient, context: Context): Promise<string> {
  const { items } = await client.agents()
  const holder = items.filter(({ status }) => status.instances.some(each => each.id === id))
  const found = (await readSessions(holder, context)).find(each => each.id === id)
  if (!found) return ''
  if (!found.list) return `; how many sessions it has left is not known: ${found.error?.message}`
  return `, ${found.list.items.length} sessions left`
}
