/** Cuts a stream of bytes into lines, each of bounded length: what a process writes is not ours to trust. */
import { StringDecoder } from 'node:string_decoder'

export interface Lines {
  push(chunk: Buffer): void
  /** The last line, where no newline ended it. */
  end(): void
}

/** `onLine` gets each line without its newline; one that grows longer than `max` characters goes to `onTooLong`, once. */
export function splitLines(
  max: number,
  onLine: (line: string) => void,
  onTooLong: (start: string) => void,
): Lines {
  const decoder = new StringDecoder('utf8')
  let parts: string[] = []
  let length = 0
  let isSkipping = false

  const add = (text: string) => {
    if (isSkipping || text === '') return
    parts.push(text)
    length += text.length
    if (length <= max) return
    isSkipping = true
    onTooLong(parts.join('').slice(0, max))
    parts = []
  }
  const finish = () => {
    const line = parts.join('').replace(/\r$/, '')
    const isWhole = !isSkipping
    parts = []
    length = 0
    isSkipping = false
    if (isWhole && line.trim() !== '') onLine(line)
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
