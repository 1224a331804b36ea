/**
 * The meaning of `spec.server`: either a command or a URL, no secret written out, and no handler beside it, since the
 * wrapped server answers in place of handlers and describes its tools itself.
 */
import { checkServerAuth } from './check-server-auth.ts'
import { faultOf, pathText, type Fault, type Path } from './fault.ts'
import { isSecretKey } from './mask.ts'
import { isRecord, list, record } from './record.ts'

type Values = Readonly<Record<string, unknown>>

/** Faults of the server and of what the tools of its agent may not say; none where there is no server. */
export function checkServer(spec: Values): Fault[] {
  const { server } = spec
  if (!isRecord(server)) return []
  const path: Path = ['spec', 'server']
  return [
    ...eitherOr(server, path),
    ...commandFaults(server.command, [...path, 'command']),
    ...urlFaults(server.url, [...path, 'url']),
    ...checkServerAuth(server.auth, [...path, 'auth']),
    ...secretFaults(server.env, [...path, 'env']),
    ...secretFaults(server.headers, [...path, 'headers']),
    ...referenceFaults(server, path),
    ...list(spec.tools).flatMap((tool, index) =>
      toolFaults(record(tool), ['spec', 'tools', index]),
    ),
  ]
}

function eitherOr(server: Values, path: Path): Fault[] {
  const { command, url } = server
  if (command !== undefined && url !== undefined) {
    const message = 'spec.server has a command and a url; a server is started or reached, not both'
    const mend = 'remove command, or remove url'
    return [faultOf('MESH_FIELD_INVALID', [...path, 'url'], message, { at: 'key', mend })]
  }
  if (command === undefined && url === undefined) {
    const message = 'spec.server has neither a command nor a url'
    const mend = 'add command: [uvx, my-server], or url: https://mcp.example.com/mcp'
    return [faultOf('MESH_FIELD_MISSING', path, message, { at: 'key', mend })]
  }
  const [own, others]: [string, string[]] =
    command === undefined ? ['url', ['env']] : ['command', ['auth', 'headers']]
  return others
    .filter(key => key in server)
    .map(key => {
      const message = `spec.server.${key} does nothing beside ${own}`
      const mend =
        own === 'command'
          ? 'remove it; what a command needs it gets by env'
          : 'remove it; a url takes auth and headers'
      return faultOf('MESH_FIELD_INVALID', [...path, key], message, { at: 'key', mend })
    })
}

function commandFaults(command: unknown, path: Path): Fault[] {
  const args = list(command)
  const [program] = args
  if (typeof program !== 'string') return []
  if (program.trim() === '') {
    const message = `${pathText([...path, 0])} is empty; it is the program that is started`
    return [
      faultOf('MESH_FIELD_INVALID', [...path, 0], message, { mend: 'write a program such as uvx' }),
    ]
  }
  if (args.length === 1 && /\s/.test(program) && !program.includes('/')) {
    const words = program.trim().split(/\s+/)
    const message = `${pathText([...path, 0])} is "${program.slice(0, 80)}"; a command is a list of its words, as no shell splits them`
    return [
      faultOf('MESH_FIELD_INVALID', [...path, 0], message, { mend: `write [${words.join(', ')}]` }),
    ]
  }
  return args.flatMap((arg, index) => {
    if (typeof arg !== 'string' || index === 0) return []
    const before = args[index - 1]
    const [, flag, value] = /^--?([\w-]+)=(.+)$/s.exec(arg) ?? []
    const isAfterFlag =
      typeof before === 'string' && /^--?[\w-]+$/.test(before) && isSecretKey(before)
    const isSecret = flag !== undefined ? isSecretKey(flag) && value !== undefined : isAfterFlag
    if (!isSecret || /^-/.test(value ?? arg)) return []
    const message = `${pathText([...path, index])} is taken for a secret, and every user of the machine can read the arguments of a process`
    const mend = 'remove it, and hand it over in server.env: { TOKEN: "${env:TOKEN}" }'
    return [faultOf('MESH_SECRET_INLINE', [...path, index], message, { mend })]
  })
}

