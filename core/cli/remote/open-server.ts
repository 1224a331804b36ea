/**
 * A server outside of the mesh as a command uses it: connected, logged in where it asks for it, and its faults as meshctl
 * says them. It is the same connection that an agent keeps which wraps a server.
 */
import type { ElicitRequestFormParams, ElicitResult, Progress } from '@modelcontextprotocol/client'
import { connect, type Connection } from '../../mcp/connection.ts'
import { httpTransport } from '../../mcp/http-transport.ts'
import { loginProvider } from '../../mcp/login-provider.ts'
import { withLogins } from '../../mcp/login-transport.ts'
import { openLogins } from '../../mcp/logins.ts'
import type { Sorted } from '../../mcp/sound-tools.ts'
import { MeshError } from '../../model/error.ts'
import type { Context } from '../command.ts'
import type { ToolResult } from '../instances/mcp-request.ts'
import { remoteFault } from './fault.ts'
import { atTerminal, patienceMs } from './person.ts'

export interface ServerOptions {
  url: string
  headers: Readonly<Record<string, string>>
  /** For everything together; the time in which a person logs in does not count. */
  timeoutMs: number
  clientVersion: string
  /** agent: one of the mesh, whose token stands in the headers. Else a login is used where there is one; may: a person may be asked. */
  login: 'agent' | 'kept' | 'may'
  /** What a tool that asks is answered, in this order. */
  answers: readonly Readonly<Record<string, unknown>>[]
}

export interface OpenServer {
  tools(): Promise<Sorted>
  call(
    name: string,
    args: Readonly<Record<string, unknown>>,
    onProgress?: (progress: Progress) => void,
  ): Promise<ToolResult>
}

/** Rejects with a MeshError; nothing of the connection is left then. */
export async function withServer<T>(
  options: ServerOptions,
  context: Pick<Context, 'io' | 'env'>,
  use: (server: OpenServer) => Promise<T>,
): Promise<T> {
  const { url, headers, clientVersion } = options
  const time = createTime(options.timeoutMs, url)
  const { answers, unanswered } = answersOf(options)
  const logins = openLogins(context.env)
  const known = options.login === 'agent' ? undefined : logins.read(url)
  const person =
    options.login === 'may'
      ? await atTerminal(context, known?.port, { onAsk: time.stop, onAnswer: time.go })
      : undefined
  const auth =
    options.login === 'agent'
      ? undefined
      : loginProvider({ server: url, logins, ...(person && { person }) })
  let wasSent = false
  let opened: Pick<Connection, 'close'> | undefined
  try {
    const plain = httpTransport({ url, headers, auth, isBrief: true })
    opened = plain
    const transport = person ? withLogins(plain, person) : plain
    const connecting = connect({
      ...{ transport, era: undefined, self: { name: 'meshctl', version: clientVersion } },
      ...{ onEnd: () => undefined, log: { debug: () => undefined }, mask: text => text },
      ...(answers && { elicit: answers }),
      patienceMs: patienceMs + options.timeoutMs,
    })
    const open = await Promise.race([connecting, time.over])
    opened = open
    return await Promise.race([
      time.over,
      use({
        tools: () => open.tools(time.signal),
        async call(name, args, onProgress) {
          wasSent = true
          const params = { name, arguments: args }
          return open.call(params, { signal: time.signal, onProgress })
        },
      }),
    ])
  } catch (error) {
    throw unanswered() ?? remoteFault(error, url, wasSent)
  } finally {
    time.stop()
    person?.close()
    await opened?.close()
  }
}

interface Time {
  /** Aborts when the time is over. */
  signal: AbortSignal
  /** Rejects with MESH_DEADLINE_EXCEEDED when it is. */
  over: Promise<never>
  readonly stop: () => void
  readonly go: () => void
}

function createTime(totalMs: number, url: string): Time {
  const end = new AbortController()
  let leftMs = totalMs
  let since = 0
  let timer: NodeJS.Timeout | undefined
  let fail: (error: Error) => void = () => undefined
  const over = new Promise<never>((_, reject) => (fail = reject))
  over.catch(() => undefined) // raced against; nobody may be waiting
  const go = () => {
    since = performance.now()
    timer = setTimeout(() => {
      const found = `${url} did not answer within ${totalMs} ms`
      const error = new MeshError('MESH_DEADLINE_EXCEEDED', found, 'give it longer with --timeout')
      fail(error)
      end.abort(error)
    }, leftMs)
  }
  const stop = () => {
    if (timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    leftMs = Math.max(leftMs - (performance.now() - since), 1)
  }
  go()
  return { signal: end.signal, over, stop, go }
}

type Elicit = (asked: ElicitRequestFormParams) => Promise<ElicitResult>

function answersOf({ answers, url }: ServerOptions) {
  let fault: MeshError | undefined
  let next = 0
  const elicit: Elicit = async ({ message, requestedSchema }) => {
    const content = answers[next++]
    if (content) return { action: 'accept', content: content as ElicitResult['content'] }
    const fields = Object.keys(requestedSchema.properties).join(', ')
    const found = `${url} asks more than was answered: "${message}" (${fields})`
    fault ??= new MeshError('MESH_CALL_REFUSED', found, 'add another --answer with a JSON object')
    return { action: 'cancel' }
  }
  return { answers: answers.length > 0 ? elicit : undefined, unanswered: () => fault }
}
