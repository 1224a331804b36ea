/** What the YAML parser says, in our words: what was found, and what to write for the mistakes that are made most. */
import type { YAMLParseError, YAMLWarning } from 'yaml'
import type { TextFault } from './parse.ts'

/** A fault of the parser as one of ours. The parser's own words are kept where we know no better. */
export function yamlFault(error: YAMLParseError | YAMLWarning, text: string): TextFault {
  const [start, end] = [Math.min(error.pos[0], text.length), Math.min(error.pos[1], text.length)]
  const found = text.slice(start, end)
  if (error.code === 'DUPLICATE_KEY') return duplicateKey(text, start)
  const unclosed = /[Mm]issing closing|must .*end with a/.test(error.message)
  const opening = unclosed ? openAt(text, end) : undefined
  if (opening !== undefined) return unclosedFault(text, opening)
  const known = explain(error, text, start, found)
  return {
    code: 'MESH_YAML_INVALID',
    // What follows a colon quotes the text, which may be a secret.
    message: known?.message ?? lowerFirst(error.message.replace(/: ".*$/s, '')),
    mend: known?.mend ?? 'mend the YAML at the place shown',
    start,
    end: Math.max(end, start + 1),
  }
}

function unclosedFault(text: string, start: number): TextFault {
  const opening = text[start] ?? ''
  const closing = { '[': ']', '{': '}' }[opening] ?? opening
  return {
    code: 'MESH_YAML_INVALID',
    message: `the ${opening} that opens here is never closed`,
    mend: `close it with ${closing}`,
    start,
    end: start + 1,
  }
}

/** Where the innermost quote or bracket opens that is still open at `end`; more or less, since the text is broken. */
function openAt(text: string, end: number): number | undefined {
  const open: number[] = []
  const tokens = /(^|[\s[{,])(#[^\n]*)|"(?:[^"\\]|\\.)*"|(?<![\w])'(?:[^']|'')*'|["'[\]{}]/g
  for (const match of text.slice(0, end).matchAll(tokens)) {
    const [token] = match
    const at = match.index
    if (token === ']' || token === '}') open.pop()
    else if (token === '[' || token === '{' || token === '"') open.push(at)
    else if (token === "'" && /[\s[{,]/.test(text[at - 1] ?? '\n')) open.push(at)
  }
  return open.at(-1)
}

function duplicateKey(text: string, start: number): TextFault {
  const key = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s:,]+)/.exec(text.slice(start))?.[0] ?? ''
  return {
    code: 'MESH_YAML_DUPLICATE',
    message: `the key ${key.startsWith('"') ? key : `"${key}"`} stands twice in one mapping`,
    mend: 'keep one of the two',
    start,
    end: start + Math.max(1, key.length),
  }
}

interface Words {
  message: string
  mend: string
}

function explain(
  error: YAMLParseError | YAMLWarning,
  text: string,
  start: number,
  found: string,
): Words | undefined {
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1).split(/\r?\n/, 1)[0] ?? ''
  if (line.includes('${') && /[{,]\s*[\w-]+:\s*\$\{/.test(line)) {
    return {
      message: 'a reference inside { } has to stand in quotes',
      mend: 'write it in quotes, such as "${env:NAME}"',
    }
  }
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return { message: 'a tab is used to indent', mend: 'indent with blanks' }
    case 'BAD_SCALAR_START':
      return {
        message: `a text cannot start with ${JSON.stringify(found[0] ?? '')} unless it stands in quotes`,
        mend: 'put the text in quotes',
      }
    case 'BAD_ALIAS':
      return { message: '* begins an alias, and no name follows', mend: 'put it in quotes: "*"' }
    case 'MULTILINE_IMPLICIT_KEY':
      return {
        message: 'a key runs over several lines',
        mend: 'write a colon after the key, or close the quote before it',
      }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        message:
          'a key begins inside a text: the text has a colon, or the next line is indented too far',
        mend: 'put the text in quotes, or indent the next line like this one',
      }
    case 'MISSING_CHAR':
      return { message: lowerFirst(error.message), mend: 'add what is missing' }
    case 'TAG_RESOLVE_FAILED':
      return { message: `the tag ${found} has no meaning here`, mend: 'remove the tag' }
    case 'UNEXPECTED_TOKEN':
      if (/Block scalar header/.test(error.message) || /:\s*[>|]\S/.test(line)) {
        return {
          message: 'a text that starts with > or | has to stand in quotes',
          mend: 'put it in quotes, such as ">=1.0.0 <2"',
        }
      }
      return undefined
    default:
      return undefined
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
