/**
 * A fault of a manifest before it has a place in a file: it names the value by its path, so that the same checks serve
 * files (load.ts finds the line) and the registry (check-manifest.ts answers the path).
 */
import { codes, type Code } from '../model/codes.ts'

export type Path = readonly (string | number)[]

export interface Fault {
  code: Code
  severity: 'error' | 'warning' | 'note'
  message: string
  mend: string
  path: Path
  /** Whether the key itself is at fault or what stands there. */
  at: 'key' | 'value'
  /** The part of a text that is at fault, where it is not all of it. */
  part?: string
  /** How a program may mend it; only where nothing but the meant text is left. */
  fix?: Fix
}

/** Each of `from`, wherever the text that is at fault has it, becomes `to`. */
export interface Fix {
  from: readonly string[]
  to: string
}

/** A fault of a value; `more` says otherwise. */
export function faultOf(
  code: Code,
  path: Path,
  message: string,
  more: Partial<Pick<Fault, 'mend' | 'at' | 'part' | 'severity' | 'fix'>> = {},
): Fault {
  return { severity: 'error', mend: codes[code].mend, at: 'value', ...more, code, message, path }
}

/** `spec.tools[0].name`, as people write it. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    const isPlain = /^[A-Za-z_$][\w$-]*$/.test(part)
    if (!isPlain) return `${text}[${JSON.stringify(part)}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
}
