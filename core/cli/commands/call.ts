/** `meshctl call NAME JSON`: finds a live instance through the registry and calls the tool there, without the SDK. */
import { decodeChunk, type ProgressNote } from '../../model/chunk.ts'
import { hasCode, MeshError } from '../../model/error.ts'
import { findTarget, type Target } from '../call-target.ts'
import type { Command, Context, Io } from '../command.ts'
import type { ToolResult } from '../mcp-request.ts'
import { durationOf } from '../options.ts'
import { parseJson } from '../parse-json.ts'
import { printValue } from '../output.ts'
import { packageVersion } from './version.ts'

const DEFAULT_TIMEOUT_MS = 60_000

export const call: Command = {
  name: 'call',
  summary: 'Call a tool and print its value',
  usage: "meshctl call {<tool> | <agent>:<tool> | <capability>} ['<json>' | -]",
  takes: [1, 2],
  about:
    'The value goes to stdout as the tool gave it: text as it is, anything else as JSON; -o json prints the whole MCP ' +
    'result. The chunks of a tool that streams go there before it, a line each, as they come. A token that the agent asks for is taken from MESH_TOKEN.',
  options: [
    {
      flags: '-o, --output <form>',
      about: 'print the whole MCP result',
      choices: ['json', 'yaml'],
    },
    { flags: '--timeout <duration>', about: 'the longest that it may take', default: '60s' },
  ],
  examples: [
    { command: 'meshctl call hello_mesh_simple', about: 'by the name of the tool' },
    {
      command: `meshctl call system-agent:date_service '{"zone":"UTC"}'`,
      about: 'of a certain agent',
    },
    {
      command: 'echo \'{"zone":"UTC"}\' | meshctl call date_service -',
      about: 'arguments from stdin',
    },
  ],
  completes: args => (args.length === 0 ? 'callable' : undefined),
  async run([name = '', json = '{}'], context) {
    const args = readArguments(json === '-' ? await context.io.read() : json)
    const timeoutMs = durationOf(context.options, 'timeout', DEFAULT_TIMEOUT_MS)
    const target = await findTarget(await context.registry(), context.namespace, name)
    const isWhole = context.options['output'] !== undefined
    const onNote = isWhole ? undefined : (note: ProgressNote) => printNote(context.io, note)
    const result = await callFirst(target, { args, timeoutMs, onNote }, context)
    if (printValue(context.io, context.options, result)) return result.isError ? 1 : 0
    if (result.isError) throw toolError(target.tool, textOf(result))
    print(context.io, result)
    return 0
  },
}

interface Asked {
  args: Record<string, unknown>
  timeoutMs: number
  onNote: ((note: ProgressNote) => void) | undefined
}

/** A ready instance may have ended a moment ago: then the next is called, since nothing was executed. */
async function callFirst(
  { tool, urls }: Target,
  { args, timeoutMs, onNote }: Asked,
  { env }: Context,
): Promise<ToolResult> {
  const { callTool } = await import('../mcp-request.ts')
  const clientVersion = await packageVersion()
  let refusal: unknown
  for (const url of urls) {
    try {
      const token = env.MESH_TOKEN
      const asked = { url, tool, arguments: args, token, timeoutMs, clientVersion }
      return await callTool({ ...asked, ...(onNote && { onNote }) })
    } catch (error) {
      if (!hasCode(error, 'MESH_ENDPOINT_UNREACHABLE')) throw error
      refusal = error
    }
  }
  throw refusal
}

function readArguments(text: string): Record<string, unknown> {
  const value = parseJson(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>
  }
  throw new MeshError(
    'MESH_USAGE_INVALID',
    `the arguments are ${Array.isArray(value) ? 'a list' : JSON.stringify(value)}, not an object`,
    `write a JSON object in single quotes: '{"name":"Ada"}'`,
  )
}

/** A chunk is a line of output; progress that is none is for people. */
function printNote(io: Io, note: ProgressNote) {
  const chunk = decodeChunk(note)
  if (!chunk) {
    const { progress, total, message = '' } = note
    io.say(`${progress}${total === undefined ? '' : `/${total}`} ${message}`.trim())
    return
  }
  const { value } = chunk
  if (value !== undefined) io.out(typeof value === 'string' ? value : JSON.stringify(value))
}

function print(io: Io, result: ToolResult) {
  if (result.structuredContent !== undefined) {
    io.out(JSON.stringify(result.structuredContent, null, 2))
    return
  }
  for (const block of result.content ?? []) {
    io.out(block.type === 'text' ? (block.text ?? '') : JSON.stringify(block, null, 2))
  }
}

/** What the mesh itself says of a failed call ends with its own mend, which takes the place of ours. */
function toolError(tool: string, text: string): MeshError {
  const [, found = text, mend] = /^(MESH_[A-Z_]+: [^]*)\nmend: (.+)$/.exec(text) ?? []
  return new MeshError('MESH_TOOL_FAILED', `${tool}: ${found}`, mend)
}

const textOf = ({ content }: ToolResult) =>
  (content ?? []).map(block => block.text ?? JSON.stringify(block)).join('\n')
