/**
 * The types of an agent's handlers: what each tool is called with, gives back, and finds behind the names of its
 * dependencies. Of a dependency it is what it expects; else what those who could fill it, among the manifests at hand, take
 * and give; else anything.
 */
import type { Agent, AgentTool, Dependency, JsonSchema } from '../../model/agent.ts'
import { unsuited, wantOf } from '../../resolver/filter.ts'
import { comment, intersection, typeOf, union } from './declarations.ts'

const imports = "import type { DependencyFunction, HandlerContext } from 'mcp-mesh/runtime'"

const head = `// Written by \`meshctl types\` from the manifest beside it: change the manifest, not this file.
${imports}

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
`

/** The text of \`mesh.d.ts\`: of the agents of one file; \`all\` are those among which providers are looked for. */
export function handlerTypes(agents: readonly Agent[], all: readonly Agent[]): string {
  const names = new Map<string, number>()
  const parts = agents.flatMap(agent =>
    agent.tools.map(tool => {
      const plain = pascal(tool.name)
      const count = names.get(plain) ?? 0
      names.set(plain, count + 1)
      return toolTypes(count === 0 ? plain : pascal(`${agent.name}_${tool.name}`), agent, tool, all)
    }),
  )
  return [head, ...parts].join('\n').replace(/\n+$/, '\n')
}

function toolTypes(name: string, agent: Agent, tool: AgentTool, all: readonly Agent[]): string {
  const slots = tool.dependencies.map(dependency => {
    const key = /^[A-Za-z_$][\w$]*$/.test(dependency.name)
      ? dependency.name
      : JSON.stringify(dependency.name)
    const open = dependency.required ? '' : ' | undefined'
    return `  ${key}: ${callType(dependency, agent, all)}${open}`
  })
  const dependencies = slots.length === 0 ? 'Record<string, never>' : `{\n${slots.join('\n')}\n}`
  return [
    `export type ${name}Args = ${typeOf(tool.inputSchema)}`,
    `export type ${name}Value = ${typeOf(tool.outputSchema)}`,
    `export type ${name}Dependencies = ${dependencies}`,
    ...comment({ description: tool.description }, ''),
    `export type ${name} = (`,
    `  args: ${name}Args,`,
    `  dependencies: ${name}Dependencies,`,
    `  context: HandlerContext,`,
    `) => Result<${name}Value>`,
    '',
  ].join('\n')
}

function callType({ alternatives }: Dependency, agent: Agent, all: readonly Agent[]): string {
  const providers = alternatives.map(alternative => {
    const want = wantOf(agent.namespace, alternative)
    const { expects } = alternative
    const suited = all
      .filter(({ namespace }) => namespace === agent.namespace)
      .flatMap(({ tools }) => tools)
      .filter(
        tool => tool.capability === want.capability && !unsuited(want, { ...tool, schemas: tool }),
      )
    return {
      args: expects?.inputSchema ? [expects.inputSchema] : suited.map(tool => tool.inputSchema),
      values: expects?.outputSchema
        ? [expects.outputSchema]
        : suited.map(tool => tool.outputSchema),
    }
  })
  const typesOf = (schemas: readonly (JsonSchema | undefined)[]) =>
    schemas.map(schema => typeOf(schema, 2))
  const args = intersection(typesOf(providers.flatMap(each => each.args)))
  const values = providers.flatMap(each => (each.values.length === 0 ? [undefined] : each.values))
  return `Call<${args === 'unknown' ? 'Record<string, unknown>' : args}, ${union(typesOf(values))}>`
}

/** `hello_mesh-simple` as `HelloMeshSimple`. */
function pascal(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter(word => word !== '')
  const text = words.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  return /^\d/.test(text) ? `Tool${text}` : text
}
