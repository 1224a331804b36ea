/**
 * What the attempts of one call know of each other: where they went, whether one of them may have run, and the key by which
 * a provider knows the repeat of a call from a new one. Retry and hedge make it, pick and the leaf go by it.
 */
import { randomBytes } from 'node:crypto'
import type { Endpoint } from '../../core/model/registry-api.ts'
import type { CallRequest } from './call.ts'

/** In `_meta`: the key under which the provider runs a call once. */
export const idempotencyKey = 'mcp-mesh.dev/idempotency-key'
/**
 * In `_meta` of a repeat under a key: `{ instance, afterMs }`, which instance was asked before and how long ago first. By
 * it a provider that does not know the key can tell whether the first attempt may have run.
 */
export const repeatKey = 'mcp-mesh.dev/repeat'

export class Trail {
  /** Of each attempt, in order. */
  readonly endpoints: Endpoint[] = []
  /** Of the whole call, see `CallRequest.expiresAt`. */
  readonly expiresAt: number
  /** An attempt may have run: from here on only endpoints that are repeatable may be asked, or `only`. */
  mayHaveRun = false
  /** The endpoint that may be asked again, as it knows the key; and others that share the session, which knows it too. */
  only: Endpoint | undefined
  /** When the key was first sent, in milliseconds of `performance.now()`. */
  #keyedAt = 0
  readonly #isKeyed: boolean
  readonly #args: CallRequest['args']
  #key: string | undefined

  /** `isKeyed`: a repeat may be wanted that only a key makes safe. */
  constructor(expiresAt: number, isKeyed: boolean, args: CallRequest['args'] = {}) {
    this.expiresAt = expiresAt
    this.#isKeyed = isKeyed
    this.#args = args
  }

  /** The key to send to the endpoint; undefined where none is of use. */
  keyFor(endpoint: Endpoint): string | undefined {
    if (!this.#isKeyed || endpoint.isRepeatable || !endpoint.deduplicates) return undefined
    if (this.#key === undefined) {
      this.#key = `${prefix}${(count++).toString(36)}`
      this.#keyedAt = performance.now()
    }
    return this.#key
  }

  /** What says that this attempt repeats another under its key; undefined where it does not. */
  get repeat(): { instance: string; afterMs: number } | undefined {
    if (!this.only) return undefined
    const afterMs = Math.ceil(performance.now() - this.#keyedAt)
    return { instance: this.only.instance, afterMs }
  }

  /** By the instance: a rewire in the middle of a call describes the same one anew. */
  hasAsked({ instance }: Endpoint): boolean {
    return this.endpoints.some(endpoint => endpoint.instance === instance)
  }

  /** True where this endpoint may be asked, as far as safety goes. */
  allows(endpoint: Endpoint): boolean {
    if (!this.mayHaveRun) return true
    if (!this.only) return endpoint.isRepeatable
    return endpoint.instance === this.only.instance || this.#shareSession(endpoint, this.only)
  }

  /** A session keeps the keys of its calls with its state, whichever instance owns it. */
  #shareSession({ session, agent, namespace, tool, deduplicates }: Endpoint, other: Endpoint) {
    return (
      session !== undefined &&
      session === other.session &&
      typeof this.#args[session] === 'string' &&
      deduplicates &&
      agent === other.agent &&
      namespace === other.namespace &&
      tool === other.tool
    )
  }
}

/** 96 random bits a process, then a count: nobody else's key, and nothing to guess. */
const prefix = `${randomBytes(12).toString('base64url')}-`
let count = 0
