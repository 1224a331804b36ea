/** A body in chunks, without their sizes: the chunked coding of RFC 9112, section 7.1. Extensions and trailers are dropped. */
import { BrokenAnswer } from './answer-head.ts'

type Place = 'size' | 'data' | 'data end' | 'trailer'

/** Of the line of a size with its extensions, and of all trailers, in bytes. */
const maxLineBytes = 16 * 1024
const [carriageReturn, lineFeed] = [0x0d, 0x0a]

export class ChunkedBody {
  #place: Place = 'size'
  /** Of the chunk. */
  #left = 0
  /** Of a line that has not come whole. */
  #line = ''
  #trailerBytes = 0

  /** Gives on what belongs to the body. How many of `bytes` lie before its end, -1 where that has not come. Throws BrokenAnswer. */
  read(bytes: Buffer, receiver: { body(bytes: Buffer): void }): number {
    let at = 0
    while (at < bytes.length) {
      if (this.#place === 'data') {
        const end = Math.min(at + this.#left, bytes.length)
        receiver.body(bytes.subarray(at, end))
        this.#left -= end - at
        at = end
        if (this.#left === 0) this.#place = 'data end'
        continue
      }
      const end = bytes.indexOf(lineFeed, at)
      const upTo = end < 0 ? bytes.length : end
      if (this.#line.length + upTo - at > maxLineBytes) throw new BrokenAnswer('a chunk has no end')
      this.#line += bytes.toString('latin1', at, upTo)
      if (end < 0) return -1
      at = end + 1
      if (this.#line.charCodeAt(this.#line.length - 1) !== carriageReturn)
        throw new BrokenAnswer('a chunk does not end as one')
      const line = this.#line.slice(0, -1)
      this.#line = ''
      if (this.#take(line)) return at
    }
    return -1
  }

  /** True where the line ends the body. */
  #take(line: string): boolean {
    switch (this.#place) {
      case 'size': {
        const size = /^([0-9a-f]{1,12})[ \t]*(?:;|$)/i.exec(line)?.[1]
        if (size === undefined) throw new BrokenAnswer('a chunk has no size')
        this.#left = parseInt(size, 16)
        this.#place = this.#left === 0 ? 'trailer' : 'data'
        return false
      }
      case 'data end':
        if (line !== '') throw new BrokenAnswer('a chunk is longer than it says')
        this.#place = 'size'
        return false
      default:
        this.#trailerBytes += line.length
        if (this.#trailerBytes > maxLineBytes) throw new BrokenAnswer('the trailers have no end')
        return line === ''
    }
  }
}
