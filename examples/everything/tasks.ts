/** Tools that take their time, most of them as tasks. A handler sees no difference: it returns, it throws, it tells how far it is. */
import { setTimeout } from 'node:timers/promises'

/** The part of the context that is used here, as mcp-mesh/runtime has it. */
interface HandlerContext {
  signal: AbortSignal
  progress: (progress: number, options: { total: number; message: string }) => void
  elicit: (message: string, schema: object) => Promise<{ action: string; content?: Args }>
  roots: () => Promise<{ uri: string }[]>
  detach: () => Promise<void>
}
type Args = Record<string, unknown>

export function greet({ name }: { name: string }) {
  return `Hello, ${name}!`
}

/** Tells each second how far it is, and stops at once when the task is cancelled. */
export async function slowCompute(
  { seconds = 1, label = 'work' }: { seconds?: number; label?: string },
  _: unknown,
  { progress, signal }: HandlerContext,
) {
  for (let done = 0; done < seconds; done++) {
    progress(done, { total: seconds, message: label })
    await setTimeout(Math.min(seconds - done, 1) * 1000, undefined, { signal })
  }
  return `${label}: computed for ${seconds} s`
}

/** What a handler throws is the result of the task: it has completed, with an error. */
export async function failingJob() {
  await setTimeout(1000)
  throw new Error('the job failed')
}

/** What the client is asked and cannot answer fails the task with the JSON-RPC error of a call. */
export async function protocolErrorJob(_args: Args, _deps: Args, { roots }: HandlerContext) {
  return (await roots()).length
}

/** Waits for its client in the middle: the task is `input_required` until there is an answer. */
export async function confirmDelete(
  { filename }: { filename: string },
  _: Args,
  { elicit }: HandlerContext,
) {
  const { action, content } = await elicit(`Delete ${filename}?`, {
    type: 'object',
    properties: { confirm: { type: 'boolean' } },
    required: ['confirm'],
  })
  return action === 'accept' && content?.['confirm'] === true ? `deleted ${filename}` : 'kept'
}

/** Asks for two things at a time, which are answered in any order. */
export async function multiInput(_args: Args, _deps: Args, { elicit }: HandlerContext) {
  const name = { type: 'object', properties: { name: { type: 'string' } } }
  const confirm = { type: 'object', properties: { confirm: { type: 'boolean' } } }
  const answers = await Promise.all([elicit('What is it called?', name), elicit('Sure?', confirm)])
  return answers.map(({ action }) => action).join(', ')
}

/** Asks first, in the call, and is a task from `detach` on. */
export async function askThenWork(_args: Args, _deps: Args, { elicit, detach }: HandlerContext) {
  const { content } = await elicit('For whom is it?', {
    type: 'object',
    properties: { name: { type: 'string' } },
    required: ['name'],
  })
  await detach()
  await setTimeout(100)
  return `done for ${String(content?.['name'])}`
}
