/**
 * Runs that cannot be begun anew, as a wrapped server's are, for clients that answer a question by a new call (MCP 2026-07-28): the
 * call is answered with the question while the run goes on, and the new call goes on with it. A run is bound to its request
 * by the sealed state, and is bounded in time and number. Who asks in the way of before is asked while the call waits.
 */
import { MeshError } from '../../core/model/error.ts'
import { longestAnswerMs } from '../clients/store.ts'
import type { Cancellation } from '../proxy/cancellation.ts'
import type { Clock } from '../proxy/time-limit.ts'
import { nobody } from './asking.ts'
import {
  HeldRun,
  keys,
  type Asked,
  type AskingCaller,
  type Carried,
  type HeldCall,
  type Place,
  type RunCaller,
} from './held-run.ts'
import { RpcError } from './rpc-error.ts'

export interface Limits {
  /** Runs of one agent that wait for their client. */
  mostHeld: number
  /** So long a client may take for its answers. */
  answerMs: number
}

const limits: Limits = { mostHeld: 1_000, answerMs: longestAnswerMs }

export class HeldRuns {
  readonly #runs = new Map<string, HeldRun<HeldCall>>()
  readonly #place: () => Place
  readonly #limits: Limits

  constructor(place: () => Place, limited: Partial<Limits> = {}) {
    this.#place = place
    this.#limits = { ...limits, ...limited }
  }

  /**
   * Begins a run for the call, or goes on with the one that it is about. `elsewhere` hands it to the instance that has the run.
   * Throws what the run throws, InputRequired, and MESH_CALL_INTERRUPTED for a run that is no more.
   */
  async run<T, C extends HeldCall>(
    call: C,
    elsewhere: ((place: Place) => Promise<T>) | undefined,
    begin: (caller: RunCaller<C>) => Promise<T>,
  ): Promise<T> {
    const { asker = nobody, signal } = call
    if (!asker.brought) {
      const keyed = keys()
      const { capabilities } = asker
      const ask = (asked: Asked, run: Cancellation) =>
        asker.ask({ ...asked, key: keyed(asked) }, run)
      return begin({ signal, now: call, capabilities, rounds: undefined, ask })
    }
    const carried = asker.carried === undefined ? undefined : (JSON.parse(asker.carried) as Carried)
    if (carried && 'run' in carried) {
      const run = this.#runs.get(carried.run)
      if (run) return (await run.goOn(call)) as T // the state is that of its request
      if (carried.at.instance === this.#place().instance || !elsewhere) throw lost()
      return elsewhere(carried.at)
    }
    const rounds = { responses: asker.brought.responses, state: carried?.server }
    const run: HeldRun<C> = new HeldRun(call, rounds, {
      hold: () => this.#hold(run),
      end: () => this.#runs.delete(run.id),
      place: this.#place,
      answerMs: this.#limits.answerMs,
    })
    return (await run.begin(begin)) as T
  }

  #hold(run: HeldRun<HeldCall>): void {
    if (this.#runs.has(run.id)) return
    const { mostHeld } = this.#limits
    if (this.#runs.size >= mostHeld) {
      const found = `${mostHeld} calls of this agent wait for answers of their clients, which is as many as may`
      throw new MeshError('MESH_TOOL_BUSY', found, 'call again later')
    }
    this.#runs.set(run.id, run)
  }
}

/** Asks while the clock of a run stands still: a person's time is not the tool's. */
export function pausing(caller: AskingCaller, run: Cancellation, clock: Clock): PausingCaller {
  return {
    get capabilities() {
      return caller.capabilities
    },
    rounds: caller.rounds,
    async ask(asked) {
      const goOn = clock.pause()
      try {
        return await caller.ask(asked, run)
      } finally {
        goOn()
      }
    },
  }
}

/** Of one run. */
export interface PausingCaller extends Pick<AskingCaller, 'capabilities' | 'rounds'> {
  ask(asked: Asked): Promise<unknown>
}

function lost(): RpcError {
  const { code, message, mend } = new MeshError(
    'MESH_CALL_INTERRUPTED',
    'the call that these answers are for is no more: its instance has ended, or it was answered already or not for too long',
  )
  return new RpcError(-32000, message, { code, mend })
}
