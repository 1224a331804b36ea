/**
 * Between the connection on which a provider's chunks come and the handler that takes them one by one. Nothing piles up:
 * the connection is read only while the handler waits for a chunk, so a slow reader slows the provider.
 */
import { decodeChunk, type ProgressNote } from '../../core/model/chunk.ts'

/** What a layer and the connection need of it. */
export interface ChunkSink {
  /** Something of the answer has been handed out: from here on no attempt is repeated. */
  readonly hasBegun: boolean
  /** Whether the handler waits for the provider. */
  readonly isWaiting: boolean
  take(note: ProgressNote, flow: Flow): void
  /** Called when `isWaiting` changes; undefined ends it. */
  watch(onChange: (() => void) | undefined): void
}

/** The connection that is read. */
export interface Flow {
  pause(): void
  resume(): void
}

/** Progress that is no chunk, as MCP's notifications/progress has it. */
export interface Progress {
  progress: number
  total?: number
  message?: string
}

export class ChunkQueue implements ChunkSink {
  hasBegun = false
  isWaiting = true
  #chunks: { value: unknown }[] = []
  #flow: Flow | undefined
  #wake: (() => void) | undefined
  #onChange: (() => void) | undefined
  #isEnded = false
  readonly #onProgress: ((progress: Progress) => void) | undefined

  constructor(onProgress: ((progress: Progress) => void) | undefined) {
    this.#onProgress = onProgress
  }

  take(note: ProgressNote, flow: Flow): void {
    this.hasBegun = true
    const chunk = decodeChunk(note)
    if (!chunk) {
      const { progress, total, message } = note
      this.#onProgress?.({
        progress,
        ...(total !== undefined && { total }),
        ...(message !== undefined && { message }),
      })
      if (this.isWaiting) this.#onChange?.() // it lives: the wait begins anew
      return
    }
    this.#chunks.push(chunk)
    this.#flow = flow
    flow.pause()
    this.#wait(false)
    this.#wake?.()
  }

  /** The next chunk; undefined when there is none any more. */
  async next(): Promise<{ value: unknown } | undefined> {
    if (this.#chunks.length === 0 && !this.#isEnded) {
      this.#wait(true)
      this.#flow?.resume()
      if (this.#chunks.length === 0) await new Promise<void>(resolve => (this.#wake = resolve))
    }
    return this.#chunks.shift()
  }

  /** The call has its result, or has failed. */
  end(): void {
    this.#isEnded = true
    this.#wake?.()
  }

  watch(onChange: (() => void) | undefined): void {
    this.#onChange = onChange
  }

  #wait(isWaiting: boolean): void {
    if (this.isWaiting === isWaiting) return
    this.isWaiting = isWaiting
    this.#onChange?.()
  }
}
