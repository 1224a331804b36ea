/**
 * The head of the answer before, on one connection. A provider sends the same one again and again but for the length of its answer
 * and, once a second, the date: one that differs in its length alone is not read anew.
 */
import { hasNoBody, readAnswerHead, type AnswerHead } from './answer-head.ts'

export class KnownAnswerHead {
  #head: AnswerHead | undefined
  /** What stands before the digits of its length, and what behind them. */
  #before = ''
  #after = ''

  /** What `readAnswerHead` gives for it. Throws BrokenAnswer. */
  read(text: string): AnswerHead {
    return (this.#head && this.#like(text, this.#head)) ?? this.#learn(text)
  }

  #like(text: string, head: AnswerHead): AnswerHead | undefined {
    const digits = text.slice(this.#before.length, text.length - this.#after.length)
    if (!isLength.test(digits)) return undefined
    if (!text.startsWith(this.#before) || !text.endsWith(this.#after)) return undefined
    const length = Number(digits)
    return length === head.length ? head : { ...head, length }
  }

  #learn(text: string): AnswerHead {
    const head = readAnswerHead(text)
    const [line, name = '', digits = ''] = lengthLine.exec(text) ?? []
    const isTold = line !== undefined && !hasNoBody(head.status)
    this.#head = isTold ? head : undefined
    if (!isTold) return head
    const at = text.indexOf(line) + name.length
    this.#before = text.slice(0, at)
    this.#after = text.slice(at + digits.length)
    return head
  }
}

/** A head that has been read has one such line at most. */
const lengthLine = /(\r\ncontent-length:[\t ]*)(\d{1,15})[\t ]*(?=\r\n|$)/i
const isLength = /^\d{1,15}$/
