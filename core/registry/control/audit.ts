/**
 * What happened, in order, in memory and bounded: the newest `KEPT_EVENTS`. Each event has an id of its own, so a reader goes on
 * behind the last that it saw, and hears whether something in between is not kept any more, or cannot be known as the id is
 * of another process. What was wanted is in the
 * store (history); what was observed is not worth a write for each.
 */
import type { AuditEvent, AuditList } from '../../model/operations-api.ts'
import type { EventIds } from './event-id.ts'
import type { Stream } from './watchers.ts'

/** In place of an id: before the first event. */
export const BEGINNING = '0'
export const KEPT_EVENTS = 10_000

export interface AuditFilter {
  namespace: string | undefined
  agent: string | undefined
}

export interface AuditOptions {
  ids: EventIds
  nextRevision(this: void): number
  /** The last revision before the first event. */
  floor: number
  kept?: number
}

export class Audit {
  readonly #ids: EventIds
  readonly #nextRevision: () => number
  readonly #kept: number
  readonly #events: AuditEvent[] = []
  /** Nothing at or below it is kept. */
  #floor: number
  readonly #readers = new Map<Stream, AuditFilter & { after: number }>()
  #isTelling = false

  constructor({ ids, nextRevision, floor, kept = KEPT_EVENTS }: AuditOptions) {
    this.#ids = ids
    this.#nextRevision = nextRevision
    this.#floor = floor
    this.#kept = kept
  }

  add(event: Omit<AuditEvent, 'revision' | 'at'>): void {
    this.#events.push({ revision: this.#nextRevision(), at: new Date().toISOString(), ...event })
    const tooMany = this.#events.length - this.#kept
    if (tooMany > this.#kept / 10) {
      this.#floor = this.#events[tooMany - 1]?.revision ?? this.#floor
      this.#events.splice(0, tooMany)
    }
    this.#schedule()
  }

  /** The first `limit` behind the id, or the last `limit` where it is undefined; oldest first. */
  list(
    filter: AuditFilter,
    { after: id, limit }: { after: string | undefined; limit: number },
  ): AuditList {
    const items: AuditEvent[] = []
    const after = id === undefined ? undefined : this.#placeOf(id)
    const isMissed = after !== undefined && after < this.#floor
    if (after === undefined) {
      for (let i = this.#events.length - 1; i >= 0 && items.length < limit; i--) {
        const event = this.#events[i]
        if (event && suits(event, filter)) items.push(event)
      }
      items.reverse()
    } else {
      for (let i = this.#firstAfter(after); i < this.#events.length && items.length < limit; i++) {
        const event = this.#events[i]
        if (event && suits(event, filter)) items.push(event)
      }
    }
    const last = items.length === limit ? items.at(-1)?.revision : undefined
    const next = last ?? Math.max(this.#newest(), after ?? 0)
    return { items, next: this.#ids.of(next), missed: isMissed }
  }

  /** The stream is told what is kept behind the id, without one nothing that was, and then all that comes. */
  open(stream: Stream, filter: AuditFilter, id: string | undefined): void {
    const after = id === undefined ? this.#newest() : this.#placeOf(id)
    this.#readers.set(stream, { ...filter, after })
    this.#schedule()
  }

  closed(stream: Stream): void {
    this.#readers.delete(stream)
  }

  /** The stream can take more. */
  resume(stream: Stream): void {
    if (this.#readers.has(stream)) this.#schedule()
  }

  close(): void {
    for (const stream of this.#readers.keys()) stream.end()
    this.#readers.clear()
  }

  #schedule(): void {
    if (this.#isTelling || this.#readers.size === 0) return
    this.#isTelling = true
    setImmediate(() => {
      this.#isTelling = false
      for (const [stream, reader] of this.#readers) this.#tell(stream, reader)
    })
  }

  /** A reader is a place in the ring: one that is slow costs nothing, and is told when it has missed something. */
  #tell(stream: Stream, reader: AuditFilter & { after: number }): void {
    if (stream.isWritable && reader.after < this.#floor) {
      reader.after = this.#floor
      const data = JSON.stringify({ type: 'missed', revision: this.#floor })
      stream.send('missed', this.#ids.of(this.#floor), data)
    }
    for (let i = this.#firstAfter(reader.after); i < this.#events.length; i++) {
      const event = this.#events[i]
      if (!event || !stream.isWritable) return
      reader.after = event.revision
      if (!suits(event, reader)) continue
      stream.send('event', this.#ids.of(event.revision), JSON.stringify({ type: 'event', event }))
    }
  }

  #newest(): number {
    return this.#events.at(-1)?.revision ?? this.#floor
  }

  /** An id of another process is before everything: what came behind it cannot be known. */
  #placeOf(id: string): number {
    return id === BEGINNING ? 0 : (this.#ids.revisionIn(id) ?? -1)
  }

  #firstAfter(revision: number): number {
    let [low, high] = [0, this.#events.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#events[middle]?.revision ?? 0) <= revision) low = middle + 1
      else high = middle
    }
    return low
  }
}

function suits(event: AuditEvent, { namespace, agent }: AuditFilter): boolean {
  if (namespace !== undefined && event.namespace !== namespace) return false
  return agent === undefined || event.agent === agent
}
