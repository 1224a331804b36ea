/** How a text that breaks a rule was probably meant, so that a mend is a value to write. Undefined where nothing is near. */

/** The words of a text, joined by `replacement`, as names are. */
export const slug = (replacement: string) => (text: string) => {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').trim()
  const words = plain.replace(/[^A-Za-z0-9_.-]+/g, replacement)
  return words.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
}

/** `v1.2` to `1.2.0`. */
export function mendedVersion(text: string): string | undefined {
  const [, major, minor = '0', patch = '0', rest = ''] =
    /^[v=\s]*(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?((?:-[0-9A-Za-z.-]+)?)\s*$/.exec(text) ?? []
  return major && `${Number(major)}.${Number(minor)}.${Number(patch)}${rest}`
}

const units: Record<string, [factor: number, unit: string]> = {
  '': [1, 's'],
  ms: [1, 'ms'],
  msec: [1, 'ms'],
  millis: [1, 'ms'],
  millisecond: [1, 'ms'],
  milliseconds: [1, 'ms'],
  s: [1, 's'],
  sec: [1, 's'],
  secs: [1, 's'],
  second: [1, 's'],
  seconds: [1, 's'],
  m: [1, 'm'],
  min: [1, 'm'],
  mins: [1, 'm'],
  minute: [1, 'm'],
  minutes: [1, 'm'],
  h: [1, 'h'],
  hr: [1, 'h'],
  hrs: [1, 'h'],
  hour: [1, 'h'],
  hours: [1, 'h'],
  d: [24, 'h'],
  day: [24, 'h'],
  days: [24, 'h'],
  w: [168, 'h'],
}

/** `5 seconds` to `5s`, `1m30s` to `90s`. */
export function mendedDuration(text: string): string | undefined {
  const compound = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text)
  if (compound && text !== '') {
    const [h, m, s] = compound.slice(1).map(part => Number(part ?? 0))
    return `${(h ?? 0) * 3600 + (m ?? 0) * 60 + (s ?? 0)}s`
  }
  const [, amount, unit = ''] = /^[-+]?(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? []
  const known = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined
  if (amount === undefined || !known) return undefined
  const value = `${Number((Number(amount) * known[0]).toFixed(3))}${known[1]}`
  return unit === '' ? `${value}, or ${amount}ms if milliseconds were meant` : value
}

/** `big data` to `big-data`. */
export function mendedTag(text: string): string {
  const plain = text
    .replace(/^[+-]/, '')
    .trim()
    .replace(/[^A-Za-z0-9_.:/-]+/g, '-')
  return plain.replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
}

/** `hello.ts:run` to `./hello.ts#run`. */
export function mendedHandler(text: string): string | undefined {
  const [, path = '', name] = /^(.*?)(?:[#:]([A-Za-z_$][\w$]*)(?:\(\))?)?$/s.exec(text.trim()) ?? []
  if (path === '' || path.includes('#') || /^\w+:/.test(path)) return undefined
  const extension = /\.([a-z]+)$/i.exec(path)?.[1]
  if (extension && !/^(m?[tj]s|tsx|jsx|cts|cjs)$/.test(extension)) return undefined
  const module = extension
    ? path.replace(/\.(tsx|cts)$/, '.ts').replace(/\.(jsx|cjs)$/, '.js')
    : `${path}.ts`
  const placed = /^\.{1,2}\//.test(module) ? module : `./${module.replace(/^\/+/, '')}`
  return name ? `${placed}#${name}` : placed
}

/** `20` and `0.2` to `20%`. */
export function mendedPercent(text: string): string | undefined {
  const [, number, sign] = /^\s*(\d{1,9}(?:\.\d{1,9})?)\s*(%|percent)?\s*$/.exec(text) ?? []
  if (number === undefined) return undefined
  const isShare = sign === undefined && Number(number) <= 1
  return `${Math.min(100, Number((Number(number) * (isShare ? 100 : 1)).toFixed(4)))}%`
}
