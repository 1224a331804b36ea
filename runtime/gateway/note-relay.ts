/** The events of a provider's answer as notes for a client that the SDK serves: progress, one by one, as fast as it is read. */
import { noteOf, type ProgressNote } from '../../core/model/chunk.ts'
import type { NoteSink } from '../mcp/notes.ts'
import type { ChunkSink, Flow } from '../proxy/chunk-queue.ts'

export class NoteRelay implements ChunkSink {
  hasBegun = false
  isWaiting = true
  readonly #sink: NoteSink
  #onChange: (() => void) | undefined
  #sent: Promise<void> = Promise.resolve()

  constructor(sink: NoteSink) {
    this.#sink = sink
  }

  /** Resolves when all notes are with the client: the answer is to come after them. */
  get sent(): Promise<void> {
    return this.#sent
  }

  readonly onEvent = (data: string, flow: Flow): void => {
    const read = noteOf(JSON.parse(data))
    if (!read) return
    const { progress, total, message, _meta } = read // the token is ours
    const note: ProgressNote = {
      progress,
      ...(total !== undefined && { total }),
      ...(message !== undefined && { message }),
      ...(_meta && { _meta }),
    }
    this.hasBegun = true
    flow.pause()
    this.isWaiting = false
    this.#onChange?.()
    this.#sent = this.#sent
      .then(() => this.#sink.send(note))
      .finally(() => {
        this.isWaiting = true
        this.#onChange?.()
        flow.resume()
      })
  }

  take(): void {
    throw new Error('a relayed call has events and no notes')
  }

  watch(onChange: (() => void) | undefined): void {
    this.#onChange = onChange
  }
}
