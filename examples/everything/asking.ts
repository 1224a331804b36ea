/**
 * Handlers that ask their client: a person by `elicit`, a model by `sample`, what it works on by `roots`. They are written
 * once for clients of both eras. With a client of 2026-07-28 a handler is run again for each answer, so nothing before
 * a question may matter twice.
 */
const form = (properties: Record<string, object>, required = Object.keys(properties)) => ({
  ...{ type: 'object', properties, required },
})

type Args = Record<string, unknown>

/** The part of the context that asks, as mcp-mesh/runtime has it. */
interface HandlerContext {
  can: (kind: 'elicit' | 'sample' | 'roots') => boolean
  elicit: (
    message: string,
    schema: object,
    options?: Key,
  ) => Promise<{ action: string; content?: Args }>
  sample: (request: string, options?: Key) => Promise<{ content: unknown; model: string }>
  roots: (options?: Key) => Promise<{ uri: string }[]>
}

interface Key {
  key: string
}

export async function elicitName(_args: Args, _deps: Args, { elicit }: HandlerContext) {
  const { action, content } = await elicit(
    'What is your name?',
    form({ name: { type: 'string' } }),
    { key: 'user_name' }, // by it the client tells its questions apart
  )
  return action === 'accept' ? `Hello, ${String(content?.['name'])}!` : `No name: ${action}`
}

export async function sampleCapital(_args: Args, _deps: Args, { sample }: HandlerContext) {
  const { content } = await sample('What is the capital of France?', { key: 'capital_question' })
  return `The model says: ${textOf(content)}`
}

export async function listRoots(_args: Args, _deps: Args, { roots }: HandlerContext) {
  const found = await roots({ key: 'client_roots' })
  return `The client works on ${found.map(({ uri }) => uri).join(', ')}`
}

export async function confirm(_args: Args, _deps: Args, { elicit }: HandlerContext) {
  const { content } = await elicit('Please confirm', form({ ok: { type: 'boolean' } }), {
    key: 'confirm',
  })
  return `state-ok: ${String(content?.['ok'])}`
}

/** Asked at one time, they go to the client together. */
export async function askThree(
  _args: Args,
  _deps: Args,
  { elicit, sample, roots }: HandlerContext,
) {
  const [name, greeting, found] = await Promise.all([
    elicit('What is your name?', form({ name: { type: 'string' } }), { key: 'user_name' }),
    sample('Generate a greeting', { key: 'greeting' }),
    roots({ key: 'client_roots' }),
  ])
  return `${textOf(greeting.content)} ${String(name.content?.['name'])}, ${found.length} roots`
}

/** Asked one after the other, each waits for the answer to the one before. */
export async function askTwice(_args: Args, _deps: Args, { elicit }: HandlerContext) {
  const name = await elicit('Step 1: What is your name?', form({ name: { type: 'string' } }), {
    key: 'step1',
  })
  const color = await elicit(
    'Step 2: What is your favorite color?',
    form({ color: { type: 'string' } }),
    { key: 'step2' },
  )
  return `${String(name.content?.['name'])} likes ${String(color.content?.['color'])}`
}

/** `can` says what the client declares; it is asked nothing else. */
export async function askWhatItCan(_args: Args, _deps: Args, context: HandlerContext) {
  const { can, elicit, sample } = context
  const [name, greeting] = await Promise.all([
    can('elicit') ? elicit('What is your name?', form({ name: { type: 'string' } })) : undefined,
    can('sample') ? sample('Generate a greeting') : undefined,
  ])
  return { name: name?.content ?? null, greeting: greeting ? textOf(greeting.content) : null }
}

/** A client without sampling is told so by an error of the protocol; the handler does nothing for it. */
export async function needsSampling(_args: Args, _deps: Args, { sample }: HandlerContext) {
  return textOf((await sample('Say something')).content)
}

export async function samplePrompt({ prompt }: Args, _deps: Args, { sample }: HandlerContext) {
  const { content, model } = await sample(String(prompt))
  return `LLM response of ${model}: ${textOf(content)}`
}

export async function elicitUser({ message }: Args, _deps: Args, { elicit }: HandlerContext) {
  const { action, content } = await elicit(
    String(message),
    form({
      username: { type: 'string', description: "User's response" },
      email: { type: 'string', description: "User's email address" },
    }),
  )
  return `User response: action=${action}, content=${JSON.stringify(content ?? {})}`
}

/** Each kind of field with a default, which the client fills in. */
export async function elicitDefaults(_args: Args, _deps: Args, { elicit }: HandlerContext) {
  const statuses = ['active', 'inactive', 'pending']
  const fields = {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: statuses, default: 'active' },
    verified: { type: 'boolean', default: true },
  }
  const { action, content } = await elicit('Please check your details', form(fields, []))
  return `Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`
}

/** Each way of offering a choice. */
export async function elicitEnums(_args: Args, _deps: Args, { elicit }: HandlerContext) {
  const names = ['option1', 'option2', 'option3']
  const titled = [
    { const: 'value1', title: 'First Option' },
    { const: 'value2', title: 'Second Option' },
    { const: 'value3', title: 'Third Option' },
  ]
  const fields = {
    untitledSingle: { type: 'string', enum: names },
    titledSingle: { type: 'string', oneOf: titled },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { type: 'string', enum: names } },
    titledMulti: { type: 'array', items: { anyOf: titled } },
  }
  const { action, content } = await elicit('Please choose', form(fields, []))
  return `Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`
}

/** Of a prompt: its messages are made of the answer. */
export async function promptOfAnswer(_args: Args, _deps: Args, { elicit }: HandlerContext) {
  const { content } = await elicit(
    'What context should the prompt use?',
    form({ context: { type: 'string' } }),
    { key: 'user_context' },
  )
  return `Use this context: ${String(content?.['context'])}`
}

function textOf(content: unknown): string {
  const blocks: unknown[] = Array.isArray(content) ? content : [content]
  return blocks
    .map(block => (block as { text?: unknown }).text)
    .filter(text => typeof text === 'string')
    .join(' ')
}
