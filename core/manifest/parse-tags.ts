/** Tag terms as manifests write them. */
import type { TagQuery } from '../model/agent.ts'

/** `[a, +b, -c, [d, e]]` to the tags that are required, preferred, excluded, and wanted any of. */
export function parseTags(terms: readonly (string | readonly string[])[]): TagQuery {
  const texts = terms.filter(term => typeof term === 'string')
  const signed = (sign: string) => texts.filter(t => t.startsWith(sign)).map(t => t.slice(1))
  return {
    required: texts.filter(term => !/^[+-]/.test(term)),
    preferred: signed('+'),
    excluded: signed('-'),
    anyOf: terms.filter(term => typeof term !== 'string'),
  }
}
