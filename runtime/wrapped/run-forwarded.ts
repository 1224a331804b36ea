/**
 * Runs one call of a tool of a wrapped server, which checks arguments and its own results: nothing is added, left out or looked
 * at here. While its client is asked, the call at the server goes on.
 */
import type { Place } from '../mcp/held-run.ts'
import { pausing, type HeldRuns } from '../mcp/held-runs.ts'
import type { Invocation } from '../mcp/invoke.ts'
import { Notes, type NoteSink } from '../mcp/notes.ts'
import type { ForwardMeans, Progress } from '../mcp/tools.ts'
import { unlessAborted } from '../mcp/unless-aborted.ts'
import type { ToolResult } from '../proxy/values.ts'
import type { ServedTrace } from '../telemetry/tracing.ts'
import type { Wrapped } from './wrapped-server.ts'

/** Calls that go on while their client is asked. */
export interface Held {
  runs: HeldRuns
  /** Hands a call to the instance that has its run. Throws as `invoke` does. */
  forward(call: Invocation, place: Place, trace: ServedTrace | undefined): Promise<ToolResult>
}

/** Throws what a call of the server throws, and InputRequired where its caller answers by a new call. */
export function runForwarded(
  invocation: Invocation,
  { places, trace, withinTime }: ForwardMeans,
  { wrapped, held }: { wrapped: Wrapped; held: Held },
): Promise<ToolResult> {
  const { spec } = invocation.tool
  const args = invocation.args as Record<string, unknown> | undefined
  const elsewhere = (place: Place) => held.forward(invocation, place, trace)
  return held.runs.run(invocation, elsewhere, caller =>
    withinTime({ ...invocation, signal: caller.signal }, (limited, clock) =>
      unlessAborted(limited, async () => {
        const leave = spec.concurrency && (await places.take(spec, limited))
        try {
          return await wrapped.call({
            ...{ tool: spec.name, args, signal: limited.signal, isRepeatable: spec.isRepeatable },
            onProgress: invocation.sink && progressTo(caller),
            ...{ trace: trace?.context, asking: pausing(caller, limited, clock) },
          })
        } finally {
          leave?.()
        }
      }),
    ),
  )
}

/** Told to the call that waits at the time. */
function progressTo(caller: { readonly now: Invocation }): (note: Progress) => void {
  let last: NoteSink | undefined
  let notes: Notes | undefined
  return note => {
    const { sink } = caller.now
    if (sink !== last) notes = sink && new Notes(sink)
    last = sink
    notes?.progress(note.progress, note)
  }
}
