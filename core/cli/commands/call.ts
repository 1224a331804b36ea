/**
 * `meshctl call NAME JSON`: finds a live instance through the registry and calls the tool there, without the SDK; `--url`
 * calls a server outside of the mesh, with it.
 */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isReservedHeader } from '../../manifest/check-headers.ts'
import { paramHeaders as headerLines } from '../../model/param-headers.ts'
import { hasCode, MeshError, messageOf } from '../../model/error.ts'
import { findTarget, type Target } from '../instances/call-target.ts'
import type { Command, Context, Io } from '../command.ts'
import type { ToolCall, ToolResult } from '../instances/mcp-request.ts'
import { durationOf, listOf, textOf as textOption } from '../line/options.ts'
import { parseJson } from '../line/parse-json.ts'
import { printValue } from '../output/output.ts'
import { printNote } from '../output/print-note.ts'
import { packageVersion } from './version.ts'

const DEFAULT_TIMEOUT_MS = 60_000

export const call: Command = {
  name: 'call',
  summary: 'Call a tool and print its value',
  usage: "meshctl call {<tool> | <agent>:<tool> | <capability>} ['<json>' | -]",
  takes: [0, 2],
  about:
    'The value goes to stdout as the tool gave it: text as it is, anything else as JSON; -o json prints the whole MCP ' +
    'result, --raw the JSON-RPC messages. The chunks of a tool that streams go there before it, a line each, as they come. A token that the agent asks for is taken from MESH_TOKEN. ' +
    'With --url a server outside of the mesh is called, with what meshctl login left for it and never with MESH_TOKEN; without a tool its tools are listed.',
  options: [
    {
      flags: '-o, --output <form>',
      about: 'print the whole MCP result',
      choices: ['json', 'yaml'],
    },
    { flags: '--timeout <duration>', about: 'the longest that it may take', default: '60s' },
    { flags: '-f, --file <path>', about: 'a file with the arguments, in place of writing them' },
    { flags: '--header <header>...', about: 'a header for the agent, "Name: value"' },
    { flags: '--raw', about: 'every message of the answer as it came, a line each' },
    { flags: '--url <url>', about: 'an MCP server outside of the mesh, in place of an agent' },
    {
      flags: '--login',
      about: 'log in through the browser where --url asks for it, also where there is no terminal',
    },
    {
      flags: '--answer <json>...',
      about: 'what to answer when the tool asks back; several are used in turn',
    },
  ],
  examples: [
    { command: 'meshctl call hello_mesh_simple', about: 'by the name of the tool' },
    {
      command: `meshctl call system-agent:date_service '{"zone":"UTC"}'`,
      about: 'of a certain agent',
    },
    {
      command: 'meshctl call report --file args.json --timeout 5m',
      about: 'from a file, with time',
    },
    {
      command: 'echo \'{"zone":"UTC"}\' | meshctl call date_service -',
      about: 'arguments from stdin',
    },
    { command: 'meshctl call --url https://mcp.example.com/mcp', about: 'the tools of a server' },
    {
      command: `meshctl call deploy --answer '{"sure":true}'`,
      about: 'of a tool that asks whether you are sure',
    },
  ],
  completes: args => (args.length === 0 ? 'callable' : undefined),
  async run([name, json], context) {
    const { raw, output, url } = context.options
    const [first, second] = twoWays.find(pair => pair.every(flag => context.options[flag])) ?? []
    if (first !== undefined) {
      const found = `--${first} and --${second} do not go together`
      throw new MeshError('MESH_USAGE_INVALID', found, 'leave one of the two out')
    }
    const args = readArguments(await textOfArguments(json, context))
    const headers = readHeaders(listOf(context.options, 'header'))
    const timeoutMs = durationOf(context.options, 'timeout', DEFAULT_TIMEOUT_MS)
    if (typeof url === 'string') {
      const { callRemote } = await import('../remote/call-remote.ts')
      const answered = await callRemote({ url, name, args, headers, timeoutMs }, context)
      return answered ? printResult(name ?? '', answered, context) : 0
    }
    if (name === undefined) {
      throw new MeshError('MESH_USAGE_INVALID', 'no tool was named', `write ${call.usage}`)
    }
    const target = await findTarget(await context.registry(), context.namespace, name)
    if (context.options.answer !== undefined) {
      const { callAnswering } = await import('../remote/call-remote.ts')
      const answered = await callAnswering(target, { args, headers, timeoutMs }, context)
      return printResult(target.tool, answered, context)
    }
    const told: Pick<ToolCall, 'onNote' | 'onMessage'> = raw
      ? { onMessage: line => context.io.out(line) }
      : output === undefined
        ? { onNote: note => printNote(context.io, note) }
        : {}
    const result = await callFirst(target, { args, timeoutMs, headers, ...told }, context)
    if (raw) return result.isError ? 1 : 0
    return printResult(target.tool, result, context)
  },
}

