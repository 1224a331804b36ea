/**
 * Which calls of a session have run under which idempotency key, and what they were answered: kept with the state of the
 * session, in the same fenced write. What an instance remembers of keys by itself (mcp/deduplicate.ts) ends with it; by this a
 * repeat finds its answer at whoever took the session over. The last few are kept; of an older repeat it is not known
 * whether it ran, and it is refused.
 */
import { createHash } from 'node:crypto'
import { MeshError } from '../../core/model/error.ts'
import { callerOf } from '../mcp/deduplicate.ts'
import type { Invocation } from '../mcp/invoke.ts'
import { idempotencyKey, repeatKey } from '../proxy/trail.ts'
import { failure, type ToolResult } from '../proxy/values.ts'
import type { Fields } from './store.ts'

const mostCalls = 16
/** As JSON text; of a longer answer only that there was one is kept. */
const mostAnswer = 4_096
/** Names of the fields: one for each of the last calls, used in turn. */
const prefix = 'k:'

/** A call that must not run a second time. */
export interface KeyedCall {
  tool: string
  /** Caller and key, as a digest. */
  key: string
  /** Tool and arguments, as a digest. */
  of: string
  /** When its first attempt was sent at the earliest, in milliseconds of `performance.now()`; Infinity for a first attempt. */
  firstSentAt: number
}

/** Undefined where the call has no key, or may run again. */
export function keyedCallOf(invocation: Invocation): KeyedCall | undefined {
  const { tool, args, meta, timeoutMs } = invocation
  const key = meta?.[idempotencyKey]
  if (typeof key !== 'string' || tool.spec.isRepeatable) return undefined
  const mark = meta?.[repeatKey] as { afterMs?: unknown } | undefined
  const afterMs = typeof mark?.afterMs === 'number' ? mark.afterMs : Infinity
  return {
    tool: tool.spec.name,
    key: digest(`${callerOf(invocation)} ${key}`),
    of: digest(`${tool.spec.name} ${JSON.stringify(args)}`),
    firstSentAt: mark ? performance.now() - afterMs - timeoutMs : Infinity,
  }
}

interface Answered {
  name: string
  /** Counts the calls of the session. */
  n: number
  key: string
  of: string
  /** Absent where it was too long to keep. */
  answer?: ToolResult
  /** When it was answered at the latest, as `firstSentAt`. */
  at: number
}

export class AnsweredCalls {
  readonly #calls = new Map<string, Answered>()
  #next = 0
  /** All that was sent later and has run is known. */
  #knownSince = -Infinity

  /** `isWhole`: its owner before gave it up when no call of it ran; else one may have run and left nothing. */
  constructor(fields: Fields, isWhole: boolean) {
    const now = performance.now()
    for (const [name, text] of fields) {
      if (!name.startsWith(prefix)) continue
      const { n, key, of, answer } = JSON.parse(text) as Omit<Answered, 'name' | 'at'>
      this.#calls.set(key, { name, n, key, of, ...(answer && { answer }), at: now })
      this.#next = Math.max(this.#next, n + 1)
    }
    if (!isWhole || this.#calls.size >= mostCalls) this.#knownSince = now
  }

  /** What the call is answered in place of being run; undefined where it has certainly not run. */
  answerTo({ tool, key, of, firstSentAt }: KeyedCall): ToolResult | undefined {
    const known = this.#calls.get(key)
    if (known) {
      if (known.of !== of) {
        const found = `a call of "${tool}" has the idempotency key of another call`
        return failure(new MeshError('MESH_KEY_REUSED', found))
      }
      return known.answer ?? forgotten(tool, 'it has run, and its answer was too long to be kept')
    }
    if (firstSentAt > this.#knownSince) return undefined
    return forgotten(tool, 'the session was taken over meanwhile, and does not know its key')
  }

  /** The field that keeps the answer. */
  fieldOf({ key, of }: KeyedCall, result: ToolResult): [string, string] {
    const n = this.#next++
    const name = `${prefix}${n % mostCalls}`
    for (const other of this.#calls.values()) {
      if (other.name !== name) continue
      this.#calls.delete(other.key)
      this.#knownSince = Math.max(this.#knownSince, other.at)
    }
    const text = JSON.stringify({ n, key, of, answer: result })
    const isKept = text.length <= mostAnswer
    const answered = { n, key, of, ...(isKept && { answer: result }) }
    this.#calls.set(key, { name, ...answered, at: performance.now() })
    return [name, isKept ? text : JSON.stringify(answered)]
  }
}

function forgotten(tool: string, why: string): ToolResult {
  const found = `a repeated call of "${tool}" may have been executed by its first attempt: ${why}`
  return failure(new MeshError('MESH_CALL_FORGOTTEN', found))
}

const digest = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22)
