/**
 * Questions in MCP 2026-07-28, where a server cannot ask: the call is answered with the questions, and the client calls again
 * with the answers and the state that it was given. The handler is then run from its start, with all answers so far at
 * hand, so that any instance can go on with it. What was answered in earlier rounds stands in the sealed state.
 */
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { canonicalJson } from '../../core/manifest/digest.ts'
import { MeshError } from '../../core/model/error.ts'
import type { Cancellation } from '../proxy/cancellation.ts'
import { InputRequired, missing, type Asker, type Brought, type Question } from './asking.ts'
import { checkAnswer } from './check-answer.ts'
import type { Sealer } from './seal.ts'

/** For how long a client may take over a round, in milliseconds. */
const roundMs = 15 * 60_000
/** Of all answers, as text. */
const mostCharacters = 512 * 1024

/** What a state is good for: this caller, this request. */
export interface Bound {
  /** `namespace/name`. */
  agent: string
  /** The credential of the caller; undefined where it has none. */
  principal: string | undefined
  method: string
  /** Of the tool or prompt, or the URI. */
  name: string
  args: unknown
}

/** What a request brings along. */
export interface BroughtBy extends Brought {
  capabilities: Readonly<Record<string, unknown>>
}

/** Per key: the digest of the question and, once it is given, the answer. */
type Known = Map<string, { of: string; answer?: unknown }>

interface State {
  known: (readonly [string, { of: string; answer?: unknown }])[]
  carried?: string | undefined
}

export interface Replay extends Asker {
  /** The state that goes out with the questions. Throws MESH_ANSWER_INVALID where the answers are too large. */
  seal(required: InputRequired): Promise<string>
}

/** Undefined where the state is none that was sealed for this request, or is over. */
export async function openReplay(
  brought: BroughtBy,
  bound: Bound,
  sealer: () => Promise<Sealer>,
): Promise<Replay | undefined> {
  const { state } = brought
  const text = state === undefined ? '{"known":[]}' : (await sealer()).open(state, boundText(bound))
  if (text === undefined) return undefined
  const before = JSON.parse(text) as State
  const known: Known = new Map(before.known)
  const seal: Replay['seal'] = async required => {
    const asked = required.questions.map(
      question => [question.key, { of: digestOf(question) }] as const,
    )
    const answered = [...known].filter(([, entry]) => 'answer' in entry)
    const { carried } = required
    const state = JSON.stringify({ known: [...answered, ...asked], carried } satisfies State)
    if (state.length > mostCharacters) {
      const found = `the answers to the call's questions have more than ${mostCharacters} characters`
      throw new MeshError('MESH_ANSWER_INVALID', found, 'ask for less, or in another call')
    }
    return (await sealer()).seal(state, boundText(bound), roundMs)
  }
  return { ...createReplay(brought, known, seal), carried: before.carried }
}

function createReplay(
  { capabilities, responses = {}, state }: BroughtBy,
  known: Known,
  seal: Replay['seal'],
): Replay {
  const pending = new Map<string, Question>()

  /** Settles where there is an answer to exactly this question that fits it. */
  function answerTo(question: Question): { value: unknown } | undefined {
    const { key } = question
    const of = digestOf(question)
    const entry = known.get(key)
    if (entry && 'answer' in entry && entry.of === of) return { value: entry.answer }
    // A client may answer a question that it knows before it was asked: then nothing says what it was.
    if (!Object.hasOwn(responses, key) || (entry && entry.of !== of)) return undefined
    const value = responses[key]
    if (checkAnswer(question, value).length > 0) return undefined
    known.set(key, { of, answer: value })
    return { value }
  }

  /** Questions that are asked at one time go out together. */
  async function suspend(run: Cancellation): Promise<void> {
    await setImmediate()
    run.abort(new InputRequired([...pending.values()]))
  }

  return {
    ...{ capabilities, seal, brought: { responses, state } },
    ask(question, run) {
      const lacking = missing(question, capabilities)
      if (lacking) return Promise.reject(lacking)
      const answer = answerTo(question)
      if (answer) return Promise.resolve(answer.value)
      pending.set(question.key, question)
      if (pending.size === 1) void suspend(run)
      return new Promise(() => undefined)
    },
  }
}

const digestOf = ({ method, params }: Question): string => hash(canonicalJson([method, params]))

function boundText({ agent, principal, method, name, args }: Bound): string {
  return canonicalJson([
    agent,
    hash(principal ?? ''),
    method,
    name,
    hash(canonicalJson(args ?? {})),
  ])
}

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url')
