/** Runs that wait for their client are bounded in time and number; what a client does not answer is over. */
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { InputRequired, type Asker } from '../../../runtime/mcp/asking.ts'
import { HeldRuns, type Limits } from '../../../runtime/mcp/held-runs.ts'

const long = 600_000
const params = { message: 'How many?', requestedSchema: { type: 'object', properties: {} } }
const question = { method: 'elicitation/create' as const, params }
const answer = { action: 'accept', content: {} }

// The waits of an agent keep no process alive by themselves.
const alive = setInterval(() => undefined, 1_000)
t.teardown(() => clearInterval(alive))

function runsWith(limits: Partial<Limits>) {
  const runs = new HeldRuns(() => ({ instance: 'here', url: 'http://127.0.0.1:9' }), limits)
  const gone = new AbortController()
  const call = (asker: Partial<Asker>) =>
    runs.run(
      {
        signal: gone.signal,
        asker: {
          ...{ capabilities: { elicitation: {} }, brought: { responses: undefined, state: '' } },
          ...{ ask: () => Promise.reject(new Error('not asked so')), ...asker },
        },
      },
      undefined,
      async caller => ({ answered: await caller.ask(question, caller.signal as never) }),
    )
  return {
    /** The round that a call is answered with. */
    begin: async (): Promise<InputRequired> => {
      const error: unknown = await call({}).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      if (error instanceof InputRequired) return error
      throw error
    },
    goOn: ({ carried, questions }: InputRequired) => {
      const responses = { [questions[0]!.key]: answer }
      return call({ carried, brought: { responses, state: 'sealed' } })
    },
  }
}

t.test(
  'as many calls wait for their clients as may, and one more when one is answered',
  async t => {
    const { begin, goOn } = runsWith({ mostHeld: 2, answerMs: long })
    const [first, second] = [await begin(), await begin()]
    await t.rejects(begin(), {
      ...{ code: 'MESH_TOOL_BUSY', message: /2 calls of this agent wait for answers/ },
      mend: 'call again later',
    })
    t.strictSame(await goOn(first), { answered: answer })
    const third = await begin()
    t.strictSame(await goOn(second), { answered: answer })
    t.strictSame(await goOn(third), { answered: answer })
    await t.rejects(goOn(third), { message: /is no more/ })
  },
)

t.test('a call whose client does not answer is over when its time is, and makes room', async t => {
  const { begin, goOn } = runsWith({ mostHeld: 1, answerMs: 60 })
  const left = await begin()
  let next: InputRequired | undefined
  while (!next) {
    next = await begin().catch((error: unknown) => {
      if ((error as { code?: string }).code !== 'MESH_TOOL_BUSY') throw error
      return setTimeout(5, undefined)
    })
  }
  const told = { code: -32000, message: /is no more/, data: { code: 'MESH_CALL_INTERRUPTED' } }
  await t.rejects(goOn(left), told)
})

t.test('the time for an answer ends with the answer', async t => {
  const runs = new HeldRuns(() => ({ instance: 'here', url: '' }), { answerMs: 300 })
  const capabilities = { elicitation: {} }
  const ask = () => Promise.reject(new Error('not asked so'))
  const call = (brought: Asker['brought'], carried?: string) => ({
    ...{ signal: new AbortController().signal, asker: { capabilities, ask, brought, carried } },
  })
  let isOver = false
  const begun = runs.run(
    call({ responses: undefined, state: '' }) as never,
    undefined,
    async caller => {
      caller.signal.addEventListener('abort', () => (isOver = true))
      await caller.ask(question, caller.signal as never)
      await setTimeout(400)
      return 'done'
    },
  )
  const round: unknown = await begun.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(round instanceof InputRequired)) throw round
  const responses = { [round.questions[0]!.key]: answer }
  const last = runs.run(
    call({ responses, state: 'sealed' }, round.carried) as never,
    undefined,
    () => Promise.reject(new Error('it goes on, and does not begin')),
  )
  t.equal(await last, 'done')
  t.notOk(isOver)
})
