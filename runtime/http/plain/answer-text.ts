/** The head of an answer, with the lines that node:http would write: a client cannot tell who has answered it. */
import { STATUS_CODES } from 'node:http'

/** `keepAlive` is the line that says so, in whole seconds; the text ends with the empty line. */
export function answerHead(status: number, length: number, keepAlive: string): string {
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\ncontent-type: application/json\r\n` +
    `content-length: ${length}\r\nDate: ${httpDate(Date.now())}\r\n${keepAlive}\r\n`
  )
}

/** For clients, whose pools go by it. */
export const keepAliveLines = (ms: number): string =>
  `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(ms / 1000)}\r\n`

let second = -1
let text = ''

/** Made once a second. */
function httpDate(now: number): string {
  const current = Math.floor(now / 1000)
  if (current !== second) {
    second = current
    text = new Date(now).toUTCString()
  }
  return text
}
