/**
 * From a command line to an exit code: find the command, hand it all that it touches, run it. The one place where
 * errors become text and codes. Nothing prints a stack to a user; MESH_DEBUG=1 does.
 */
import { inspect } from 'node:util'
import type { RegistryClient } from '../client/registry-client.ts'
import { MeshError, messageOf } from '../model/error.ts'
import type { Catalog, Context } from './command.ts'
import { placeOf, type Place } from './line/contexts.ts'
import { paint } from './output/paint.ts'
import { parse } from './line/parse.ts'

/** What a process gives to main. */
export type Surroundings = Pick<Context, 'io' | 'env' | 'cwd' | 'bins' | 'onStop' | 'parent'>

/** Resolves to the exit code; never rejects. */
export async function main(
  argv: readonly string[],
  commands: Catalog,
  surroundings: Surroundings,
): Promise<number> {
  const { io, env } = surroundings
  let client: RegistryClient | undefined
  try {
    const parsed = await parse(argv, commands)
    if ('help' in parsed) {
      io.out(parsed.help)
      return 0
    }
    const { command, args, options } = parsed
    let known: Place | undefined
    const place = () => (known ??= placeOf(options, env)) // not every command needs one
    return await command.run(args, {
      ...surroundings,
      options,
      commands,
      get registryUrls() {
        return place().registryUrls
      },
      get namespace() {
        return place().namespace
      },
      get token() {
        return place().token
      },
      registry: async () => {
        const { createRegistryClient } = await import('../client/registry-client.ts') // not every command needs it
        const { registryUrls, token } = place()
        return (client ??= createRegistryClient({ urls: registryUrls, token }))
      },
    })
  } catch (error) {
    const [head = '', ...rest] = renderError(error, Boolean(env.MESH_DEBUG))
    const word = 'error '
    io.err(io.hasErrorColor ? paint(word, 'bad') + head.slice(word.length) : head)
    for (const line of rest) io.err(line)
    return error instanceof MeshError ? error.exit : 1
  } finally {
    await client?.close()
  }
}

/** `error CODE: found`, the lines that it lists (details.lines), `mend: how`. */
export function renderError(error: unknown, debug: boolean): string[] {
  const known =
    error instanceof MeshError
      ? error
      : new MeshError('MESH_INTERNAL_FAILED', messageOf(error), undefined, { cause: error })
  const lines = known.details?.lines
  return [
    `error ${known.code}: ${known.message}`,
    ...(Array.isArray(lines) ? lines.map(line => `  ${line}`) : []),
    `mend: ${known.mend}`,
    ...(debug ? [inspect(error)] : []),
  ]
}
