/**
 * Patterns of schemas that others wrote, run only where they cannot run away: an upper bound of the ways in which a
 * backtracking matcher can try the text is read off the pattern first. What the small grammar here does not know
 * (look-around, back references, repeated groups that have choices in them) is not run: the answer is undefined.
 */

type Piece =
  | { is: 'one'; source: string }
  | { is: 'edge'; source: string }
  | { is: 'either'; options: Piece[][] }
  | { is: 'repeat'; piece: Piece; min: number; max: number }

const maxWays = 20_000
const maxText = 2_000
const maxPattern = 1_000
const maxRepeat = 500

/** Whether the pattern matches somewhere in the text; undefined where that could take too long to find out. */
export function matches(pattern: string, text: string): boolean | undefined {
  const options = parse(pattern)
  if (!options || text.length > maxText) return undefined
  const isAnchored = options.every(([first]) => first?.is === 'edge' && first.source === '^')
  const ways = waysOf({ is: 'either', options }, text.length)
  if (ways * (isAnchored ? 1 : text.length + 1) > maxWays) return undefined
  return new RegExp(pattern, 'u').test(text)
}

/** A short text that the pattern matches; undefined where none was found. */
export function exampleOf(pattern: string): string | undefined {
  const options = parse(pattern)
  if (!options) return undefined
  const text = write({ is: 'either', options })
  return text !== undefined && matches(pattern, text) === true ? text : undefined
}

function waysOf(piece: Piece, length: number): number {
  switch (piece.is) {
    case 'one':
    case 'edge':
      return 1
    case 'either':
      return piece.options.reduce(
        (sum, pieces) => sum + pieces.reduce((product, one) => product * waysOf(one, length), 1),
        0,
      )
    case 'repeat': {
      const inner = waysOf(piece.piece, length)
      const times = Math.min(piece.max, piece.min + length) - piece.min
      if (inner === 1) return times + 1
      return piece.max <= 1 ? inner + 1 : Infinity
    }
  }
}

function write(piece: Piece): string | undefined {
  switch (piece.is) {
    case 'edge':
      return ''
    case 'one':
      return characterOf(piece.source)
    case 'either':
      for (const pieces of piece.options) {
        const texts = pieces.map(write)
        if (texts.every(text => text !== undefined)) return texts.join('')
      }
      return undefined
    case 'repeat': {
      if (piece.min === 0) return ''
      const text = piece.min > maxRepeat ? undefined : write(piece.piece)
      return text?.repeat(piece.min)
    }
  }
}

const probes = [
  ...'a0A-_. ',
  ...Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)),
  ...'é漢🙂\n\t',
]

function characterOf(source: string): string | undefined {
  const pattern = new RegExp(`^${source}$`, 'u')
  return probes.find(probe => pattern.test(probe))
}

/** The pattern as alternatives of pieces; undefined where the grammar does not know it. */
function parse(pattern: string): Piece[][] | undefined {
  if (pattern.length > maxPattern) return undefined
  try {
    new RegExp(pattern, 'u')
  } catch {
    return undefined // the manifest's check refuses it
  }
  const rest = { text: pattern }
  const options = parseOptions(rest)
  return rest.text === '' ? options : undefined
}

function parseOptions(rest: { text: string }): Piece[][] | undefined {
  const options: Piece[][] = [[]]
  while (rest.text !== '' && !rest.text.startsWith(')')) {
    if (rest.text.startsWith('|')) {
      rest.text = rest.text.slice(1)
      options.push([])
      continue
    }
    const piece = parsePiece(rest)
    if (!piece) return undefined
    options.at(-1)?.push(repeated(piece, rest))
  }
  return options
}

const single =
  /^(?:\[\^?(?:\\.|[^\]\\])*\]|\\[dDwWsSnrtfv]|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\[\^$\\.*+?()[\]{}|/-]|[^\\^$.*+?()[\]{}|]|\.)/u

function parsePiece(rest: { text: string }): Piece | undefined {
  if (/^[\^$]/.test(rest.text)) {
    const source = rest.text.slice(0, 1)
    rest.text = rest.text.slice(1)
    return { is: 'edge', source }
  }
  const group = /^\((\?:)?(?!\?)/.exec(rest.text)
  if (group) {
    rest.text = rest.text.slice(group[0].length)
    const options = parseOptions(rest)
    if (!options || !rest.text.startsWith(')')) return undefined
    rest.text = rest.text.slice(1)
    return { is: 'either', options }
  }
  const source = single.exec(rest.text)?.[0]
  if (source === undefined) return undefined
  rest.text = rest.text.slice(source.length)
  return { is: 'one', source }
}

function repeated(piece: Piece, rest: { text: string }): Piece {
  const found = /^(?:([?*+])|\{(\d+)(,(\d*))?\})\??/.exec(rest.text)
  if (!found) return piece
  rest.text = rest.text.slice(found[0].length)
  const [, sign, least, comma, most] = found
  if (sign)
    return { is: 'repeat', piece, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity }
  const min = Number(least)
  const max = comma === undefined ? min : most ? Number(most) : Infinity
  return { is: 'repeat', piece, min, max }
}
