/**
 * Did you mean: the nearest of the words that were possible, or none when nothing is near. Distance is Damerau and
 * Levenshtein's (optimal string alignment): a letter more, less or other, or two that changed places, count one each.
 */

/** The nearest word, if it differs from `word` by at most a third of its letters; upper and lower case are one. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  if (word.length > 128) return undefined
  const wanted = plain(word)
  let best: { word: string; distance: number } | undefined
  for (const candidate of words) {
    const other = plain(candidate)
    const limit = Math.max(1, Math.floor(Math.max(wanted.length, other.length) / 3))
    if (Math.abs(other.length - wanted.length) > limit) continue
    // Of two as near, the one that starts as the word does.
    const distance = editDistance(wanted, other) + (other[0] === wanted[0] ? 0 : 0.5)
    if (Math.floor(distance) > limit || Math.floor(distance) >= Math.max(2, other.length)) continue
    if (!best || distance < best.distance) best = { word: candidate, distance }
  }
  return best?.word
}

/** Steps from one text to the other. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let steps = Math.min(at(last, j) + 1, at(row, j - 1) + 1, substitution)
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (isSwapped) steps = Math.min(steps, at(beforeLast, j - 2) + 1)
      row.push(steps)
    }
    beforeLast = last
    last = row
  }
  return at(last, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0
}

/** `input_schema`, `input-schema` and `InputSchema` are one word here. */
function plain(word: string): string {
  return word.toLowerCase().replace(/[-_ ]/g, '')
}
