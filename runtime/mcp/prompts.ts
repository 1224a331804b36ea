/** The prompts of a manifest: how each is listed, and the messages that it gives. */
import type { AgentPrompt } from '../../core/model/agent.ts'
import { keyOf } from '../../core/model/consumer.ts'
import { MeshError } from '../../core/model/error.ts'
import { blockOf, isRecord } from './content.ts'
import type { Caller, ListedPrompt, OfferMeans, Offers, PromptAnswer, Typed } from './offers.ts'
import { iconsOf } from './icons.ts'
import type { Runner } from './run-offer.ts'

export interface Prompts {
  listed: readonly ListedPrompt[]
  hasCompletions: boolean
  get: Offers['prompt']
  complete(name: string, typed: Typed, caller: Caller): Promise<readonly string[] | undefined>
}

/** Throws MESH_HANDLER_MISSING. */
export function createPrompts(
  prompts: readonly AgentPrompt[],
  runner: Runner,
  { observe }: Pick<OfferMeans, 'observe'>,
): Prompts {
  const served = new Map(
    prompts.map(prompt => {
      const { source, name } = prompt
      const what = `prompt "${name}"`
      const consumer = keyOf('prompt', name)
      const answer =
        'text' in source
          ? (args: Readonly<Record<string, string>>) =>
              Promise.resolve<unknown>(filled(source.text, args))
          : runner.handlerOf(source.handler, { what, consumer })
      const complete = new Map(
        prompt.arguments.flatMap(({ name, complete }) => {
          const owner = { what: `${what}, argument "${name}"`, consumer }
          return complete ? [[name, runner.completionOf(complete, owner)]] : []
        }),
      )
      return [name, { prompt, what, answer, complete }]
    }),
  )
  return {
    listed: prompts.map(listed),
    hasCompletions: [...served.values()].some(({ complete }) => complete.size > 0),
    async get(name, args, caller) {
      const found = served.get(name)
      if (!found) return undefined
      const { prompt, what, answer } = found
      return observe({ method: 'prompts/get', name }, caller, async trace => {
        checkArguments(prompt, args)
        const value = await answer({ ...args }, caller, trace)
        const { description } = prompt
        return {
          ...(description !== '' && { description }),
          messages: messagesOf(value, what),
        }
      })
    },
    async complete(name, typed, caller) {
      const found = served.get(name)
      if (!found?.prompt.arguments.some(argument => argument.name === typed.argument))
        return undefined
      const complete = found.complete.get(typed.argument)
      if (!complete) return []
      return observe({ method: 'completion/complete', name }, caller, trace =>
        complete(typed, caller, trace),
      )
    },
  }
}

function listed(prompt: AgentPrompt): ListedPrompt {
  const { name, title, description, arguments: args } = prompt
  return {
    name,
    ...(title !== undefined && { title }),
    ...iconsOf(prompt),
    ...(description !== '' && { description }),
    ...(args.length > 0 && {
      arguments: args.map(argument => ({
        name: argument.name,
        ...(argument.title !== undefined && { title: argument.title }),
        ...(argument.description !== '' && { description: argument.description }),
        required: argument.required,
      })),
    }),
  }
}

/** In one pass, so that a value with braces of its own stays as it is. */
function filled(text: string, args: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{([^{}]*)\}\}/g, (_, name: string) =>
    Object.hasOwn(args, name) ? (args[name] ?? '') : '',
  )
}

function checkArguments(prompt: AgentPrompt, args: Readonly<Record<string, string>>): void {
  const missing = prompt.arguments.filter(
    ({ name, required }) => required && !Object.hasOwn(args, name),
  )
  if (missing.length === 0) return
  const names = missing.map(({ name }) => `"${name}"`).join(', ')
  const found = `the prompt "${prompt.name}" needs ${names}`
  throw new MeshError('MESH_ARGUMENTS_INVALID', found, 'send each argument that prompts/list says')
}

function messagesOf(value: unknown, what: string): PromptAnswer['messages'] {
  const messages: unknown[] = Array.isArray(value) ? value : [value]
  return messages.map(message => {
    if (!isRecord(message) || !('role' in message))
      return { role: 'user', content: blockOf(message, what) }
    const { role, content } = message
    if (role !== 'user' && role !== 'assistant') {
      const found = `${what}: a message has the role ${JSON.stringify(role)}`
      throw new MeshError('MESH_OUTPUT_INVALID', found, 'write user or assistant')
    }
    return { role, content: blockOf(content, what) }
  })
}
