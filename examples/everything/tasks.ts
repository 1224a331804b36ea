/** Tools that take their time, most of them as tasks. A handler sees no difference: it returns, it throws, it tells how far it is. */
import { setTimeout } from 'node:timers/promises'

interface Context {
  signal: AbortSignal
  progress: (progress: number, options: { total: number; message: string }) => void
}

export function greet({ name }: { name: string }) {
  return `Hello, ${name}!`
}

/** Tells each second how far it is, and stops at once when the task is cancelled. */
export async function slowCompute(
  { seconds = 1, label = 'work' }: { seconds?: number; label?: string },
  _: unknown,
  { progress, signal }: Context,
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