/** Flags of which one makes the other mean nothing. */
const twoWays = [
  ['raw', 'output'],
  ['raw', 'url'],
  ['raw', 'answer'],
] as const

function printResult(tool: string, result: ToolResult, { io, options }: Context): number {
  if (printValue(io, options, result)) return result.isError ? 1 : 0
  if (result.isError) throw toolError(tool, textOf(result))
  print(io, result)
  return 0
}

type Asked = Pick<ToolCall, 'timeoutMs' | 'headers' | 'onNote' | 'onMessage'> & {
  args: Record<string, unknown>
}

/** A ready instance may have ended a moment ago: then the next is called, since nothing was executed. */
async function callFirst(
  { tool, urls, paramHeaders }: Target,
  { args, headers, ...more }: Asked,
  { env }: Context,
): Promise<ToolResult> {
  const { callTool } = await import('../instances/mcp-request.ts')
  const clientVersion = await packageVersion()
  let refusal: unknown
  for (const url of urls) {
    try {
      const token = env.MESH_TOKEN
      const sent = { ...headers, ...pairsOf(headerLines(paramHeaders, args)) }
      const call = { url, tool, arguments: args, token, clientVersion, headers: sent }
      return await callTool({ ...call, ...more })
    } catch (error) {
      if (!hasCode(error, 'MESH_ENDPOINT_UNREACHABLE')) throw error
      refusal = error
    }
  }
  throw refusal
}

/** Names and values in turn, by name. */
function pairsOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.flatMap((name, i) => (i % 2 === 0 ? [[name, lines[i + 1] ?? '']] : [])),
  )
}

/** Of the command line, of a file, or of stdin where `-` says so; none where nothing is said. */
async function textOfArguments(json: string | undefined, context: Context): Promise<string> {
  const file = textOption(context.options, 'file')
  if (file === undefined) return json === '-' ? context.io.read() : (json ?? '{}')
  if (json !== undefined) {
    const found = 'the arguments are given twice, in the command line and in a file'
    throw new MeshError('MESH_USAGE_INVALID', found, 'leave one of the two out')
  }
  if (file === '-') return context.io.read()
  try {
    return await readFile(resolve(context.cwd, file), 'utf8')
  } catch (cause) {
    const found = `the arguments in ${file} cannot be read: ${messageOf(cause)}`
    throw new MeshError('MESH_USAGE_INVALID', found, 'name a file with a JSON object', { cause })
  }
}

/** Values are not repeated in an error: one may be a secret. */
function readHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name, value] =
      /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) {
      const found = `--header ${JSON.stringify(line.split(':')[0])} is no header`
      throw new MeshError('MESH_USAGE_INVALID', found, "write --header 'X-Version: v2'")
    }
    if (isReservedHeader(name)) {
      const found = `the header "${name}" is written by meshctl itself`
      const mend = 'leave it out; a token is taken from MESH_TOKEN'
      throw new MeshError('MESH_USAGE_INVALID', found, mend)
    }
    headers[name.toLowerCase()] = value
  }
  return headers
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
