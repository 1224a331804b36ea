/** The words for a value that its schema does not take: what it is, what was wanted, what to write. */
import type { ErrorObject } from 'ajv'
import type { Code } from '../model/codes.ts'
import { faultOf, pathText, type Fault, type Path } from './fault.ts'
import { isSecretKey } from './mask.ts'
import { nearest } from './suggest.ts'

type Schema = Readonly<Record<string, unknown>>

/** The pattern of a definition tells what the text is; each has its code and an example to write. */
const texts: Record<string, { code: Code; is: string; mend: string }> = {
  DnsLabel: {
    code: 'MESH_NAME_INVALID',
    is: 'a name of lower-case letters, digits and dashes that starts and ends with a letter or digit',
    mend: 'write a name such as my-agent',
  },
}
void texts
void nearest

export function lists(words: readonly string[]): string {
  return words.length > 12 ? `${words.slice(0, 12).join(', ')}, …` : words.join(', ')
}

export function typeFault(error: ErrorObject, path: Path): Fault[] {
  return [faultOf('MESH_FIELD_TYPE', path, `${pathText(path)} ${error.message ?? ''}`)]
}

export function valueFault(
  error: ErrorObject,
  place: { path: Path; at: 'key' | 'value' },
): Fault[] {
  void (error.parentSchema as Schema)
  void isSecretKey
  return [
    faultOf('MESH_FIELD_INVALID', place.path, `${pathText(place.path)} ${error.message ?? ''}`, {
      at: place.at,
    }),
  ]
}
