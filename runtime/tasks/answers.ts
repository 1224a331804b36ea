/**
 * What a client sends with tasks/update: by key, an answer each. What is no answer to its question is refused, and the question
 * stays open; what answers none that is open is passed over, as MCP says.
 */
import { MeshError } from '../../core/model/error.ts'
import { checkAnswer } from '../mcp/check-answer.ts'
import { isRecord } from '../mcp/content.ts'
import { mostAnswerLength } from './bounds.ts'
import { refusal } from './refusals.ts'
import type { TaskState } from './task.ts'

/** The answers to open questions. Throws -32602. */
export function answersOf(
  responses: unknown,
  { requests }: Pick<TaskState, 'requests'>,
): Map<string, unknown> {
  if (!isRecord(responses)) throw invalid('inputResponses is no object of answers by key')
  const answers = new Map<string, unknown>()
  for (const [key, request] of requests) {
    if (!Object.hasOwn(responses, key)) continue
    const answer = responses[key]
    const faults = checkAnswer({ key, ...request }, answer)
    if (faults.length > 0) throw invalid(`the answer to "${key}" is none: ${faults.join('; ')}`)
    if (JSON.stringify(answer).length > mostAnswerLength)
      throw invalid(`the answer to "${key}" is longer than ${mostAnswerLength} characters`)
    answers.set(key, answer)
  }
  return answers
}

function invalid(found: string): Error {
  return refusal(-32602, new MeshError('MESH_ANSWER_INVALID', found))
}
