/** Reads a log file, and what is appended to it later; a file that was moved aside is followed from its new beginning. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { sleep } from '../../model/sleep.ts'

const LOOK_EVERY_MS = 150

/** Whole lines, and the offset behind the last of them. */
export function readLines(file: string): { lines: string[]; end: number } {
  const bytes = readFileSync(file)
  const end = bytes.lastIndexOf(10) + 1
  return { lines: bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1), end }
}

/** Calls back for each line from the offset on; resolves when the signal aborts. */
export async function followFile(
  file: string,
  from: number,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let offset = from
  let rest: Buffer = Buffer.alloc(0)
  while (!signal.aborted) {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
    if (size < offset) [offset, rest] = [0, Buffer.alloc(0)]
    if (size > offset) {
      const bytes = Buffer.concat([rest, readFrom(file, offset)])
      offset += bytes.length - rest.length
      const end = bytes.lastIndexOf(10) + 1
      rest = bytes.subarray(end)
      bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1).forEach(onLine)
    }
    await sleep(LOOK_EVERY_MS, signal).catch(() => undefined)
  }
}

function readFrom(file: string, offset: number): Buffer {
  const fd = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(fd).size - offset))
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, offset))
  } finally {
    closeSync(fd)
  }
}
