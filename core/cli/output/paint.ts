/** Colours of a terminal by what they mean. Whoever paints has asked whether the terminal takes colours. */

/** What a colour says. */
export type Tone = 'good' | 'warn' | 'bad' | 'quiet' | 'strong'

const codes: Record<Tone, number> = { good: 32, warn: 33, bad: 31, quiet: 90, strong: 1 }

export function paint(text: string, tone: Tone): string {
  return text === '' ? text : `\u001b[${codes[tone]}m${text}\u001b[0m`
}

/** A state, phase or status of the mesh as a tone: what serves is good, what waits warns, what is down is bad. */
export function toneOf(state: string): Tone {
  if (/^(ready|true|resolved|healthy|good)$/i.test(state)) return 'good'
  return /^(draining|drifted|degraded|suspect|unknown|optional)$/i.test(state) ? 'warn' : 'bad'
}
