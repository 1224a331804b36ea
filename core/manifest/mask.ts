/**
 * Hides secrets in a line of a manifest before it is shown. It works on text and not on positions, because a line is
 * also shown when its YAML cannot be read, and when it is another key of the line that is at fault.
 */

/** Keys whose values are taken for secrets, also where the manifest has no such key. */
const secretKey =
  /(?:bearer|token|secret|passw(?:or)?d|passphrase|api[-_]?key|credentials?|authorization|private[-_]?key)/i

const key = `["']?[\\w.-]*${secretKey.source}[\\w.-]*["']?`
/** In block style the value is the rest of the line, in flow style it ends at a comma or bracket. */
const inBlock = new RegExp(`^(\\s*(?:-\\s+)*${key}\\s*[:=]\\s*)([^\\s{].*?)(?=\\s+#|\\s*$)`, 'i')
const inFlow = new RegExp(
  `(${key}\\s*[:=]\\s*)("(?:[^"\\\\]|\\\\.)*"?|'(?:[^']|'')*'?|[^\\s,}\\]#{][^,}\\]#]*)`,
  'gi',
)
const reference = /^["']?\$\{(env:[A-Za-z_]\w*|file:\/[^}]*)\}?["']?\s*$/
const userinfo = /(:\/\/[^\s/@:]*:)([^\s/@]+)(?=@)/g

/** True for a key such as `token` or `apiKey`. */
export function isSecretKey(key: string | number): boolean {
  return typeof key === 'string' && secretKey.test(key)
}

/** The line, as long as it was, with `*` in place of each secret and of the range given. */
export function maskSecrets(line: string, range?: readonly [start: number, end: number]): string {
  const hide = (all: string, name: string, value: string) =>
    reference.test(value.trim()) ? all : name + stars(value)
  const masked = (
    inBlock.test(line) ? line.replace(inBlock, hide) : line.replace(inFlow, hide)
  ).replace(userinfo, (_all, before: string, password: string) => before + stars(password))
  if (!range) return masked
  return masked.slice(0, range[0]) + stars(masked.slice(...range)) + masked.slice(range[1])
}

/** As many `*` as there is text; blanks at the end stay. */
function stars(text: string): string {
  return '*'.repeat(text.trimEnd().length) + text.slice(text.trimEnd().length)
}