function urlFaults(url: unknown, path: Path): Fault[] {
  if (typeof url !== 'string' || !/^https?:\/\//.test(url)) return [] // the schema's, or a reference
  const plain = url.replaceAll(/\$\{[^}]*\}/g, 'x')
  if (!URL.canParse(plain)) {
    const message = `${pathText(path)} is no URL`
    return [
      faultOf('MESH_FIELD_INVALID', path, message, { mend: 'write https://mcp.example.com/mcp' }),
    ]
  }
  const { username, password, searchParams } = new URL(plain)
  const secret = [...searchParams.keys()].find(isSecretKey)
  if (username === '' && password === '' && secret === undefined) return []
  const where = secret === undefined ? 'before its host' : `in its parameter ${secret}`
  const message = `${pathText(path)} holds a credential ${where}`
  const mend =
    'remove it, and write server.auth: { bearer: "${env:SERVER_TOKEN}" } or server.headers'
  return [faultOf('MESH_SECRET_INLINE', path, message, { mend })]
}

/** Values of a mapping whose keys speak of a secret and that hold no reference. */
function secretFaults(values: unknown, path: Path): Fault[] {
  return Object.entries(record(values)).flatMap(([key, value]) => {
    if (typeof value !== 'string' || value === '' || !isSecretKey(key)) return []
    const [reference, fallback] = /\$\{(?:env:\w+|file:\/[^{}]+)(:-[^{}]*)?\}/.exec(value) ?? []
    if (reference !== undefined && fallback === undefined) return []
    const at = [...path, key]
    const name = key.toUpperCase().replace(/\W+/g, '_')
    const message =
      fallback === undefined
        ? `${pathText(at)} holds a secret itself; it takes a reference, which only the runtime resolves`
        : `${pathText(at)} has a default in its reference, and a default would be a secret in the manifest`
    const mend = `write "\${env:${name}}", or "\${file:/run/secrets/…}" for a file`
    return [faultOf('MESH_SECRET_INLINE', at, message, { mend })]
  })
}

/** Text that looks like a reference and is none would reach the server as it stands. */
function referenceFaults(server: Values, path: Path): Fault[] {
  const texts: [Path, unknown][] = [
    ...list(server.command).map((arg, i): [Path, unknown] => [[...path, 'command', i], arg]),
    ...Object.entries(record(server.env)).map(([k, v]): [Path, unknown] => [
      [...path, 'env', k],
      v,
    ]),
    ...Object.entries(record(server.headers)).map(([k, v]): [Path, unknown] => [
      [...path, 'headers', k],
      v,
    ]),
    [[...path, 'url'], server.url],
  ]
  return texts.flatMap(([at, text]) => {
    if (typeof text !== 'string') return []
    const wrong = [...text.matchAll(/\$\{(?:env|file|secret)\b[^}]*\}?/g)].find(
      ([reference]) => !/^\$\{(env:[A-Za-z_]\w*(:-[^{}]*)?|file:\/[^{}]+)\}$/.test(reference),
    )
    if (!wrong) return []
    const [reference] = wrong
    const message = `"${reference}" is no reference that the mesh reads`
    const mend = 'write ${env:NAME}, ${env:NAME:-default} or ${file:/path}'
    return [faultOf('MESH_FIELD_INVALID', at, message, { mend, part: reference })]
  })
}

const ownWords = {
  handler: 'the wrapped server answers its calls; remove it, or remove spec.server',
  dependencies: 'no handler is there to be given them; remove them',
  title: 'the wrapped server says it itself; remove it',
  icons: 'the wrapped server says it itself; remove it',
  description: 'the wrapped server says it itself; remove it',
  returns: 'what the wrapped server answers is handed on as it is; remove it',
}

/** Keys of a tool that would do nothing. */
function toolFaults(tool: Values, path: Path): Fault[] {
  return Object.entries(ownWords).flatMap(([key, mend]) => {
    if (!(key in tool)) return []
    const name = typeof tool.name === 'string' ? `tool "${tool.name}"` : pathText(path)
    const message = `${name} has ${key}, and spec.server is there`
    return [faultOf('MESH_FIELD_INVALID', [...path, key], message, { at: 'key', mend })]
  })
}
