/**
 * What a running handler may ask of its caller: a person's answer, a model's, the roots. How the question travels is for the
 * one who serves the call to say (`Asker`): it may wait for the answer, or end the run and have the handler run again
 * with it. Handlers see no difference.
 */
import { MeshError } from '../../core/model/error.ts'
import type { Cancellation } from '../proxy/cancellation.ts'

export type AskMethod = 'elicitation/create' | 'sampling/createMessage' | 'roots/list'

export interface Question {
  /** Tells it from the other questions of the call, the same each time that the handler runs. */
  key: string
  method: AskMethod
  /** As MCP has them. */
  params: Record<string, unknown>
}

/** Answers to the questions of the round before, and the state that came with them. */
export interface Brought {
  /** By the keys of the questions. */
  responses: Readonly<Record<string, unknown>> | undefined
  state: string | undefined
}

/** The caller's end of one call. */
export interface Asker {
  /** ClientCapabilities of MCP, as the client declared them. */
  readonly capabilities: Readonly<Record<string, unknown>>
  /** What the request itself brought along, to be handed on with it; absent where the client is asked meanwhile. */
  readonly brought?: Brought
  /** What an InputRequired of the round before has `carried`. */
  readonly carried?: string | undefined
  /**
   * The client's answer, as it came. Where the handler has to be run again for it, the run is aborted with InputRequired
   * and this never settles.
   */
  ask(question: Question, run: Cancellation): Promise<unknown>
}

/** Ends a run: the call is answered with these questions, and is called again with their answers. */
export class InputRequired extends Error {
  readonly questions: readonly Question[]
  /** Sealed by the instance that the call was handed to; undefined where it ran here. */
  readonly state: string | undefined
  /** For whoever goes on with the call: sealed into the state, and given back by the asker of the next round. */
  readonly carried: string | undefined

  constructor(
    questions: readonly Question[],
    { state, carried }: { state?: string | undefined; carried?: string } = {},
  ) {
    super('the call waits for input of its caller')
    this.name = 'InputRequired'
    this.questions = questions
    this.state = state
    this.carried = carried
  }
}

/** The client cannot be asked that. */
export class ClientLacks extends MeshError {
  /** ClientCapabilities that are missing. */
  readonly requiredCapabilities: Readonly<Record<string, unknown>>

  constructor(method: AskMethod, requiredCapabilities: Readonly<Record<string, unknown>>) {
    const names = Object.keys(requiredCapabilities).join(', ')
    const found = `the client cannot be asked: ${method} needs the capability ${names}, which it does not declare`
    super('MESH_CLIENT_INCAPABLE', found, undefined, { details: { requiredCapabilities } })
    this.requiredCapabilities = requiredCapabilities
  }
}

/** A caller that can be asked nothing: other agents, and clients that do not say what they can. */
export const nobody: Asker = {
  capabilities: {},
  ask: question => Promise.reject(missing(question, {}) ?? new ClientLacks(question.method, {})),
}

/** The error where the question is none for this client; undefined where it is. */
export function missing(
  { method, params }: Pick<Question, 'method' | 'params'>,
  capabilities: Asker['capabilities'],
): ClientLacks | undefined {
  const needed = neededFor(method, params)
  return isDeclared(needed, capabilities) ? undefined : new ClientLacks(method, needed)
}

/** As another instance has found it. */
export function clientLacking(required: Readonly<Record<string, unknown>>): ClientLacks {
  const method = methodOf[Object.keys(required)[0] ?? ''] ?? 'elicitation/create'
  return new ClientLacks(method, required)
}

const methodOf: Readonly<Record<string, AskMethod>> = {
  elicitation: 'elicitation/create',
  sampling: 'sampling/createMessage',
  roots: 'roots/list',
}

function neededFor(
  method: AskMethod,
  params: Record<string, unknown>,
): Record<string, Record<string, unknown>> {
  switch (method) {
    case 'elicitation/create':
      return { elicitation: params['mode'] === 'url' ? { url: {} } : {} }
    case 'sampling/createMessage':
      return { sampling: params['tools'] === undefined ? {} : { tools: {} } }
    case 'roots/list':
      return { roots: {} }
  }
}

function isDeclared(
  needed: Record<string, Record<string, unknown>>,
  declared: Readonly<Record<string, unknown>>,
): boolean {
  return Object.entries(needed).every(([name, parts]) => {
    const has = declared[name]
    if (typeof has !== 'object' || has === null) return false
    // A client that says `elicitation: { url: {} }` takes no forms; an empty object takes forms, as it always has.
    if (name === 'elicitation' && Object.keys(parts).length === 0)
      return Object.keys(has).length === 0 || 'form' in has || !('url' in has)
    return Object.keys(parts).every(part => part in has)
  })
}
