/** Three answers: true, false, and undefined for what can't be told. */
export type Tri = boolean | undefined

/** Whether all are true: false wins over undefined, undefined over true. */
export function every<T>(items: Iterable<T>, check: (item: T) => Tri): Tri {
  let all: Tri = true
  for (const item of items) {
    const one = check(item)
    if (one === false) return false
    if (one === undefined) all = undefined
  }
  return all
}

export function not(value: Tri): Tri {
  return value === undefined ? undefined : !value
}
