/**
 * `tools[].concurrency`: how many calls of a tool run at a time, and how many more wait, in the order in which they came. The
 * next is refused before anything of it runs, so that its caller may send it elsewhere. A place is given back when the
 * handler has ended: one that does not heed its signal keeps it until then.
 */
import { MeshError } from '../../core/model/error.ts'
import { Turns } from '../proxy/turns.ts'
import { ClientLacks } from './asking.ts'
import { RpcError } from './rpc-error.ts'
import type { CancelSignal } from '../proxy/cancellation.ts'
import type { AgentTool } from '../../core/model/agent.ts'

/** Not executed. An error of a dependency has another class, so a tool that ran never says this of itself. */
export class ToolBusy extends MeshError {}

/** MissingRequiredClientCapability of MCP; over HTTP its status is 400. */
export const clientLacks = -32021

/** The JSON-RPC error that a refusal is answered with; what is answered with none is thrown on. */
export function busyError(error: unknown): { code: number; message: string; data?: unknown } {
  if (error instanceof RpcError) {
    const { code, message, data } = error
    return { code, message, ...(data !== undefined && { data }) }
  }
  if (error instanceof ClientLacks) {
    const { message, requiredCapabilities } = error
    return { code: clientLacks, message, data: { requiredCapabilities } }
  }
  if (!(error instanceof ToolBusy)) throw error
  const { code, message, mend } = error
  return { code: -32000, message, data: { code, mend } }
}

export interface Places {
  /** Resolves to what gives the place back; undefined where the tool has no bound. Throws ToolBusy, and the signal's reason. */
  take: (tool: AgentTool, signal: CancelSignal) => Promise<() => void> | undefined
  /** How many calls of the tool wait for their turn. */
  waiting: (tool: string) => number
}

/** Counts by the tool's name, so that a changed manifest finds the calls that run. */
export function createPlaces(): Places {
  const states = new Map<string, Turns>()
  return {
    take({ name, concurrency }, signal) {
      const state = states.get(name)
      if (concurrency) return take(state ?? open(name), concurrency, name, signal)
      state?.resize(Infinity)
      return undefined
    },
    waiting: tool => states.get(tool)?.waiting ?? 0,
  }

  function open(name: string): Turns {
    const state = new Turns()
    states.set(name, state)
    return state
  }
}

async function take(
  state: Turns,
  { max, queue }: NonNullable<AgentTool['concurrency']>,
  name: string,
  signal: CancelSignal,
): Promise<() => void> {
  state.resize(max)
  if (!state.take()) {
    if (state.waiting < queue) await state.wait(signal)
    else
      throw new ToolBusy(
        'MESH_TOOL_BUSY',
        `"${name}" runs ${state.running} calls and ${state.waiting} wait, which is all that its concurrency allows; the call was not executed`,
      )
  }
  return () => state.leave()
}
