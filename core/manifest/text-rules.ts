/**
 * The texts of a manifest that follow a rule (names, versions, durations, tags, secrets, handlers, ...): the code of each,
 * what it takes in words, and how a text that breaks it was probably meant.
 */
import type { ErrorObject } from 'ajv'
import type { Code } from '../model/codes.ts'
import { faultOf, pathText, type Fault, type Path } from './fault.ts'
import {
  mendedDuration,
  mendedHandler,
  mendedPercent,
  mendedTag,
  mendedVersion,
  slug,
} from './mend-text.ts'

interface TextRule {
  code: Code
  /** Where the schema has it: the pattern of its definition tells. */
  takes: string
  example: string
  /** The text as it was probably meant. */
  mended?: (text: string) => string | undefined
  longest: number
}

const rules = {
  DnsLabel: {
    code: 'MESH_NAME_INVALID',
    takes: 'lower-case letters, digits and dashes, with a letter or digit at both ends',
    example: 'my-agent',
    mended: text =>
      slug('-')(text.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase())
        .replace(/[._]+/g, '-')
        .slice(0, 63),
    longest: 63,
  },
  CapabilityName: {
    code: 'MESH_NAME_INVALID',
    takes: 'letters, digits, "_", "." and "-", with a letter or digit at both ends',
    example: 'date_service',
    mended: slug('_'),
    longest: 128,
  },
  ToolName: {
    code: 'MESH_NAME_INVALID',
    takes: 'letters, digits, "_", "." and "-"',
    example: 'say_hello',
    mended: slug('_'),
    longest: 64,
  },
  SlotName: {
    code: 'MESH_NAME_INVALID',
    takes: 'letters, digits, "_" and "$", and no digit at the start',
    example: 'date',
    mended: text =>
      slug('_')(text)
        .replace(/[.-]+/g, '_')
        .replace(/^(?=\d)/, '_'),
    longest: 64,
  },
  Version: {
    code: 'MESH_VERSION_INVALID',
    takes: 'a semantic version of three numbers',
    example: '1.0.0',
    mended: mendedVersion,
    longest: 128,
  },
  Duration: {
    code: 'MESH_DURATION_INVALID',
    takes: 'a number and a unit: ms, s, m or h',
    example: '2s',
    mended: mendedDuration,
    longest: 32,
  },
  Tag: {
    code: 'MESH_TAG_INVALID',
    takes: 'letters, digits and "_", ".", ":", "/", "-", with a letter or digit at both ends',
    example: 'english',
    mended: mendedTag,
    longest: 63,
  },
  TagTerm: {
    code: 'MESH_TAG_INVALID',
    takes: 't, +t or -t, where t has letters, digits and "_", ".", ":", "/", "-"',
    example: 'english, +fast or -deprecated',
    mended: text => (/^[+-]/.exec(text)?.[0] ?? '') + mendedTag(text),
    longest: 64,
  },
  Handler: {
    code: 'MESH_FIELD_INVALID',
    takes: 'a module beside the manifest (.ts, .mts, .js or .mjs) and, after #, its export',
    example: './hello.ts#hello',
    mended: mendedHandler,
    longest: 1024,
  },
  UrlPath: {
    code: 'MESH_FIELD_INVALID',
    takes: 'a path that starts with "/", without one at its end',
    example: '/mcp',
    mended: text =>
      `/${
        text
          .replace(/[^A-Za-z0-9._~/-]/g, '')
          .split('/')
          .filter(Boolean)
          .join('/') || 'mcp'
      }`,
    longest: 256,
  },
  Url: {
    code: 'MESH_FIELD_INVALID',
    takes: 'a URL that starts with http:// or https://, or a reference',
    example: 'http://agent.internal:9090/mcp',
    mended: text => (/^[\w.-]+(:\d+)?(\/[\w./-]*)?$/.test(text) ? `http://${text}` : undefined),
    longest: 2048,
  },
  Percent: {
    code: 'MESH_FIELD_INVALID',
    takes: 'a percentage from 0% to 100%',
    example: '20%',
    mended: mendedPercent,
    longest: 16,
  },
  IconSource: {
    code: 'MESH_FIELD_INVALID',
    takes: 'an address by https:, or a picture as data:image',
    example: 'https://example.com/icon.png',
    mended: text => text.replace(/^http:/i, 'https:'),
    longest: 16_384,
  },
  IconSize: {
    code: 'MESH_FIELD_INVALID',
    takes: 'a width and a height in pixels, or any',
    example: '48x48',
    mended: text => /^[1-9]\d{0,4}$/.exec(text.replace(/px$/, ''))?.map(n => `${n}x${n}`)[0],
    longest: 11,
  },
  HeaderName: {
    code: 'MESH_FIELD_INVALID',
    takes: 'the name of a header: letters, digits and dashes',
    example: 'X-Version',
    mended: slug('-'),
    longest: 128,
  },
  NamePrefix: {
    code: 'MESH_NAME_INVALID',
    takes: 'letters, digits, "_" and "-", with a letter or digit at both ends',
    example: 'fs',
    mended: text => slug('_')(text).replace(/\.+/g, '_').slice(0, 32),
    longest: 32,
  },
  NamespaceTerm: {
    code: 'MESH_NAME_INVALID',
    takes: '"*", or the name of a namespace',
    example: 'default',
    longest: 63,
  },
} satisfies Record<string, TextRule>

export type TextRuleName = keyof typeof rules | 'Secret' | 'HeaderValue'

/** Beginnings of the patterns, which are unique among our schemas. */
const patterns: [string, TextRuleName][] = [
  ['^[a-z0-9](', 'DnsLabel'],
  ['^[A-Za-z0-9]([A-Za-z0-9_.-]', 'CapabilityName'],
  ['^[A-Za-z0-9]([A-Za-z0-9_-]', 'NamePrefix'],
  ['^(\\*', 'NamespaceTerm'],
  ['^[A-Za-z0-9_.-]+$', 'ToolName'],
  ['^[A-Za-z_$]', 'SlotName'],
  ['^(0|', 'Version'],
  ['^[0-9]+(', 'Duration'],
  ['^[A-Za-z0-9]([A-Za-z0-9_.:/-]', 'Tag'],
  ['^[+-]?', 'TagTerm'],
  ['^\\.{1,2}/', 'Handler'],
  ['^(/', 'UrlPath'],
  ['^(https?', 'Url'],
  ['^(https:', 'IconSource'],
  ['^([1-9]', 'IconSize'],
  ['^(100', 'Percent'],
  ['^[!#$', 'HeaderName'],
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
  name: keyof typeof rules,
  value: string | number,
  { path, at }: { path: Path; at: 'key' | 'value' },
): Fault {
  const rule: TextRule = rules[name]
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
