/** Request bodies: JSON of bounded size and depth, or a 4xx that says which bound was broken. */
import type { Context } from 'koa'
import { MeshError, messageOf } from '../model/error.ts'

export const MAX_BODY_BYTES = 1024 * 1024
const MAX_DEPTH = 64

/** Throws MESH_BODY_TYPE, MESH_BODY_TOO_LARGE, MESH_BODY_INVALID. Slow bodies end with the server's requestTimeout. */
export async function readBody(ctx: Context): Promise<unknown> {
  if (!ctx.request.is('application/json')) {
    const found = ctx.get('Content-Type')
    throw new MeshError('MESH_BODY_TYPE', found ? `the body is "${found}"` : 'the body has no type')
  }
  const encoding = ctx.get('Content-Encoding')
  if (encoding && encoding !== 'identity') {
    const mend = 'send it without Content-Encoding'
    throw new MeshError('MESH_BODY_TYPE', `the body is encoded as "${encoding}"`, mend)
  }
  if ((ctx.request.length ?? 0) > MAX_BODY_BYTES) throw tooLarge()
  const text = await readText(ctx)
  if (isTooDeep(text)) {
    throw invalid(`the body is nested deeper than ${MAX_DEPTH} levels`, 'send it flatter')
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalid(`the body is no JSON: ${messageOf(error)}`)
  }
}

async function readText(ctx: Context): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of ctx.req as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > MAX_BODY_BYTES) throw tooLarge()
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof MeshError) throw error
    throw invalid('the body ended before it was complete') // nobody is left to read this
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw invalid('the body is not UTF-8')
  }
}

/** Counts brackets outside of strings, before anything is built of them. */
function isTooDeep(text: string): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inString) {
      if (code === 92 /* \ */) i++
      else if (code === 34 /* " */) inString = false
    } else if (code === 34) inString = true
    else if (code === 91 || code === 123 /* [ { */) {
      if (++depth > MAX_DEPTH) return true
    } else if (code === 93 || code === 125 /* ] } */) depth--
  }
  return false
}

function tooLarge(): MeshError {
  const mend = `send at most ${MAX_BODY_BYTES} bytes`
  return new MeshError(
    'MESH_BODY_TOO_LARGE',
    `the body is larger than ${MAX_BODY_BYTES} bytes`,
    mend,
  )
}

function invalid(found: string, mend?: string): MeshError {
  return new MeshError('MESH_BODY_INVALID', found, mend)
}
