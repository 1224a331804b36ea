/**
 * A task that begins when its handler says so (`task.begin: handler`). Until then it is a call like any other, with its caller's
 * questions, progress and connection; from `detach` on it is a task, and the call has been answered with its handle.
 */
import type { Asker } from '../mcp/asking.ts'
import type { Invocation, Invoke } from '../mcp/invoke.ts'
import { Cancellation } from '../proxy/cancellation.ts'
import type { ToolResult } from '../proxy/values.ts'
import type { HeldTask } from './run-task.ts'
import type { TaskHandle } from './tasks.ts'

/** Makes the task of a call that runs; `signal` ends the call. */
export type BeginNow = (
  signal: Cancellation,
  call: Promise<ToolResult>,
) => Promise<{ task: HeldTask; handle: TaskHandle }>

/** The result of the call, or the handle, whichever comes first. */
export function beginLate(
  invocation: Invocation,
  invoke: Invoke,
  begin: BeginNow,
): Promise<ToolResult | TaskHandle> {
  const { asker, sink } = invocation
  const signal = new Cancellation()
  let held: HeldTask | undefined
  invocation.signal.addEventListener('abort', () => {
    if (!held) signal.abort(invocation.signal.reason)
  })
  return new Promise((resolve, reject) => {
    let detached: Promise<void> | undefined
    async function beginOnce(): Promise<void> {
      const { task, handle } = await begin(signal, call)
      held = task
      resolve(handle)
    }
    const call = invoke({
      ...{ ...invocation, signal },
      detach: () => (detached ??= beginOnce()),
      asker: asker && switching(asker, () => held),
      sink: {
        get isReady() {
          return held?.isReady ?? sink?.isReady ?? false
        },
        send: async note => (held ?? sink)?.send(note),
      },
    })
    call.then(resolve, reject)
  })
}

const switching = (asker: Asker, held: () => HeldTask | undefined): Asker => ({
  capabilities: asker.capabilities,
  ask: (question, run) => (held() ?? asker).ask(question, run),
})
