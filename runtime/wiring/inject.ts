/**
 * What one call of a handler gets: a function for each dependency, bound to that call's signal and deadline, so that a
 * caller that goes away or runs out of time takes everything below with it.
 */
import { MeshError } from '../../core/model/error.ts'
import type { DependencyFunction, DependencyFunctions, StreamOptions } from '../handler.ts'
import type { CallContext } from '../mcp/invoke.ts'
import type { CancelSignal } from '../proxy/cancellation.ts'
import type { ChunkSink } from '../proxy/chunk-queue.ts'
import { decodeValue, type ToolResult } from '../proxy/values.ts'
import type { Log } from '../telemetry/log.ts'
import { observeCall } from '../telemetry/observe-call.ts'
import { untraced } from '../telemetry/tracing.ts'
import type { Slot, Wiring } from './reconcile-wiring.ts'
import { streamOf, type OpenCall } from './stream.ts'

/** Throws MESH_DEPENDENCY_UNRESOLVED for a required dependency that nothing fills when the settle window is over. */
export async function inject(
  wiring: Wiring,
  consumer: string,
  { context, log }: { context: CallContext; log: Log },
): Promise<DependencyFunctions> {
  const slots = wiring.slots(consumer)
  if (slots.some(slot => !slot.call)) await wiring.settled(slots, context.signal)
  // From entries, since an assignment to a dependency named __proto__ would change the object's prototype.
  return Object.fromEntries(
    slots.map(slot => {
      if (!slot.call && slot.dependency.required) throw unresolved(slot)
      return [slot.dependency.name, slot.call && bind(slot, context, log)]
    }),
  )
}

function bind(slot: Slot, context: CallContext, log: Log): DependencyFunction {
  const { expiresAt, trace: served = untraced } = context
  const observed = { edge: slot.traffic, served, log }
  const open = (args: Record<string, unknown>, signal: CancelSignal, stream?: ChunkSink) => {
    if (typeof args !== 'object' || args === null || Array.isArray(args)) {
      const found = `${slot.edge} was called with ${Array.isArray(args) ? 'an array' : String(args)}`
      throw new MeshError('MESH_ARGUMENTS_INVALID', found, 'call it with an object of arguments')
    }
    return observeCall(observed, record => {
      if (!slot.call) throw unresolved(slot)
      return slot.call({ args, signal, expiresAt, stream, record })
    })
  }
  const raw = async (args: Record<string, unknown> = {}): Promise<ToolResult> =>
    open(args, context.signal)
  return Object.assign(
    async (args?: Record<string, unknown>) => decodeValue(await raw(args), slot.edge),
    {
      raw,
      async *stream(args: Record<string, unknown> = {}, options: StreamOptions = {}) {
        const openStream: OpenCall = async (signal, stream) => open(args, signal, stream)
        return decodeValue(yield* streamOf(openStream, context, options), slot.edge)
      },
    },
  )
}

function unresolved({ edge, dependency, reason }: Slot): MeshError {
  const capability = dependency.alternatives.map(alternative => alternative.capability).join(' or ')
  return new MeshError(
    'MESH_DEPENDENCY_UNRESOLVED',
    `${edge}: nothing fills the dependency "${dependency.name}" (capability ${capability}): ${reason}`,
    `start an agent that offers ${capability}`,
    { details: { dependency: dependency.name } },
  )
}
