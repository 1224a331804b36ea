/** A question of a wrapped server of before 2026-07-28 to the client whose call it is, and what the server is told where there is no answer. */
import { ProtocolError, type ClientCapabilities } from '@modelcontextprotocol/client'
import type { AskKind } from '../../core/model/agent.ts'
import { messageOf } from '../../core/model/error.ts'
import type { ServerQuestion } from '../../core/mcp/questions.ts'
import { ClientLacks } from '../mcp/asking.ts'
import { isRecord } from '../mcp/content.ts'
import type { PausingCaller } from '../mcp/held-runs.ts'

/** What a server is told that its client can be asked: each way of a kind, since clients of the agent may have any. */
const whole: Record<AskKind, object> = {
  elicitation: { form: {}, url: {} },
  sampling: { tools: {} },
  roots: {},
}

/** ClientCapabilities for the handshake with a server. */
export function declaredFor(asks: readonly AskKind[]): ClientCapabilities {
  return Object.fromEntries(asks.map(kind => [kind, whole[kind]]))
}

/** Rejects where the server asks what it was not told that it can; undefined where it was. */
export function undeclared(
  { method }: ServerQuestion,
  asks: readonly AskKind[],
): Promise<never> | undefined {
  if (asks.some(kind => method.startsWith(`${kind}/`))) return undefined
  const found = `${method} is not among what spec.server.asks of the agent allows`
  return Promise.reject(new ProtocolError(-32601, found))
}

/** Of what a client declares, what a server can ask it through this agent. */
export function askable(
  capabilities: Readonly<Record<string, unknown>>,
  asks: readonly AskKind[],
): Record<string, unknown> {
  const known = asks.filter(kind => isRecord(capabilities[kind]))
  return Object.fromEntries(known.map(kind => [kind, capabilities[kind]]))
}

/** Rejects with a ProtocolError. */
export async function toClient(
  { method, params }: ServerQuestion,
  asking: PausingCaller,
): Promise<Record<string, unknown>> {
  try {
    const answer = await asking.ask({ method, params: asMeant(params) })
    return isRecord(answer) ? answer : {}
  } catch (error) {
    if (error instanceof ClientLacks) throw new ProtocolError(-32601, error.message)
    throw new ProtocolError(-32603, messageOf(error))
  }
}

/** Without what is between the server and this agent. */
function asMeant(params: Record<string, unknown>): Record<string, unknown> {
  const { _meta, ...rest } = params
  if (!isRecord(_meta)) return rest
  const { progressToken, ...meta } = _meta
  void progressToken
  return Object.keys(meta).length > 0 ? { ...rest, _meta: meta } : rest
}
