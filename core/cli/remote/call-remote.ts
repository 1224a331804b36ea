/** `meshctl call` where the SDK's client does it: a server outside of the mesh, and tools that ask back. */
import type { Progress } from '@modelcontextprotocol/client'
import { hasCode, MeshError } from '../../model/error.ts'
import { packageVersion } from '../commands/version.ts'
import type { Target } from '../instances/call-target.ts'
import type { Context } from '../command.ts'
import type { ToolResult } from '../instances/mcp-request.ts'
import { missing } from '../line/nearest.ts'
import { listOf } from '../line/options.ts'
import { printList } from '../output/output.ts'
import { parseJson } from '../line/parse-json.ts'
import { printNote } from '../output/print-note.ts'
import { withServer } from './open-server.ts'
import { checkServerUrl } from './person.ts'

interface Asked {
  args: Record<string, unknown>
  headers: Record<string, string>
  timeoutMs: number
}

/** Undefined where the tools were listed in place of a call: no name was given. */
export async function callRemote(
  { url, name, args, headers, timeoutMs }: Asked & { url: string; name: string | undefined },
  context: Context,
): Promise<ToolResult | undefined> {
  const { io, options } = context
  const server = {
    ...{ url: checkServerUrl(url), headers, timeoutMs, clientVersion: await packageVersion() },
    login: io.isTerminal || options.login ? ('may' as const) : ('kept' as const),
    answers: readAnswers(context),
  }
  return withServer(server, context, async open => {
    const { tools, leftOut } = await open.tools()
    if (name === undefined) {
      for (const [tool, reason] of leftOut) io.say(`left out ${tool}: ${reason}`)
      printList(io, options, {
        rows: tools,
        columns: [
          { head: 'TOOL', of: ({ name }) => name },
          { head: 'DESCRIPTION', of: tool => firstLine(tool['description']) },
        ],
        nameOf: tool => `tool/${tool.name}`,
        none: 'it has no tools',
      })
      return undefined
    }
    if (!tools.some(tool => tool.name === name)) {
      const reason = leftOut.get(name)
      if (reason !== undefined) {
        const found = `the tool "${name}" of ${server.url} cannot be called: ${reason}`
        throw new MeshError('MESH_CALL_REFUSED', found, 'ask who runs the server to mend it')
      }
      const known = tools.map(tool => tool.name)
      const see = `meshctl call --url ${server.url}`
      throw missing({ found: `${server.url} has no tool "${name}"`, name, known, see })
    }
    return open.call(name, args, note => printProgress(note, context))
  })
}

/** Calls a tool of an agent that asks back; an instance that is gone is passed over, as nothing was executed there. */
export async function callAnswering(
  { tool, urls }: Target,
  { args, headers, timeoutMs }: Asked,
  context: Context,
): Promise<ToolResult> {
  const { MESH_TOKEN: token } = context.env
  const sent = { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) }
  const common = { timeoutMs, clientVersion: await packageVersion(), answers: readAnswers(context) }
  let refusal: unknown
  for (const url of urls) {
    try {
      const server = { ...common, url, headers: sent, login: 'agent' as const }
      return await withServer(server, context, open =>
        open.call(tool, args, note => printProgress(note, context)),
      )
    } catch (error) {
      if (!hasCode(error, 'MESH_ENDPOINT_UNREACHABLE')) throw error
      refusal = error
    }
  }
  throw refusal
}

function readAnswers({ options }: Context): Record<string, unknown>[] {
  return listOf(options, 'answer').map(text => {
    const value = parseJson(text, '--answer is')
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
    const found = '--answer takes a JSON object, a value for each field that is asked for'
    throw new MeshError('MESH_USAGE_INVALID', found, `write --answer '{"sure":true}'`)
  })
}

function printProgress({ progress, total, message }: Progress, { io, options }: Context) {
  if (options.output !== undefined) return
  printNote(io, {
    progress,
    ...(total !== undefined && { total }),
    ...(message !== undefined && { message }),
  })
}

const firstLine = (text: unknown) => (typeof text === 'string' ? (text.split('\n')[0] ?? '') : '')
