/**
 * Parses server-sent events from chunks that may end anywhere, in the middle of a character too. What is kept between
 * chunks is bounded: a stream that sends more without ending an event is broken. After the HTML standard, section 9.2.
 */

export interface ServerSentEvent {
  id: string
  event: string
  data: string
}

/** Gives back a function to be called with each chunk; it throws when one event is larger than `maxLength` characters. */
export function createEventParser(
  onEvent: (event: ServerSentEvent) => void,
  maxLength = 16 * 1024 * 1024,
): (chunk: Uint8Array) => void {
  const decoder = new TextDecoder()
  let rest = ''
  let afterReturn = false
  let data: string[] = []
  let dataLength = 0
  let event = 'message'
  let id = ''

  const readLine = (line: string) => {
    if (line === '') {
      if (data.length > 0) onEvent({ id, event, data: data.join('\n') })
      data = []
      dataLength = 0
      event = 'message'
      return
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') {
      data.push(value)
      dataLength += value.length
    } else if (field === 'event') event = value
    else if (field === 'id' && !value.includes('\0')) id = value
  }

  return chunk => {
    let text = decoder.decode(chunk, { stream: true })
    if (text === '') return
    if (afterReturn && text.startsWith('\n')) text = text.slice(1) // the second half of a CRLF
    afterReturn = text.endsWith('\r')
    let from = 0
    for (const match of text.matchAll(/\r\n|\n|\r/g)) {
      readLine(rest + text.slice(from, match.index))
      rest = ''
      from = match.index + match[0].length
    }
    rest += text.slice(from)
    if (rest.length + dataLength > maxLength) {
      throw new RangeError(`a server-sent event is larger than ${maxLength} characters`)
    }
  }
}
