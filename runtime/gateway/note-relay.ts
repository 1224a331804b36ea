/** The events of a provider's answer as notes for a client that the SDK serves: progress, one by one and as fast as it is read, and lines of the log. */
import { noteOf, type ProgressNote } from '../../core/model/chunk.ts'
import type { NoteSink } from '../mcp/notes.ts'
import { logLevels, type Tell } from '../mcp/telling.ts'
import type { ChunkSink, Flow } from '../proxy/chunk-queue.ts'
import { isRecord } from './record.ts'

export class NoteRelay implements ChunkSink {
  hasBegun = false
  isWaiting = true
  readonly #sink: NoteSink | undefined
  readonly #tell: Tell | undefined
  #onChange: (() => void) | undefined
  #sent: Promise<void> = Promise.resolve()

  constructor(sink: NoteSink | undefined, tell: Tell | undefined) {
    this.#sink = sink
    this.#tell = tell
  }

  /** Resolves when all notes are with the client: the answer is to come after them. */
  get sent(): Promise<void> {
    return this.#sent
  }

  readonly onEvent = (data: string, flow: Flow): void => {
    const event: unknown = JSON.parse(data)
    const read = noteOf(event)
    const sink = this.#sink
    if (!read || !sink) return this.#line(event)
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
      .then(() => sink.send(note))
      .finally(() => {
        this.isWaiting = true
        this.#onChange?.()
        flow.resume()
      })
  }

  #line(message: unknown): void {
    const { method, params } = isRecord(message) ? message : {}
    if (method !== 'notifications/message' || !isRecord(params)) return
    const level = logLevels.find(one => one === params['level'])
    const { data } = params
    if (level) this.#tell?.(level, isRecord(data) ? data : { message: data })
  }

  take(): void {
    throw new Error('a relayed call has events and no notes')
  }

  watch(onChange: (() => void) | undefined): void {
    this.#onChange = onChange
  }
}
