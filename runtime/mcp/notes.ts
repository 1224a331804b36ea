/**
 * What a running tool tells its caller before its result: the chunks of a generator, and progress. MCP wants the number
 * of each note greater than that of the one before, so one counter serves both.
 */
import type { ProgressNote } from '../../core/model/chunk.ts'
import type { ProgressOptions } from '../handler.ts'
import { encodeChunk } from '../proxy/encode-chunk.ts'

/** The caller's end of a call that asked for progress; whether it is still there is for the call's signal to say. */
export interface NoteSink {
  /** False while what was sent before waits for the caller to read it. */
  readonly isReady: boolean
  /** Resolves when there is room for the next, or when the caller is gone. Never rejects. */
  send(note: ProgressNote): Promise<void>
}

export class Notes {
  readonly #sink: NoteSink
  #last = 0

  constructor(sink: NoteSink) {
    this.#sink = sink
  }

  /** Resolves when there is room for the next. Throws MESH_OUTPUT_INVALID for what JSON cannot carry. */
  async chunk(value: unknown): Promise<void> {
    const note = encodeChunk(value, Math.floor(this.#last) + 1)
    this.#last = note.progress
    await this.#sink.send(note)
  }

  /**
   * Progress is of use while it is new: a note that does not grow, or that the caller has no room for, is left out.
   */
  progress(progress: number, { total, message }: ProgressOptions): void {
    if (!(progress > this.#last) || !Number.isFinite(progress) || !this.#sink.isReady) return
    this.#last = progress
    void this.#sink.send({
      progress,
      ...(total !== undefined && { total }),
      ...(message !== undefined && { message }),
    })
  }
}
