/** Request bodies: JSON of bounded size and depth, or a 4xx that says which bound was broken. */
import type { IncomingMessage } from 'node:http'
import type { Context } from 'koa'
import { MeshError, messageOf } from '../model/error.ts'

export const MAX_BODY_BYTES = 1024 * 1024
const MAX_DEPTH = 64
const NOTHING = Buffer.alloc(0)
/** Of a body that was refused. */
const MAX_DROPPED_BYTES = 64 * 1024 * 1024
const DROP_WITHIN_MS = 2_000

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

const utf8 = new TextDecoder('utf-8', { fatal: true })

async function readText({ req }: Context): Promise<string> {
  const bytes = await readBytes(req)
  try {
    return utf8.decode(bytes)
  } catch {
    throw invalid('the body is not UTF-8')
  }
}

/** By events: an async iterator costs more than all else that is done to a small body. */
function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    // Nobody is left to read this. A request that was read to its end closes too, and an error costs more than all the rest.
    const cutOff = () => {
      if (!request.readableEnded) reject(invalid('the body ended before it was complete'))
    }
    const take = (chunk: Buffer) => {
      length += chunk.length
      if (length <= MAX_BODY_BYTES) return void chunks.push(chunk)
      request.off('data', take).pause()
      reject(tooLarge())
    }
    request.on('data', take)
    request.on('end', () => resolve(chunks[1] ? Buffer.concat(chunks) : (chunks[0] ?? NOTHING)))
    request.on('error', cutOff)
    request.on('close', cutOff)
  })
}

/**
 * Takes what is left of a body that was refused, and keeps none of it: a connection that is closed over bytes which nobody
 * read is reset, and the answer lost. Resolves at its end, after 64 MiB, or after 2 s.
 */
export function dropRest(request: IncomingMessage): Promise<void> {
  return new Promise(resolve => {
    let left = MAX_DROPPED_BYTES
    const drop = (chunk: Buffer) => {
      if ((left -= chunk.length) < 0) end()
    }
    const end = () => {
      clearTimeout(late)
      request.off('data', drop).off('end', end).off('close', end).pause()
      resolve()
    }
    const late = setTimeout(end, DROP_WITHIN_MS)
    request.on('data', drop).on('end', end).on('close', end).resume()
    if (request.destroyed) end()
  })
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
