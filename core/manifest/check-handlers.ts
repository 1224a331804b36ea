/** Whether each handler's module and each file stands beside the manifest, and a module exports what is named. Nothing is run. */
import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { faultOf, type Fault } from './fault.ts'
import type { ReadExports } from './handler-exports.ts'
import { parseHandler } from './handler-ref.ts'
import { list, record } from './record.ts'
import { lists } from './shape-words.ts'
import { nearest } from './suggest.ts'

/** Faults of the handlers of an agent whose manifest stands in `folder`; those of tools may not stand beside a server. */
export async function checkHandlers(
  manifest: unknown,
  folder: string,
  readExports: ReadExports,
): Promise<Fault[]> {
  const spec = record(record(manifest).spec)
  const named: [handler: unknown, path: Fault['path']][] = [
    ...(spec.server === undefined ? list(spec.tools) : []).map(
      (tool, index): (typeof named)[number] => [
        record(tool).handler,
        ['spec', 'tools', index, 'handler'],
      ],
    ),
    [record(spec.health).check, ['spec', 'health', 'check']],
    ...handlersOfOffers(spec),
  ]
  const faults = named.map(async ([handler, path]) => {
    if (
      typeof handler !== 'string' ||
      !/^\.{1,2}\/[^#]+\.m?[tj]s(#[A-Za-z_$][\w$]*)?$/.test(handler)
    )
      return []
    const ref = parseHandler(handler)
    const file = resolve(folder, ref.path)
    const exported = isFile(file) ? await readExports(file) : undefined
    if (!exported) return [missing(ref.path, file, path)]
    if ('fault' in exported) {
      const message = `the handler module ${ref.path} is not one that can be loaded: ${exported.fault}`
      const mend = `mend ${ref.path}; types are stripped and not compiled, so enums and namespaces cannot be used`
      const isTypeScript = /\.m?ts$/.test(file) && /strip-only/.test(exported.fault)
      return [
        faultOf('MESH_HANDLER_INVALID', path, message, {
          part: ref.path,
          ...(isTypeScript ? { mend } : { mend: `mend ${ref.path}` }),
        }),
      ]
    }
    if (exported.isOpen || exported.names.has(ref.exportName)) return []
    return [absent(ref.path, ref.exportName, exported, path)]
  })
  return [...(await Promise.all(faults)).flat(), ...fileFaults(spec, folder)]
}

/** Those of resources, prompts and their completions; a list of values is none. */
function handlersOfOffers(
  spec: Readonly<Record<string, unknown>>,
): [handler: unknown, path: Fault['path']][] {
  const resources = list(spec.resources).map(record)
  const prompts = list(spec.prompts).map(record)
  return [
    ...resources.flatMap((one, i): [unknown, Fault['path']][] => {
      const path = ['spec', 'resources', i]
      const complete = Object.entries(record(one.complete))
      return [
        [one.handler, [...path, 'handler']],
        ...complete.map(([name, by]): [unknown, Fault['path']] => [
          by,
          [...path, 'complete', name],
        ]),
      ]
    }),
    ...prompts.flatMap((one, i): [unknown, Fault['path']][] => {
      const path = ['spec', 'prompts', i]
      return [
        [one.handler, [...path, 'handler']],
        ...list(one.arguments).map((argument, j): [unknown, Fault['path']] => [
          record(argument).complete,
          [...path, 'arguments', j, 'complete'],
        ]),
      ]
    }),
  ]
}

function fileFaults(spec: Readonly<Record<string, unknown>>, folder: string): Fault[] {
  return list(spec.resources).flatMap((resource, index) => {
    const { file } = record(resource)
    if (typeof file !== 'string' || !file.startsWith('./')) return []
    const at = ['spec', 'resources', index, 'file']
    const path = resolve(folder, file)
    if (relative(folder, path).startsWith('..')) {
      const message = `the file ${file} stands outside of the folder of the manifest`
      const mend = 'write the path of a file in the folder of the manifest'
      return [faultOf('MESH_FIELD_INVALID', at, message, { mend })]
    }
    if (isFile(path)) return []
    const siblings = namesIn(dirname(path))
    const near = nearest(basename(path), siblings)
    const mend =
      near === undefined
        ? `create ${file}`
        : `write ./${relative(folder, join(dirname(path), near))}`
    return [faultOf('MESH_FILE_MISSING', at, `the file ${file} does not exist`, { mend })]
  })
}

function missing(path: string, file: string, at: Fault['path']): Fault {
  const folder = dirname(file)
  const siblings = namesIn(folder).filter(name => /\.m?[tj]s$/.test(name))
  const sameStem = siblings.find(
    name => name.replace(/\.\w+$/, '') === basename(file).replace(/\.\w+$/, ''),
  )
  const near = sameStem ?? nearest(basename(file), siblings)
  const mend = near
    ? `write ${join(dirname(path), near)
        .replaceAll('\\', '/')
        .replace(/^(?!\.)/, './')}`
    : `create ${path}, or write the path of a module beside the manifest`
  return faultOf('MESH_HANDLER_MISSING', at, `the handler module ${path} does not exist`, {
    mend,
    part: path,
  })
}

function absent(
  path: string,
  name: string,
  exported: { names: ReadonlySet<string>; types: ReadonlySet<string> },
  at: Fault['path'],
): Fault {
  const names = [...exported.names]
  const near = nearest(name, names) ?? (names.length === 1 ? names[0] : undefined)
  const offers = names.length > 0 ? `it exports ${lists(names)}` : 'it exports nothing'
  const lacks = name === 'default' ? 'has no default export' : `does not export "${name}"`
  const message = exported.types.has(name)
    ? `${path} exports "${name}" as a type only, which is gone when it runs`
    : `${path} ${lacks}; ${offers}`
  const mend = near
    ? `write ${near === 'default' ? path : name === 'default' ? `${path}#${near}` : near}`
    : name === 'default' && names[0] !== undefined
      ? `write ${path}#${names[0]}, or add a default export`
      : `add "export ${name === 'default' ? 'default function' : `function ${name}`}" to ${path}`
  return faultOf('MESH_HANDLER_EXPORT', at, message, {
    mend,
    part: name === 'default' ? path : name,
  })
}

function isFile(file: string): boolean {
  try {
    return statSync(file).isFile()
  } catch {
    return false // as good as not there, whatever the reason
  }
}

/** What stands in the folder, to find what was meant; nothing where it cannot be read. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
