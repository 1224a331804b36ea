/** The end of a drain: callers that have not heard of it yet are refused until none comes any more. */
import { sleep } from '../core/model/sleep.ts'
import type { Gate } from './gate.ts'

/** Consumers that are told in this moment may have a call on its way: it is served, not refused. */
export const lingerMs = 100
/** How many such moments in a row may have brought callers that had not heard of it. */
const mostQuietWaits = 30

/** A call on its way when its connection is cut may have run, for all that its caller knows; a refusal is a proof. */
export async function untilQuiet(gate: Gate): Promise<void> {
  for (let seen = -1, i = 0; seen !== gate.refused && i < mostQuietWaits; i++) {
    seen = gate.refused
    await sleep(lingerMs)
  }
}
