/** What comes of comparing two schemas: yes, no with a value that shows it, or unknown with what could not be decided. */
import type { Path } from './schema-node.ts'

export type Verdict =
  | { readonly answer: 'yes' }
  | (Finding & {
      readonly answer: 'no'
      /** Valid for the first schema and not for the second. */
      readonly value: unknown
    })
  | (Finding & { readonly answer: 'unknown' })

export interface Finding {
  /** Where in a value, `["items", 0, "name"]`. */
  readonly at: Path
  /** For people, after "it": `may be 5, which is not of type string`. */
  readonly reason: string
  /** Where it stands in the first schema and in the second. */
  readonly from: Path
  readonly to: Path
}

export const yes: Verdict = { answer: 'yes' }

/** The first no, or else the first unknown, or else yes; goes no further than the first no. */
export function worst(verdicts: Iterable<Verdict>): Verdict {
  let unknown: Verdict | undefined
  for (const verdict of verdicts) {
    if (verdict.answer === 'no') return verdict
    if (verdict.answer === 'unknown') unknown ??= verdict
  }
  return unknown ?? yes
}

/** A value as a sentence quotes it, never long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined'
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
