/** What the benches share: order statistics, a closed-loop load, and the one JSON line that each prints. */

/** The p-th quantile (0..1) by nearest rank. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))] ?? NaN
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export interface Load {
  /** Calls a second. */
  rate: number
  p50Ms: number
  p99Ms: number
}

/** `connections` callers, each sending its next call when the last is answered, until `calls` are done. */
export async function load(
  call: () => Promise<unknown>,
  { calls, connections }: { calls: number; connections: number },
): Promise<Load> {
  const times: number[] = []
  let left = calls
  const began = performance.now()
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (left-- > 0) {
        const from = performance.now()
        await call()
        times.push(performance.now() - from)
      }
    }),
  )
  const seconds = (performance.now() - began) / 1000
  return { rate: calls / seconds, p50Ms: median(times), p99Ms: quantile(times, 0.99) }
}

export function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits))
}

/** The result of a bench: one line of JSON, for people and for programs. */
export function report(bench: string, figures: Record<string, number | string | object>): void {
  process.stdout.write(`${JSON.stringify({ bench, ...figures })}\n`)
}

/** `--quick`: enough to see that the bench runs, not enough to quote. */
export const isQuick = process.argv.includes('--quick')
