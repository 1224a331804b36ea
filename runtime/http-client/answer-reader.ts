/**
 * Reads the answers that come over one connection, one after the other, from pieces that may end anywhere. A provider's head is
 * mostly that of its last answer but for the length: it is read once.
 */
import { BrokenAnswer, type AnswerHead } from './answer-head.ts'
import { ChunkedBody } from './chunked-body.ts'
import { KnownAnswerHead } from './known-answer-head.ts'

/** Who takes an answer. What it throws ends the connection, and is what its call fails with. */
export interface Receiver {
  head(head: AnswerHead): void
  /** A part of the body; the bytes are the reader's, and are others when this has returned. */
  body(bytes: Buffer): void
}

/** A head of more is broken, in bytes. */
const maxHeadBytes = 64 * 1024
const headEnd = '\r\n\r\n'

export class AnswerReader {
  #receiver: Receiver | undefined
  /** Of a head that has not come whole. */
  #pending: Buffer | undefined
  readonly #known = new KnownAnswerHead()
  #head: AnswerHead | undefined
  /** Of a body whose length is known. */
  #left = 0
  #chunks: ChunkedBody | undefined

  /** The next answer is for `receiver`. */
  expect(receiver: Receiver): void {
    this.#receiver = receiver
    this.#head = undefined
  }

  /** The head of the answer that has ended. Bytes that nobody expects and answers that are broken throw BrokenAnswer. */
  read(bytes: Buffer): AnswerHead | undefined {
    const receiver = this.#receiver
    if (!receiver) throw new BrokenAnswer('the server sent more than it was asked for')
    let rest = bytes
    while (!this.#head) {
      const body = this.#readHead(rest, receiver)
      if (!body) return undefined
      rest = body
    }
    return this.#readBody(this.#head, rest, receiver)
  }

  /** The connection has ended; the head of an answer that ends with it, undefined where one is cut off. */
  end(): AnswerHead | undefined {
    const head = this.#head
    if (!head || head.isChunked || head.length !== undefined) return undefined
    return this.#finish(head)
  }

  /** What comes behind the head; undefined until it is whole. */
  #readHead(piece: Buffer, receiver: Receiver): Buffer | undefined {
    const bytes = this.#pending ? Buffer.concat([this.#pending, piece]) : piece
    this.#pending = undefined
    const at = bytes.indexOf(headEnd, 0, 'latin1')
    if (at > maxHeadBytes || (at < 0 && bytes.length > maxHeadBytes))
      throw new BrokenAnswer(`the head of the answer is larger than ${maxHeadBytes} bytes`)
    if (at < 0) {
      this.#pending = Buffer.from(bytes)
      return undefined
    }
    this.#begin(this.#known.read(bytes.toString('latin1', 0, at)), receiver)
    return bytes.subarray(at + headEnd.length)
  }

  #begin(head: AnswerHead, receiver: Receiver): void {
    if (head.status === switching) throw new BrokenAnswer('the server changes the protocol unasked')
    if (head.status < 200) return // one of several: the answer follows
    this.#head = head
    this.#left = head.length ?? 0
    this.#chunks = head.isChunked ? new ChunkedBody() : undefined
    receiver.head(head)
  }

  #readBody(head: AnswerHead, bytes: Buffer, receiver: Receiver): AnswerHead | undefined {
    if (this.#chunks) {
      const behind = this.#chunks.read(bytes, receiver)
      if (behind < 0) return undefined
      return this.#ended(head, bytes.length - behind)
    }
    if (head.length === undefined) {
      if (bytes.length > 0) receiver.body(bytes)
      return undefined
    }
    const own = Math.min(this.#left, bytes.length)
    this.#left -= own
    if (own > 0) receiver.body(own === bytes.length ? bytes : bytes.subarray(0, own))
    return this.#left > 0 ? undefined : this.#ended(head, bytes.length - own)
  }

  #ended(head: AnswerHead, beyond: number): AnswerHead {
    this.#finish(head)
    return beyond === 0 || head.isLast ? head : { ...head, isLast: true } // what follows is nobody's answer
  }

  #finish(head: AnswerHead): AnswerHead {
    this.#receiver = undefined
    return head
  }
}

const switching = 101
