/**
 * What the attempts of one call know of each other: where they went, whether one of them may have run, and the key by which
 * a provider knows the repeat of a call from a new one. Retry and hedge make it, pick and the leaf go by it.
 */
import { randomBytes } from 'node:crypto'
import type { Endpoint } from '../../core/model/registry-api.ts'

/** In `_meta`: the key under which the provider runs a call once. */
export const idempotencyKey = 'mcp-mesh.dev/idempotency-key'
/** In `_meta` of a repeat: the how-manyth request it is that the provider may have seen under its key. */
export const attemptKey = 'mcp-mesh.dev/attempt'

export class Trail {
  /** Of each attempt, in order. */
  readonly endpoints: Endpoint[] = []
  /** Of the whole call, see `CallRequest.expiresAt`. */
  readonly expiresAt: number
  /** An attempt may have run: from here on only endpoints that are repeatable may be asked, or `only`. */
  mayHaveRun = false
  /** The one endpoint that may be asked again, as it knows the key. */
  only: Endpoint | undefined
  /** Attempts under the key that the endpoint may have seen; sent with a repeat, so that it is known to be one. */
  sent = 1
  readonly #isKeyed: boolean
  #key: string | undefined

  /** `isKeyed`: a repeat may be wanted that only a key makes safe. */
  constructor(expiresAt: number, isKeyed: boolean) {
    this.expiresAt = expiresAt
    this.#isKeyed = isKeyed
  }

  /** The key to send to the endpoint; undefined where none is of use. */
  keyFor(endpoint: Endpoint): string | undefined {
    if (!this.#isKeyed || endpoint.isRepeatable || !endpoint.deduplicates) return undefined
    return (this.#key ??= `${prefix}${(count++).toString(36)}`)
  }

  /** True where this endpoint may be asked, as far as safety goes. */
  allows(endpoint: Endpoint): boolean {
    if (!this.mayHaveRun) return true
    return this.only ? endpoint === this.only : endpoint.isRepeatable
  }
}

/** 96 random bits a process, then a count: nobody else's key, and nothing to guess. */
const prefix = `${randomBytes(12).toString('base64url')}-`
let count = 0
