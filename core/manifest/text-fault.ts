/** What is told of a text that breaks its rule (text-rules.ts), by which one it is found, and of a secret that stands where a reference should. */
import type { ErrorObject } from 'ajv'
import { faultOf, pathText, type Fault, type Path } from './fault.ts'
import { textRules, type TextRule } from './text-rules.ts'

export type TextRuleName = keyof typeof textRules | 'Secret' | 'HeaderValue'

/** Beginnings of the patterns, which are unique among our schemas. */
const patterns: [string, TextRuleName][] = [
  ['^[a-z0-9](', 'DnsLabel'],
  ['^[A-Za-z0-9]([A-Za-z0-9_.-]', 'CapabilityName'],
  ['^[A-Za-z0-9]([A-Za-z0-9_-]', 'NamePrefix'],
  ['^(\\*', 'NamespaceTerm'],
  ['^[A-Za-z0-9_.-]+$', 'ToolName'],
  ['^[A-Za-z_$]', 'SlotName'],
  ['^[A-Za-z_][A-Za-z0-9_]*$', 'EnvName'],
  ['^[A-Za-z_][A-Za-z0-9_-]*$', 'ArgumentName'],
  ['^[A-Za-z0-9_-]+$', 'OwnToolName'],
  ['^(0|', 'Version'],
  ['^[0-9]+(', 'Duration'],
  ['^[A-Za-z0-9]([A-Za-z0-9_.:/-]', 'Tag'],
  ['^[+-]?', 'TagTerm'],
  ['^\\.{1,2}/', 'Handler'],
  ['^(/', 'UrlPath'],
  ['^(https?', 'Url'],
  ['^https?://', 'Issuer'],
  ['^sha256:', 'Pin'],
  ['^[A-Za-z][A-Za-z0-9+.-]*:[^', 'ResourceUri'],
  ['^[A-Za-z][A-Za-z0-9+.-]*:\\S', 'UriTemplate'],
  ['^[A-Za-z0-9!#$&', 'MimeType'],
  ['^\\./', 'OwnFile'],
  ['^\\d{4}-', 'Moment'],
  ['^(https:', 'IconSource'],
  ['^([1-9]', 'IconSize'],
  ['^(100', 'Percent'],
  ['^[!#$', 'HeaderName'],
  ['^[A-Za-z0-9!#$%', 'HeaderName'],
  ['^[\\t -~]', 'HeaderValue'],
  ['^\\$\\{', 'Secret'],
]

/** The rule that a text of this schema follows; none for free text. */
export function textRuleOf(
  error: ErrorObject,
  path: Path,
  at: 'key' | 'value' = 'value',
): TextRuleName | undefined {
  const { pattern } = error.parentSchema as { pattern?: unknown }
  if (at === 'key' && path.at(-2) === 'dependencies') return 'SlotName'
  if (typeof pattern !== 'string') return undefined
  return patterns.find(([start]) => pattern.startsWith(start))?.[1]
}

/** What breaks a rule, with what was probably meant. */
export function textFault(
  name: keyof typeof textRules,
  value: string | number,
  { path, at }: { path: Path; at: 'key' | 'value' },
): Fault {
  const rule: TextRule = textRules[name]
  const text = String(value)
  const subject = pathText(at === 'key' ? path.slice(0, -1) : path)
  const found = text.length > 80 ? `${text.slice(0, 80)}…` : text
  const meant = text.length > 1024 ? undefined : rule.mended?.(text)
  const isOther = meant !== undefined && meant !== '' && meant !== text
  const mend = `write ${isOther ? meant : rule.example}`
  if (text === '')
    return faultOf(rule.code, path, `${subject} is empty; it takes ${rule.takes}`, { mend, at })
  if (text.length > rule.longest) {
    const length = `${text.length} characters long; at most ${rule.longest} are read`
    return faultOf(rule.code, path, `${subject} is ${length}`, {
      mend: `write at most ${rule.longest} characters`,
      at,
    })
  }
  const has =
    at === 'key'
      ? `${subject} has the key "${found}"; a key there takes`
      : `${subject} is ${typeof value === 'number' ? `the number ${value}` : `"${found}"`}; it takes`
  // Safe is only a spelling: a unit that is written out, a v before the three numbers.
  const isSpelling =
    (name === 'Version' && /^[v=\s]+\d+\.\d+\.\d+\S*\s*$/.test(text)) ||
    (name === 'Duration' && /^\d+(\.\d+)?\s*[a-z]+$/i.test(text))
  const fix = isOther && isSpelling ? { fix: { from: [text], to: meant } } : {}
  return faultOf(rule.code, path, `${has} ${rule.takes}`, { mend, at, ...fix })
}

/** A secret, or what stands in its place: the message never has it. */
export function secretFault(path: Path, value: unknown): Fault {
  const text = typeof value === 'string' ? value : ''
  const subject = pathText(path)
  const variable = /^\$\{?(?:env[:.])?([A-Za-z_]\w*)(?::?-.*)?\}?$/.exec(text)?.[1]
  const owner = path.includes('dependencies')
    ? String(path[path.indexOf('dependencies') + 1])
    : 'mesh'
  const name =
    /^\$\{env:/.test(text) && variable
      ? variable
      : `${owner.toUpperCase().replace(/[^A-Z0-9]+/g, '_')}_TOKEN`
  const isReference = text.startsWith('$') && variable !== undefined
  const message = /^\$\{env:\w+:-/.test(text)
    ? `${subject} has a default in its reference, and a default would be a secret in the manifest`
    : `${subject} holds ${isReference ? 'no reference that the mesh reads' : 'a secret itself'}; it takes a reference, which only the runtime resolves`
  const mend = `write "\${env:${isReference && variable ? variable : name}}", or "\${file:/run/secrets/…}" for a file`
  return faultOf('MESH_SECRET_INLINE', path, message, { mend })
}
