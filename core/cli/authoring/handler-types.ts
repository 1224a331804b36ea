/**
 * The types of an agent's handlers: what each tool, resource, prompt and completion is called with, gives back, and finds
 * behind the names of its dependencies. Of a dependency it is what it expects; else what those who could fill it, among the manifests at hand, take
 * and give; else anything.
 */
import { variablesOf } from '../../manifest/uri-template.ts'
import type {
  Agent,
  AgentPrompt,
  AgentResource,
  AgentTool,
  Dependency,
  JsonSchema,
} from '../../model/agent.ts'
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
  /** The names of a second agent's handlers begin with its own. */
  const nameOf = (agent: Agent, name: string) => {
    const plain = pascal(name)
    const count = names.get(plain) ?? 0
    names.set(plain, count + 1)
    return count === 0 ? plain : pascal(`${agent.name}_${name}`)
  }
  const parts = agents.flatMap(agent => [
    ...agent.tools.map(tool => toolTypes(nameOf(agent, tool.name), agent, tool, all)),
    ...agent.resources.flatMap(resource =>
      offerTypes(() => nameOf(agent, `${resource.name}_resource`), ofResource(resource), [
        agent,
        all,
      ]),
    ),
    ...agent.prompts.flatMap(prompt =>
      offerTypes(() => nameOf(agent, `${prompt.name}_prompt`), ofPrompt(prompt), [agent, all]),
    ),
  ])
  return [head, ...parts].join('\n').replace(/\n+$/, '\n')
}

function toolTypes(name: string, agent: Agent, tool: AgentTool, all: readonly Agent[]): string {
  return [
    `export type ${name}Args = ${typeOf(tool.inputSchema)}`,
    `export type ${name}Value = ${typeOf(tool.outputSchema)}`,
    `export type ${name}Dependencies = ${dependenciesType(tool.dependencies, agent, all)}`,
    ...comment({ description: tool.description }, ''),
    ...functionType(name, `${name}Args`, `Result<${name}Value>`),
    '',
  ].join('\n')
}

/** What a resource or a prompt has handlers for. */
interface Offer {
  description: string
  dependencies: readonly Dependency[]
  hasHandler: boolean
  hasCompletions: boolean
  /** Names of variables or arguments, and those that are always there. */
  args: readonly string[]
  required: readonly string[]
}

function ofResource({ uri, isTemplate, source, complete, ...rest }: AgentResource): Offer {
  const args = isTemplate ? variablesOf(uri) : []
  const hasCompletions = Object.values(complete).some(one => 'handler' in one)
  return { ...rest, hasHandler: 'handler' in source, hasCompletions, args, required: args }
}

function ofPrompt({ arguments: args, source, ...rest }: AgentPrompt): Offer {
  return {
    ...{ ...rest, hasHandler: 'handler' in source, args: args.map(({ name }) => name) },
    hasCompletions: args.some(({ complete }) => complete && 'handler' in complete),
    required: args.filter(({ required }) => required).map(({ name }) => name),
  }
}

/** Nothing where no handler is there. */
function offerTypes(
  takeName: () => string,
  offer: Offer,
  [agent, all]: [Agent, readonly Agent[]],
): string[] {
  const { description, dependencies, hasHandler, hasCompletions, args, required } = offer
  if (!hasHandler && !hasCompletions) return []
  const name = takeName()
  const text = { type: 'string' }
  const properties = Object.fromEntries(args.map(arg => [arg, text]))
  const schema = { type: 'object', properties, required, additionalProperties: false }
  const lines = [
    `export type ${name}Dependencies = ${dependenciesType(dependencies, agent, all)}`,
    ...(hasHandler
      ? [
          `export type ${name}Args = ${typeOf(schema)}`,
          ...comment({ description }, ''),
          ...functionType(name, `${name}Args`, 'unknown'),
        ]
      : []),
    ...(hasCompletions
      ? [
          ...comment({ description: 'What goes with what is typed, `value`.' }, ''),
          ...functionType(
            `${name}Complete`,
            '{ value: string } & Record<string, string>',
            'string[] | Promise<string[]>',
            name,
          ),
        ]
      : []),
  ]
  return [[...lines, ''].join('\n')]
}

function functionType(name: string, args: string, value: string, owner = name): string[] {
  return [
    `export type ${name} = (`,
    `  args: ${args},`,
    `  dependencies: ${owner}Dependencies,`,
    `  context: HandlerContext,`,
    `) => ${value}`,
  ]
}

function dependenciesType(
  dependencies: readonly Dependency[],
  agent: Agent,
  all: readonly Agent[],
): string {
  const slots = dependencies.map(dependency => {
    const key = /^[A-Za-z_$][\w$]*$/.test(dependency.name)
      ? dependency.name
      : JSON.stringify(dependency.name)
    const open = dependency.required ? '' : ' | undefined'
    return `  ${key}: ${callType(dependency, agent, all)}${open}`
  })
  return slots.length === 0 ? 'Record<string, never>' : `{\n${slots.join('\n')}\n}`
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
