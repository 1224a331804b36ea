/**
 * What a gateway answers where the SDK serves: clients of earlier protocols, and requests that are not passed on by hand. The
 * agent is asked in the 2026-07-28 form all the same; its result is read, and told to the client as its protocol has it.
 */
import { headersIn, headerValue, paramHeaders } from '../../core/model/param-headers.ts'
import { RpcError } from '../mcp/rpc-error.ts'
import type { Invocation, Invoke } from '../mcp/invoke.ts'
import { logLevels } from '../mcp/telling.ts'
import type { Caller, Offers, PromptAnswer, ReadAnswer } from '../mcp/offers.ts'
import type { ContentBlock, ToolResult } from '../proxy/values.ts'
import type { Log } from '../telemetry/log.ts'
import { envelopeOf } from './ask.ts'
import { isRecord, without } from './record.ts'
import type { Catalog, Target } from './catalog.ts'
import { NoteRelay } from './note-relay.ts'
import { answering } from '../mcp/answering.ts'
import type { PassedTasks } from './passed-tasks.ts'
import { isRelayed, type Relayed } from './relayed.ts'
import { runPassed } from './run-passed.ts'
import { isHandle } from './task-ids.ts'

const logLevelKey = 'io.modelcontextprotocol/logLevel'

export interface SdkMeans {
  catalog: () => Catalog
  /** The gateway, as it names itself to agents. */
  client: () => { name: string; version: string }
  log: Log
}

export interface SdkInvoking extends Pick<SdkMeans, 'catalog' | 'client'> {
  tasks: Pick<PassedTasks, 'shownHandle'>
}

/** Tool calls that the SDK took: given the request that it has read, they are passed on as one of our own. */
export function invokeForSdk(passed: Invoke, { catalog, client, tasks }: SdkInvoking): Invoke {
  return async (invocation: Invocation) => {
    const { args = {}, sink, tell, asker } = invocation
    const relay = sink || tell ? new NoteRelay(sink, tell) : undefined
    const meta = {
      ...envelopeOf(client(), asker?.capabilities),
      ...(sink && { progressToken: 1 }),
      ...(tell && { [logLevelKey]: logLevels[0] }), // which of them are told on is for `tell`
    }
    const { name } = invocation.tool.spec
    const schema = catalog().tool(name)?.inputSchema
    // Arguments that the agent wants repeated: older clients do not know of it.
    const headers = schema ? paramHeaders(headersIn(schema), { ...(args as object) }) : []
    let own: ToolResult | undefined
    const result = await answering(invocation, async more => {
      const params = { ...more, _meta: meta }
      const relayed = await passed({
        ...{ ...invocation, args, stream: relay },
        passed: { id: 1, params, headers, onEvent: relay?.onEvent },
      })
      await relay?.sent
      if (!isRelayed(relayed)) {
        own = relayed
        return {}
      }
      const result = resultOf(relayed)
      const target = isHandle(result) && catalog().tool(name)
      if (!target) return result
      return tasks.shownHandle(result, { target, instance: relayed.instance })
    })
    if (isHandle(result)) return result as unknown as ToolResult // sdk-tasks.ts tells it from one
    return own ?? toolResultOf(result)
  }
}

/** Resources, prompts and completions. */
export function offersForSdk({ catalog, client, log }: SdkMeans): Offers {
  const { resources, templates, prompts, hasCompletions } = catalog().shown
  const entriesOf = <T>(items: readonly { entry: unknown }[]) =>
    items.map(({ entry }) => entry as T)
  const run = async (
    target: Target,
    params: Record<string, unknown>,
    caller: Caller & { headers?: string[] },
  ) => {
    const { signal, timeoutMs, asker, headers = [] } = caller
    const _meta = envelopeOf(client(), asker?.capabilities)
    return answering(caller, async more => {
      const passed = { id: 1, params: { ...params, ...more, _meta }, headers }
      return resultOf(await runPassed({ target, args: {}, signal, timeoutMs, passed, log }))
    })
  }
  return {
    canSubscribe: true,
    resources: entriesOf(resources),
    templates: entriesOf(templates),
    prompts: entriesOf(prompts),
    hasCompletions,
    async read(uri, caller) {
      const target = catalog().resource(uri)
      if (!target) return undefined
      const headers = ['mcp-name', headerValue(uri)]
      const result = await run(target, { uri }, { ...caller, headers })
      const { ttlMs, cacheScope } = result
      const scope = cacheScope === 'public' ? 'public' : 'private'
      const isKept = typeof ttlMs === 'number' && ttlMs > 0
      const contents = result['contents'] as ReadAnswer['contents']
      return { contents, ...(isKept && { cache: { ttlMs, scope } }) }
    },
    async prompt(name, args, caller) {
      const target = catalog().prompt(name)
      if (!target) return undefined
      const result = await run(target, { arguments: args }, caller)
      return without(result, 'resultType') as unknown as PromptAnswer
    },
    async complete({ of, argument, value, others }, caller) {
      const target = catalog().completing(of)
      if (!target) return undefined
      const ref =
        'prompt' in of
          ? { type: 'ref/prompt', name: target.original }
          : { type: 'ref/resource', uri: of.template }
      const params = { ref, argument: { name: argument, value }, context: { arguments: others } }
      const { completion } = await run(target, params, caller)
      const values = isRecord(completion) ? completion['values'] : undefined
      return { values: Array.isArray(values) ? values.map(String) : [] }
    },
  }
}

function toolResultOf(given: Record<string, unknown>): ToolResult {
  const result = without(given, 'resultType')
  const content = Array.isArray(result['content']) ? (result['content'] as ContentBlock[]) : []
  return { ...result, content }
}

/** Throws RpcError for what is answered with an error of JSON-RPC. */
export function resultOf({ bytes }: Relayed): Record<string, unknown> {
  const message: unknown = JSON.parse(bytes.toString('utf8'))
  const { result, error } = isRecord(message) ? message : {}
  if (isRecord(result)) return result
  const { code, message: text, data } = isRecord(error) ? error : {}
  throw new RpcError(typeof code === 'number' ? code : -32603, String(text), data)
}
