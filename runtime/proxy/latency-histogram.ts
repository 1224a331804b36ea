/** How long calls took, counted by bounds: what Prometheus calls a histogram, in plain numbers. */

/** Upper bounds in milliseconds, each inclusive; what is longer counts in one more bucket. */
export const boundsMs = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000] as const

export class LatencyHistogram {
  /** Not cumulative; the last one is for what exceeds all bounds. */
  readonly buckets: number[] = [...boundsMs.map(() => 0), 0]
  sumMs = 0
  count = 0

  observe(ms: number): void {
    let at = 0
    while (at < boundsMs.length && ms > (boundsMs[at] ?? 0)) at++
    this.buckets[at] = (this.buckets[at] ?? 0) + 1
    this.sumMs += ms
    this.count++
  }
}
