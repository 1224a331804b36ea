/** Whether what a client answers is an answer to the question: it comes from outside, and handlers rely on its shape. */
import type { Question } from './asking.ts'
import { isRecord } from './content.ts'
import { compileCheck } from './validators.ts'

/** The faults, `[]` where it is one. */
export function checkAnswer({ method, params }: Question, answer: unknown): string[] {
  if (!isRecord(answer)) return ['the answer is no object']
  switch (method) {
    case 'elicitation/create':
      return checkElicited(answer, params['requestedSchema'])
    case 'sampling/createMessage':
      return checkSampled(answer)
    case 'roots/list':
      return checkRoots(answer)
  }
}

const actions = ['accept', 'decline', 'cancel']

function checkElicited({ action, content }: Record<string, unknown>, schema: unknown): string[] {
  if (typeof action !== 'string' || !actions.includes(action))
    return [`action must be one of ${actions.join(', ')}`]
  if (action !== 'accept' || !isRecord(schema)) return []
  if (!isRecord(content)) return ['content is no object']
  return compileCheck(schema, 'content', 'the question')(content)
}

function checkSampled({ role, content, model }: Record<string, unknown>): string[] {
  const faults = []
  if (role !== 'assistant' && role !== 'user') faults.push('role must be user or assistant')
  if (typeof model !== 'string') faults.push('model is no text')
  const blocks: unknown[] = Array.isArray(content) ? content : [content]
  if (!blocks.every(block => isRecord(block) && typeof block['type'] === 'string'))
    faults.push('content is no content')
  return faults
}

function checkRoots({ roots }: Record<string, unknown>): string[] {
  const isList =
    Array.isArray(roots) && roots.every(root => isRecord(root) && typeof root['uri'] === 'string')
  return isList ? [] : ['roots is no list of roots']
}
