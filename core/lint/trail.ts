/**
 * The names along a path, kept as a list whose ends are shared: of a chain of thousands every tool has a path of its own, and
 * a copy for each would be as much as the square of it. What is shown is the two ends of a long one.
 */

export interface Trail {
  text: string
  rest: Trail | undefined
}

/** Names of a path that a message shows; of a longer one those at its ends. */
const MOST_SHOWN = 12

/** `a -> b -> c`; of a long one `a -> … -> (9990 more) -> … -> z`. */
export function trailText(trail: Trail | undefined): string {
  const names: string[] = []
  for (let at = trail; at; at = at.rest) names.push(at.text)
  return namesText(names)
}

/** As `trailText`, of names that are there already. */
export function namesText(names: readonly string[]): string {
  if (names.length <= MOST_SHOWN) return names.join(' -> ')
  const half = MOST_SHOWN / 2
  const left = names.length - MOST_SHOWN
  return [...names.slice(0, half), `(${left} more)`, ...names.slice(-half)].join(' -> ')
}

/** `a, b, c`, and of many how many more there are. */
export function someText(texts: readonly string[]): string {
  const left = texts.length - MOST_SHOWN
  return [...texts.slice(0, MOST_SHOWN), ...(left > 0 ? [`${left} more`] : [])].join(', ')
}
