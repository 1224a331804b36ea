/**
 * URI templates (RFC 6570, levels 1 and 2: `{name}` and `{+name}`), checked when the manifest is read and matched against
 * the URIs that clients ask for. Matching is linear: each variable takes what stands up to the next literal text.
 */

interface Part {
  /** Literal text before the variable. */
  text: string
  /** Undefined after the last one. */
  name?: string
  /** `{+name}`: may take slashes. */
  isReserved?: boolean
}

/** Why the text is no template that is served; undefined where it is one. */
export function templateFault(template: string): string | undefined {
  const plain = template.replace(/\{\+?[A-Za-z_]\w*\}/g, '\0')
  const odd = /\{[^}]*\}?|\}/.exec(plain)?.[0]
  if (odd !== undefined) return `holds "${odd}"; {name} and {+name} are read`
  if (!plain.includes('\0')) return 'has no variable; a fixed address stands in uri'
  if (/\0\0/.test(plain)) return 'has two variables with nothing between them'
  const names = variablesOf(template)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  return twice === undefined ? undefined : `has the variable "${twice}" twice`
}

export function variablesOf(template: string): string[] {
  return partsOf(template).flatMap(({ name }) => name ?? [])
}

/** A function from a URI to the values of the template's variables, decoded; undefined for a URI that does not fit. */
export function uriMatcher(
  template: string,
): (uri: string) => Readonly<Record<string, string>> | undefined {
  const parts = partsOf(template)
  return uri => {
    const values: [string, string][] = []
    let at = 0
    for (const [i, part] of parts.entries()) {
      if (!uri.startsWith(part.text, at)) return undefined
      at += part.text.length
      if (part.name === undefined) return at === uri.length ? Object.fromEntries(values) : undefined
      const next = parts[i + 1]
      const isLast = next?.name === undefined
      const end = isLast ? uri.length - (next?.text.length ?? 0) : uri.indexOf(next.text, at)
      if (end <= at) return undefined
      const value = decoded(uri.slice(at, end))
      if (value === undefined || (!part.isReserved && /\//.test(uri.slice(at, end))))
        return undefined
      values.push([part.name, value])
      at = end
    }
    return undefined
  }
}

function partsOf(template: string): Part[] {
  const parts: Part[] = []
  let at = 0
  for (const match of template.matchAll(/\{(\+?)([A-Za-z_]\w*)\}/g)) {
    parts.push({
      text: template.slice(at, match.index),
      name: match[2] ?? '',
      isReserved: match[1] === '+',
    })
    at = match.index + match[0].length
  }
  return [...parts, { text: template.slice(at) }]
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined // broken escapes fit nothing
  }
}
