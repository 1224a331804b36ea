/** What the YAML parser says, in our words: what was found, and what to write for the mistakes that are made most. */
import type { YAMLParseError, YAMLWarning } from 'yaml'
import type { TextFault } from './parse.ts'

/** A fault of the parser as one of ours. The parser's own words are kept where we know no better. */
export function yamlFault(error: YAMLParseError | YAMLWarning, text: string): TextFault {
  const [start, end] = [Math.min(error.pos[0], text.length), Math.min(error.pos[1], text.length)]
  const found = text.slice(start, end)
  if (error.code === 'DUPLICATE_KEY') return duplicateKey(text, start)
  const known = explain(error, text, start, found)
  return {
    code: 'MESH_YAML_INVALID',
    message: known?.message ?? lowerFirst(error.message),
    mend: known?.mend ?? 'mend the YAML at the place shown',
    start,
    end: Math.max(end, start + 1),
  }
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
      return {
        message: `${found} is an alias, and no such anchor is defined before it`,
        mend:
          found === '*' ? 'put it in quotes: "*"' : `put it in quotes if it is text: "${found}"`,
      }
    case 'MULTILINE_IMPLICIT_KEY':
      return {
        message: 'a key runs over several lines',
        mend: 'write a colon after the key, or close the quote before it',
      }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        message: 'a nested mapping stands on the line of its key',
        mend: 'put text with a colon in quotes, or begin a new line',
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
