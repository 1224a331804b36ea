/** `meshctl events [AGENT]`: what happened in the mesh, and with -w what happens. */
import { formatDuration } from '../../model/duration.ts'
import type { AuditEvent } from '../../model/operations-api.ts'
import { sleep } from '../../model/sleep.ts'
import { agentNameOf } from '../line/agent-name.ts'
import type { Command, Context } from '../command.ts'
import { allNamespacesOption, countOf, outputOption } from '../line/options.ts'
import { printEach, printList, type Listing } from '../output/output.ts'
import { withColumn } from '../agents/watch-agents.ts'

const AGAIN_AFTER_MS = 500

export const events: Command = {
  name: 'events',
  summary: 'Show what happened: joins, leaves, applies, and every rewiring with its reason',
  usage: 'meshctl events [agent]',
  takes: [0, 1],
  about:
    'Oldest first. The registry keeps the newest 10,000 in memory: they are forgotten when it ends. A rewiring stands with ' +
    'the consumer: which dependency, from which provider to which, and why.',
  options: [
    { flags: '-w, --watch', about: 'go on with what happens, until ctrl-C' },
    { flags: '--limit <number>', about: 'the newest so many, at most 1000', default: '100' },
    outputOption,
    allNamespacesOption,
  ],
  examples: [
    { command: 'meshctl events hello-world', about: 'what happened to one agent' },
    { command: 'meshctl events -A -w', about: 'of every namespace, as it happens' },
  ],
  completes: args => (args.length === 0 ? 'agent' : undefined),
  async run([agent], context) {
    const { io, options, namespace } = context
    const registry = await context.registry()
    const query = {
      ...(options.allNamespaces ? {} : { namespace }),
      ...(agent === undefined ? {} : { agent: agentNameOf(agent) }),
    }
    const { items, next } = await registry.events({
      ...query,
      limit: countOf(options, 'limit') ?? 100,
    })
    const listing = listingOf(items, context)
    if (!options.watch) {
      printList(io, options, listing)
      return 0
    }
    const print = printEach(io, options, listing)
    items.forEach(print)
    let after = next
    let lastAt = items.at(-1)?.at ?? ''
    let hasMissed = false
    const abort = new AbortController()
    const stopListening = context.onStop(() => abort.abort())
    try {
      while (!abort.signal.aborted) {
        await registry.watchEvents({
          ...{ ...query, after, signal: abort.signal },
          onEvent(told, id) {
            after = id
            if (told.type === 'missed') {
              hasMissed = true
              io.say('some events may be missing: they are not kept, or another registry answers')
            } else if (told.type === 'event') {
              // Another registry tells all that it keeps: what was before is shown already.
              if (hasMissed && told.event.at <= lastAt) return
              lastAt = told.event.at
              print(told.event)
            }
          },
        })
        if (!abort.signal.aborted) io.say('the connection to the registry broke; it is made again')
        await sleep(AGAIN_AFTER_MS, abort.signal).catch(() => undefined) // stopped
        if (!abort.signal.aborted) await registry.isReachable(1_000) // moves on to one that answers
      }
      return 0
    } finally {
      stopListening()
    }
  },
}

function listingOf(rows: AuditEvent[], { options, namespace }: Context): Listing<AuditEvent> {
  const columns = [
    { head: 'AGE', of: ({ at }) => ageOf(at) },
    { head: 'TYPE', of: event => event.type },
    { head: 'NAMESPACE', of: event => event.namespace, wide: true },
    { head: 'AGENT', of: event => event.agent },
    { head: 'REVISION', of: event => String(event.revision), wide: true },
    { head: 'MESSAGE', of: event => event.message },
  ] satisfies Listing<AuditEvent>['columns']
  return {
    rows,
    columns: options.allNamespaces ? withColumn('NAMESPACE', columns) : columns,
    nameOf: event => `event/${event.revision}`,
    none: options.allNamespaces
      ? 'no events'
      : `no events in namespace "${namespace}"; -A looks in all`,
  }
}

const ageOf = (at: string) => formatDuration(Math.max(0, Date.now() - Date.parse(at)))
