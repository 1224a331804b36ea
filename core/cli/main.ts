/**
 * From a command line to an exit code: find the command, hand it all that it touches, run it. The one place where
 * errors become text and codes. Nothing prints a stack to a user; MESH_DEBUG=1 does.
 */
import { inspect } from 'node:util'
import type { RegistryClient } from '../client/registry-client.ts'
import { MeshError, messageOf } from '../model/error.ts'
import type { Command, Context } from './command.ts'
import { textOf } from './options.ts'
import { parse } from './parse.ts'

/** What a process gives to main. */
export type Surroundings = Pick<Context, 'io' | 'env' | 'cwd' | 'bins' | 'onStop' | 'parent'>

/** Resolves to the exit code; never rejects. */
export async function main(
  argv: readonly string[],
  commands: readonly Command[],
  surroundings: Surroundings,
): Promise<number> {
  const { io, env } = surroundings
  let client: RegistryClient | undefined
  try {
    const parsed = parse(argv, commands)
    if ('help' in parsed) {
      io.out(parsed.help)
      return 0
    }
    const { command, args, options } = parsed
    const registryUrls = readUrls(textOf(options, 'registryUrl') ?? env.MESH_REGISTRY_URL)
    return await command.run(args, {
      ...surroundings,
      options,
      registryUrls,
      namespace: textOf(options, 'namespace') ?? 'default',
      registry: async () => {
        const { createRegistryClient } = await import('../client/registry-client.ts') // not every command needs it
        return (client ??= createRegistryClient({ urls: registryUrls, token: env.MESH_TOKEN }))
      },
    })
  } catch (error) {
    for (const line of renderError(error, Boolean(env.MESH_DEBUG))) io.err(line)
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

function readUrls(text: string | undefined): string[] {
  const urls = (text ?? '')
    .split(',')
    .map(url => url.trim().replace(/\/+$/, ''))
    .filter(url => url !== '')
  for (const url of urls) {
    const fault = faultOf(url)
    if (fault === undefined) continue
    throw new MeshError(
      'MESH_USAGE_INVALID',
      `the registry's address ${fault}`,
      'write --registry-url http://127.0.0.1:8000, or set MESH_REGISTRY_URL so',
    )
  }
  return urls.length > 0 ? urls : ['http://127.0.0.1:8000']
}

/** What is wrong with an address; a password in it is not repeated. */
function faultOf(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (text.includes('@'))
    return 'holds credentials, which are not sent: the token goes into MESH_TOKEN'
  if (!url || !/^https?:$/.test(url.protocol)) return `"${text}" is no http URL`
  if (url.port === '0') return `"${text}" has port 0, at which nobody can be reached`
  return undefined
}
