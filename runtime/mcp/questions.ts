/** `elicit`, `sample`, `roots` and `can` of a handler's context: from what a handler writes to questions of MCP and back. */
import type {
  Elicited,
  HandlerQuestions,
  QuestionOptions,
  Sampled,
  SampleRequest,
} from '../handler.ts'
import type { Cancellation } from '../proxy/cancellation.ts'
import { missing, type Asker, type AskMethod } from './asking.ts'

/** What a text alone asks a model for. */
const usualTokens = 1024

const methods = {
  elicit: ['elicitation/create', {}],
  elicitUrl: ['elicitation/create', { mode: 'url' }],
  sample: ['sampling/createMessage', {}],
  roots: ['roots/list', {}],
} as const satisfies Record<string, [AskMethod, Record<string, unknown>]>

export interface QuestionMeans {
  asker: Asker
  run: Cancellation
  /** Stops the time of the call until what it gives back is called: a person's time is not the tool's. */
  pause: () => () => void
}

/** Of one run of a handler: it counts the questions that have no key of their own. */
export function createQuestions({ asker, run, pause }: QuestionMeans): HandlerQuestions {
  const counts = new Map<AskMethod, number>()

  async function ask<T>(
    method: AskMethod,
    params: Record<string, unknown>,
    { key }: QuestionOptions = {},
  ): Promise<T> {
    const count = (counts.get(method) ?? 0) + 1
    counts.set(method, count)
    const question = { key: key ?? `${method.replace(/\W.*/, '')}-${count}`, method, params }
    const goOn = pause()
    try {
      return (await asker.ask(question, run)) as T // checked by the asker, see check-answer.ts
    } finally {
      goOn()
    }
  }

  return {
    can: kind => {
      const [method, params] = methods[kind]
      return missing({ method, params }, asker.capabilities) === undefined
    },
    elicit: (message, requestedSchema, options) =>
      ask<Elicited>('elicitation/create', { message, requestedSchema }, options),
    elicitUrl: (message, url, options) =>
      ask<Elicited>('elicitation/create', { mode: 'url', message, url }, options),
    sample: (request, options) =>
      ask<Sampled>('sampling/createMessage', sampling(request), options),
    roots: async options =>
      (await ask<{ roots: { uri: string; name?: string }[] }>('roots/list', {}, options)).roots,
  }
}

function sampling(request: string | SampleRequest): Record<string, unknown> {
  if (typeof request !== 'string') return { maxTokens: usualTokens, ...request }
  const content = { type: 'text', text: request }
  return { messages: [{ role: 'user', content }], maxTokens: usualTokens }
}
