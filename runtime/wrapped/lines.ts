/** Cuts a stream of bytes into lines, each of bounded length: what a process writes is not ours to trust. */
import { StringDecoder } from 'node:string_decoder'

export interface Lines {
  push(chunk: Buffer): void
  /** The last line, where no newline ended it. */
  end(): void
}

/** Of a line that is too long, how much of its end is kept. */
const tailLength = 200
/** And of its start at most. */
const keptOfStart = 2_000

/**
 * `onLine` gets each line without its newline. One that grows longer than `max` characters goes to `onTooLong` when it ends:
 * the first `max` characters of it, 2,000 at most, and the last 200.
 */
export function splitLines(
  max: number,
  onLine: (line: string) => void,
  onTooLong: (start: string, end: string) => void,
): Lines {
  const decoder = new StringDecoder('utf8')
  let parts: string[] = []
  let length = 0
  let start: string | undefined
  let tail = ''

  const add = (text: string) => {
    if (text === '') return
    if (start !== undefined) {
      tail = `${tail}${text.slice(-tailLength)}`.slice(-tailLength)
      return
    }
    parts.push(text)
    length += text.length
    if (length <= max) return
    const long = parts.join('')
    // A copy: a slice would keep the whole text in memory.
    start = Buffer.from(long.slice(0, Math.min(max, keptOfStart))).toString()
    tail = Buffer.from(long.slice(-tailLength)).toString()
    parts = []
  }
  const finish = () => {
    const line = parts.join('').replace(/\r$/, '')
    const [longStart, longEnd] = [start, tail]
    parts = []
    length = 0
    start = undefined
    tail = ''
    if (longStart !== undefined) onTooLong(longStart, longEnd.replace(/\r$/, ''))
    else if (line.trim() !== '') onLine(line)
  }
  return {
    push(chunk) {
      const [first = '', ...more] = decoder.write(chunk).split('\n')
      add(first)
      for (const text of more) {
        finish()
        add(text)
      }
    },
    end() {
      add(decoder.end())
      finish()
    },
  }
}
