/** What a client sends with tasks/update: by key, an object each. Whether a request is open is for the store to say. */
import { MeshError } from '../../core/model/error.ts'
import { mostAnswerLength, mostRequests } from './bounds.ts'
import { refusal } from './refusals.ts'

/** Throws -32602. */
export function answersOf(responses: unknown): Map<string, unknown> {
  if (typeof responses !== 'object' || responses === null || Array.isArray(responses))
    throw invalid('inputResponses is no object of answers by key')
  const answers = new Map(Object.entries(responses as Record<string, unknown>))
  if (answers.size > mostRequests)
    throw invalid(`${answers.size} answers were sent; no task has more than ${mostRequests} open`)
  for (const [key, answer] of answers) {
    const name = JSON.stringify(key.slice(0, 64))
    if (typeof answer !== 'object' || answer === null || Array.isArray(answer))
      throw invalid(`the answer to ${name} is no object`)
    if (JSON.stringify(answer).length > mostAnswerLength)
      throw invalid(`the answer to ${name} is longer than ${mostAnswerLength} characters`)
  }
  return answers
}

function invalid(found: string): Error {
  const mend = 'send { <key of the request>: <its result> }'
  return refusal(-32602, new MeshError('MESH_ARGUMENTS_INVALID', found, mend))
}
