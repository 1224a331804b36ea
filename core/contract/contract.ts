/**
 * Whether a tool is what a dependency expects: covariant in what comes back, contravariant in what is sent. Computed once
 * for an expectation and a tool, as long as both live: manifests are compared when they meet, not with each change.
 */
import type { AgentTool, Expectation } from '../model/agent.ts'
import { canonicalSchema } from './canonical-schema.ts'
import { isSubschema } from './is-subschema.ts'
import type { Path } from './schema-node.ts'
import { asSent } from './sent.ts'
import type { Verdict } from './verdict.ts'

/** What a tool says of its values. */
export type Schemas = Pick<AgentTool, 'inputSchema' | 'outputSchema'>

export interface Mismatch {
  /** Unknown: could not be decided, so nobody is left out for it. */
  answer: 'no' | 'unknown'
  side: 'inputSchema' | 'outputSchema'
  /** One sentence, without a full stop. */
  reason: string
  /** Where it stands below `side`, in what is expected and in what the tool declares. */
  expected: Path
  declared: Path
}

const known = new WeakMap<Expectation, WeakMap<Schemas, Mismatch | 'none'>>()

/** Undefined where the tool is what is expected; a no comes before what could not be decided. */
export function mismatchOf(expects: Expectation, tool: Schemas): Mismatch | undefined {
  const tools = known.get(expects) ?? new WeakMap<Schemas, Mismatch | 'none'>()
  known.set(expects, tools)
  let found = tools.get(tool)
  if (!found) {
    const all = [outputMismatch(expects, tool), inputMismatch(expects, tool)]
    found = all.find(each => each?.answer === 'no') ?? all.find(each => each) ?? 'none'
    tools.set(tool, found)
  }
  return found === 'none' ? undefined : found
}

function outputMismatch({ outputSchema, match }: Expectation, tool: Schemas): Mismatch | undefined {
  if (!outputSchema) return undefined
  const side = 'outputSchema'
  if (!tool.outputSchema) {
    const reason = 'it declares no outputSchema, and the consumer expects one'
    return { answer: 'no', side, reason, expected: [], declared: [] }
  }
  if (match === 'strict') return strictMismatch(side, outputSchema, tool.outputSchema)
  const verdict = isSubschema(asSent(tool.outputSchema), outputSchema)
  if (verdict.answer === 'yes') return undefined
  const reason = `its result ${placed(verdict)}`
  return { answer: verdict.answer, side, reason, expected: verdict.to, declared: verdict.from }
}

function inputMismatch({ inputSchema, match }: Expectation, tool: Schemas): Mismatch | undefined {
  if (!inputSchema) return undefined
  const side = 'inputSchema'
  if (match === 'strict') return strictMismatch(side, inputSchema, tool.inputSchema)
  const verdict = isSubschema(asSent(inputSchema), tool.inputSchema)
  if (verdict.answer === 'yes') return undefined
  const reason = `what the consumer sends ${placed(verdict)}`
  return { answer: verdict.answer, side, reason, expected: verdict.from, declared: verdict.to }
}

function strictMismatch(
  side: Mismatch['side'],
  expected: object,
  declared: object,
): Mismatch | undefined {
  if (canonicalSchema(expected) === canonicalSchema(declared)) return undefined
  const reason = `its ${side} is not the expected one, and match is strict`
  return { answer: 'no', side, reason, expected: [], declared: [] }
}

function placed({ at, reason }: Exclude<Verdict, { answer: 'yes' }>): string {
  return at.length === 0 ? reason : `at ${JSON.stringify(textOf(at))} ${reason}`
}

/** `items[0].name`. */
function textOf(at: Path): string {
  return at.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}
