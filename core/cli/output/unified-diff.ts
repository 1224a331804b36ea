/** Two texts as `diff -u` shows how they differ. */

type Line = [mark: ' ' | '-' | '+', text: string]

const CONTEXT = 3
/** Above so many cells of the table the middle is shown as replaced. */
const MAX_CELLS = 4_000_000

/** Lines of the diff, without heads for the files; none where the texts are equal. */
export function unifiedDiff(before: readonly string[], after: readonly string[]): string[] {
  const lines = compare(before, after)
  const isNear = lines.map(() => false)
  lines.forEach(([mark], i) => {
    if (mark !== ' ') isNear.fill(true, Math.max(0, i - CONTEXT), i + CONTEXT + 1)
  })
  const out: string[] = []
  let [oldLine, newLine] = [1, 1]
  for (let i = 0; i < lines.length;) {
    let end = i
    while (end < lines.length && isNear[end] === isNear[i]) end++
    const hunk = lines.slice(i, end)
    const oldCount = hunk.filter(([mark]) => mark !== '+').length
    const newCount = hunk.filter(([mark]) => mark !== '-').length
    if (isNear[i]) {
      out.push(`@@ -${rangeOf(oldLine, oldCount)} +${rangeOf(newLine, newCount)} @@`)
      out.push(...hunk.map(([mark, text]) => mark + text))
    }
    oldLine += oldCount
    newLine += newCount
    i = end
  }
  return out
}

const rangeOf = (first: number, count: number) => `${count === 0 ? first - 1 : first},${count}`

function compare(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let same = 0
  const most = Math.min(before.length, after.length) - start
  while (same < most && before[before.length - 1 - same] === after[after.length - 1 - same]) same++
  const as =
    (mark: Line[0]) =>
    (text: string): Line => [mark, text]
  const [old, now] = [
    before.slice(start, before.length - same),
    after.slice(start, after.length - same),
  ]
  const isHuge = old.length * now.length > MAX_CELLS
  return [
    ...before.slice(0, start).map(as(' ')),
    ...(isHuge ? [...old.map(as('-')), ...now.map(as('+'))] : alongLongest(old, now)),
    ...before.slice(before.length - same).map(as(' ')),
  ]
}

/** Along the longest common subsequence; what goes stands before what comes. */
function alongLongest(old: readonly string[], now: readonly string[]): Line[] {
  const width = now.length + 1
  const lengths = new Uint32Array((old.length + 1) * width)
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < old.length || j < now.length) {
    const [a, b] = [old[i], now[j]]
    if (a !== undefined && a === b) {
      lines.push([' ', a])
      i++
      j++
    } else if (a !== undefined && (b === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(['-', a])
      i++
    } else if (b !== undefined) {
      lines.push(['+', b])
      j++
    }
  }
  return lines
}
