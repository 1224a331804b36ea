/**
 * A sealing key that instances share: whoever comes first makes it. Once it is known, a Redis that has lost it gets it back, else
 * what is out there would open no more.
 */
import { randomBytes } from 'node:crypto'
import type { Lease } from './redis-lease.ts'
import type { RedisLink } from './redis-link.ts'

/** `name` is its key in Redis. The result rejects with StoreLost until it was read once. */
export function sealingKeyOf(link: RedisLink, lease: Lease, name: string): () => Promise<Buffer> {
  let known: string | undefined
  lease.onBack(() => {
    if (known !== undefined) link.run(['SET', name, known, 'NX']).catch(() => undefined) // the link logs it
  })
  async function find(): Promise<string> {
    for (;;) {
      const found = await link.run(['GET', name])
      if (typeof found === 'string') return found
      await lease.hasLost(0) // so that a loss is known here too
      // Others may be about to put back the one that they have.
      if (lease.isSettling()) await lease.settled()
      else await link.run(['SET', name, randomBytes(32).toString('base64'), 'NX'])
    }
  }
  const key = async () => Buffer.from((known ??= await find()), 'base64')
  key().catch(() => undefined) // the link logs it; it is asked for again
  return key
}
