/**
 * Ids as W3C writes them, in digits `0` to `9` and `a` to `f`. Whether one is a letter cannot be foretold, and a branch that is
 * guessed wrongly costs more than the rest: so none is taken, nor a pattern matched.
 */

/** The value of such a digit, by its character code. */
export const digitOf = (code: number): number => (code & 0x0f) + (code >> 6) * 9

const notADigit = 0x10
/** By character code. */
const values = Uint8Array.from({ length: 128 }, (_, code) =>
  /[0-9a-f]/.test(String.fromCharCode(code)) ? digitOf(code) : notADigit,
)

/** Whether all from `from` to before `to` are such digits. */
export const areDigits = (text: string, from: number, to: number): boolean =>
  bitsOf(text, from, to) < notADigit

/** Whether they are, and not all zeros, which is no id. */
export function areId(text: string, from: number, to: number): boolean {
  const bits = bitsOf(text, from, to)
  return bits > 0 && bits < notADigit
}

/** Those that are set in any of the digits. */
function bitsOf(text: string, from: number, to: number): number {
  let bits = 0
  for (let i = from; i < to; i++) bits |= values[text.charCodeAt(i)] ?? notADigit
  return bits
}
