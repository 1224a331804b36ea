/** How long to wait before the next try: doubling, with full jitter, so that a fleet does not come back as one. */

const firstMs = 100
/** Shorter than the 3 s for which a registry that has just started keeps from judging who is there. */
const longestMs = 2_000

/** `failures` so far, 1 for the first; `random` is in [0, 1). The result is in milliseconds. */
export function backoff(failures: number, random: () => number = Math.random): number {
  const ceiling = Math.min(firstMs * 2 ** (failures - 1), longestMs)
  return ceiling / 2 + (random() * ceiling) / 2
}
