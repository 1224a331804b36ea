/* IMPORTANT
 * This snapshot file is auto-generated, but designed for humans.
 * It should be checked into source control and tracked carefully.
 * Re-generate by setting TAP_SNAPSHOT=1 and running tests.
 * Make sure to inspect the output below.  Do not ignore changes!
 */
'use strict'
exports[`test/core/cli/commands/schemas-and-types.ts > TAP > every field of a manifest can be explained, by its path > callpolicy.spec 1`] = `
callpolicy.spec  object, required
  How calls behave. What is left out is taken from the policy that it starts from.
  such as {"timeout":"30s","deadline":"2m"}

FIELD         TAKES              WHAT IT IS
from          string             The name of the CallPolicy that these values start from.
timeout       string             The longest that one attempt may take. Where the deadline is shorter, that.
deadline      string             The longest that the whole call may take, all attempts and pauses included. What remains of the caller's own deadline bounds it.
retries       object             When a failed attempt is followed by another. Only what is safe is repeated: what was provably not executed, tools with readOnlyHint or idempotentHint, and, at the same instance, tools of providers that run a call once.
hedge         string or object   A second attempt beside a first one that is slow, and the sooner answer counts; only of tools with readOnlyHint or idempotentHint. \`none\` for no such thing.
breaker       string or object   After failures in a row the calls of a capability fail at once for a while, then one is let through to try. \`none\` for no breaker.
concurrency   string or object   Bounds the calls of a dependency that are under way at a time in this process. \`none\` for no bound.
ejection      string or object   After failures in a row an endpoint is not picked for a while. \`none\` for no ejection.
balance       string             Which of several equal endpoints gets the call. \`auto\`: by the session, where the tool has sessions that one instance owns each, else \`p2c\`. \`p2c\`: of two at random the one with less load. \`round-robin\`: each in turn. \`consistent-hash\`: equal values of the argument \`hashOn\` go to one endpoint.
hashOn        string             The argument whose value consistent-hash goes by.
headers       map of string      Sent with each call, one hop only. \`\${env:NAME}\`, \`\${env:NAME:-default}\` and \`\${file:/path}\` are resolved in the runtime; what is secret has to be such a reference, without a default. A token for \`Authorization\` stands in \`auth\`.
stream        string             \`auto\`: a handler that asks for a stream gets the chunks as they are made. \`never\`: no chunks are asked for; the stream has none and returns the value.
`

exports[`test/core/cli/commands/schemas-and-types.ts > TAP > every field of a manifest can be explained, by its path > retries 1`] = `
agent.spec.tools.dependencies.retries  object
  When a failed attempt is followed by another. Only what is safe is repeated: what was provably not executed, tools with readOnlyHint or idempotentHint, and, at the same instance, tools of providers that run a call once.
  default: {"attempts":3,"backoff":{"initial":"50ms","max":"2s"},"on":["unavailable","timeout"],"budget":"20%"}
  such as {"attempts":5,"budget":"10%"}, {"attempts":1}

FIELD      TAKES            WHAT IT IS
attempts   integer          Attempts in all, the first among them; 1 for no repeat.
backoff    object           The pause before an attempt that follows another: random, below a bound that doubles from \`initial\` to \`max\` (full jitter).
on         list of string   \`unavailable\`: no endpoint could be reached, it refused before it began, or its connection broke. \`timeout\`: the attempt ran into its timeout. \`error\`: the tool itself answered an error; only of tools with readOnlyHint or idempotentHint.
budget     string           Repeats that this process may add to its calls of a capability, as a share of them.
`

exports[`test/core/cli/commands/schemas-and-types.ts > TAP > handlers are checked against the types of their manifest > mesh.d.ts 1`] = `
// Written by \`meshctl types\` from the manifest beside it: change the manifest, not this file.
import type { DependencyFunction, HandlerContext } from 'mcp-mesh/runtime'

/** What a handler may give back: the value, a promise of it, or chunks and then the value. */
type Result<Value> = Value | Promise<Value> | AsyncGenerator<unknown, Value, undefined>

/** A dependency: called with the provider's arguments it gives the provider's value. */
interface Call<Args, Value> {
  (...args: Given<Args>): Promise<Value>
  /** The whole MCP result. */
  raw(...args: Given<Args>): ReturnType<DependencyFunction['raw']>
  /** The chunks of a tool that streams; what the iterator returns is the value. */
  stream(
    args: Args,
    options?: Parameters<DependencyFunction['stream']>[1],
  ): AsyncGenerator<unknown, Value, undefined>
}
type Given<Args> = Record<string, never> extends Args ? [args?: Args] : [args: Args]

export type OrderBookArgs = {
  title: string
  copies?: number
}
export type OrderBookValue = {
  price: number
}
export type OrderBookDependencies = {
  stock: Call<{
    title: string
  }, number>
  date: Call<Record<string, unknown>, string> | undefined
  anything: Call<Record<string, unknown>, unknown>
}
export type OrderBook = (
  args: OrderBookArgs,
  dependencies: OrderBookDependencies,
  context: HandlerContext,
) => Result<OrderBookValue>

export type TodayResourceDependencies = {
  stock: Call<{
    title: string
  }, number>
}
export type TodayResourceArgs = Record<string, never>
export type TodayResource = (
  args: TodayResourceArgs,
  dependencies: TodayResourceDependencies,
  context: HandlerContext,
) => unknown

export type BookResourceDependencies = {
  stock: Call<{
    title: string
  }, number> | undefined
}
export type BookResourceArgs = {
  shelf: string
  title: string
}
/** One book. */
export type BookResource = (
  args: BookResourceArgs,
  dependencies: BookResourceDependencies,
  context: HandlerContext,
) => unknown
/** What goes with what is typed, \`value\`. */
export type BookResourceComplete = (
  args: { value: string } & Record<string, string>,
  dependencies: BookResourceDependencies,
  context: HandlerContext,
) => string[] | Promise<string[]>

export type AdvisePromptDependencies = Record<string, never>
export type AdvisePromptArgs = {
  title: string
  tone?: string
}
export type AdvisePrompt = (
  args: AdvisePromptArgs,
  dependencies: AdvisePromptDependencies,
  context: HandlerContext,
) => unknown

export type SaidPromptDependencies = {
  stock: Call<{
    title: string
  }, number>
}
/** What goes with what is typed, \`value\`. */
export type SaidPromptComplete = (
  args: { value: string } & Record<string, string>,
  dependencies: SaidPromptDependencies,
  context: HandlerContext,
) => string[] | Promise<string[]>

export type CountArgs = {
  title: string
}
export type CountValue = number
export type CountDependencies = Record<string, never>
export type Count = (
  args: CountArgs,
  dependencies: CountDependencies,
  context: HandlerContext,
) => Result<CountValue>

`
