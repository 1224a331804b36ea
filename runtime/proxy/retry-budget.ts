/**
 * How many repeats the callers of a capability in this process may add to its calls. A fixed number of attempts alone multiplies
 * load just when the provider can bear it least: with three attempts a dead capability gets three times its calls. A
 * budget bounds the sum: each first attempt deposits a share of a token, each repeat takes a whole one (Finagle's
 * RetryBudget, which Linkerd took over).
 */

/** Deposits and withdrawals count for so long, in slices of a second. */
const slices = 10
const sliceMs = 1_000
/** So many repeats a second are always there, so that a caller that makes few calls can repeat at all. */
const perSecond = 1

/** What many small deposits may lose. */
const rounding = 1e-6

export class RetryBudget {
  readonly #balances = new Float64Array(slices)
  readonly #now: () => number
  #sum = 0
  #slice = -1

  /** `now` in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** A first attempt; `share` is that of the caller's policy, 0.2 for a fifth of a repeat. */
  deposit(share: number): void {
    this.#add(share)
  }

  /** Takes one repeat, or says that none is left. */
  withdraw(): boolean {
    this.#add(0) // forgets what is too old to count
    if (this.#sum + perSecond * slices < 1 - rounding) return false
    this.#add(-1)
    return true
  }

  #add(tokens: number): void {
    const slice = Math.floor(this.#now() / sliceMs)
    if (slice !== this.#slice) this.#forget(slice)
    const at = slice % slices
    this.#balances[at] = (this.#balances[at] ?? 0) + tokens
    this.#sum += tokens
  }

  /** What was added and taken more than ten seconds ago counts no more. */
  #forget(slice: number): void {
    const past = Math.min(slice - this.#slice, slices)
    for (let i = 0; i < past; i++) this.#balances[(slice - i) % slices] = 0
    this.#slice = slice
    this.#sum = this.#balances.reduce((sum, balance) => sum + balance, 0)
  }
}

/** One budget a capability, for all callers in this process. */
export function createRetryBudgets(): (capability: string) => RetryBudget {
  const budgets = new Map<string, RetryBudget>()
  return capability => {
    const budget = budgets.get(capability) ?? new RetryBudget()
    budgets.set(capability, budget)
    return budget
  }
}
