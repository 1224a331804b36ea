/**
 * The one error that the mesh throws on purpose. It says what was found, how to mend it, and a stable code;
 * where a file is at fault, the collected diagnostics of core/manifest are used in its place.
 */
import { codes, type Code } from './codes.ts'

export class MeshError extends Error {
  readonly code: Code
  /** How to mend it: a value to write or a command to run. */
  readonly mend: string
  /** More for programs, such as the list of faults; it holds no secret. */
  readonly details: Record<string, unknown> | undefined

  constructor(
    code: Code,
    found: string,
    mend: string = codes[code].mend,
    options: { cause?: unknown; details?: Record<string, unknown> } = {},
  ) {
    super(found, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'MeshError'
    this.code = code
    this.mend = mend
    this.details = options.details
  }

  get exit(): number {
    return codes[this.code].exit
  }

  get status(): number {
    return codes[this.code].status
  }
}

/** True for a MeshError of that code, also one that another copy of this package threw. */
export function hasCode(error: unknown, code: Code): error is MeshError {
  return error instanceof Error && 'code' in error && error.code === code
}

const unreadable = 'something that cannot be shown'

/** The message of anything thrown, also of what is no error or fights being read; never empty. */
export function messageOf(error: unknown): string {
  try {
    if (error instanceof Error) return String(error.message) || error.name
    if (typeof error !== 'object' || error === null) return String(error) || 'an empty text'
    if ('message' in error && typeof error.message === 'string') return error.message
    return textOf(error) ?? unreadable
  } catch {
    return unreadable
  }
}

/** Undefined where toJSON gives nothing, which the type of JSON.stringify leaves out. */
const textOf = (value: object): string | undefined => JSON.stringify(value)
