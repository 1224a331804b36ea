/**
 * The tool of a gateway that finds tools: with hundreds of them a list would fill a model's context before it has read its
 * task. It answers with definitions as tools/list has them; what is found is called by its name like any other.
 */
import type { AgentTool, JsonSchema } from '../../core/model/agent.ts'
import { MeshError } from '../../core/model/error.ts'
import type { Gateway } from '../../core/model/gateway.ts'
import type { ListedTool, ServedTool } from '../mcp/tools.ts'
import { compileCheck } from '../mcp/validators.ts'
import { encodeValue, failure, type ToolResult } from '../proxy/values.ts'
import type { Entry } from './offered.ts'
import type { SearchIndex } from './search-index.ts'

export interface SearchTool {
  readonly name: string
  readonly served: [ServedTool, ListedTool]
  answer(args: unknown): ToolResult
}

type Search = NonNullable<Gateway['search']>

/** A call may ask for no more. */
const most = 50
const mostQuery = 1_000

export function createSearchTool(search: Search, index: SearchIndex, version: string): SearchTool {
  const listed = searchEntry(search)
  const { inputSchema, outputSchema, annotations } = listed
  const spec: AgentTool = {
    ...passedSpec(search.tool, version),
    ...{ inputSchema, outputSchema: { ...outputSchema }, annotations: { ...annotations } },
    isRepeatable: true,
  }
  const check = compileCheck(inputSchema, 'arguments', `tool "${search.tool}": inputSchema`)
  const forward = () => Promise.reject(new Error('the gateway answers it'))
  return {
    name: search.tool,
    served: [{ spec, forward }, listed],
    answer(args) {
      const given = args ?? {}
      const faults = check(given)
      if (faults.length > 0) return failure(notFitting(search.tool, faults))
      const { query, limit = search.limit } = given as { query: string; limit?: number }
      const tools: Entry[] = index.find(query, limit).map(({ entry }) => entry)
      return encodeValue({ tools, searched: index.size }, true)
    },
  }
}

/** As it is listed. */
export function searchEntry({ tool, limit }: Search): ListedTool & Entry {
  return {
    name: tool,
    title: 'Search tools',
    description:
      'Find tools by what they do. Most tools here are not listed: search with a few words for what is needed, ' +
      'then call a tool that was found by its name, with arguments as its inputSchema says.',
    inputSchema: {
      type: 'object',
      properties: {
        query: {
          ...{ type: 'string', minLength: 1, maxLength: mostQuery },
          description: 'Words for what the tool does.',
        },
        limit: {
          ...{ type: 'integer', minimum: 1, maximum: most, default: limit },
          description: 'How many tools to answer with at most.',
        },
      },
      required: ['query'],
      additionalProperties: false,
    },
    outputSchema: {
      type: 'object',
      properties: {
        tools: {
          ...{ type: 'array', items: { type: 'object' } },
          description: 'The definitions of those found, the best first.',
        },
        searched: { type: 'integer', description: 'How many tools there are.' },
      },
      required: ['tools', 'searched'],
    },
    annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  }
}

const anyArguments: JsonSchema = { type: 'object' }

/** A tool as the gateway's surroundings (figures, traces, the SDK) see one that no handler of its own answers. */
export function passedSpec(name: string, version: string): AgentTool {
  return {
    ...{
      name,
      title: undefined,
      icons: [],
      handler: undefined,
      description: '',
      capability: name,
      version,
    },
    ...{ tags: [], inputSchema: anyArguments, outputSchema: undefined, returns: 'value' },
    ...{ annotations: {}, isRepeatable: false, timeoutMs: Infinity, concurrency: undefined },
    ...{ session: undefined, task: undefined, dependencies: [] },
  }
}

function notFitting(name: string, faults: readonly string[]): MeshError {
  const found = `the arguments of "${name}" do not fit its inputSchema:\n${faults.map(fault => `- ${fault}`).join('\n')}`
  return new MeshError(
    'MESH_ARGUMENTS_INVALID',
    found,
    'send arguments as the schema in tools/list says',
  )
}
