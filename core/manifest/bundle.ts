/**
 * Inlines the files that schemas refer to (`$ref: ./file.json`), so that a manifest is whole by itself: over the wire,
 * in its digest, in the registry. Only files in the manifest's folder or below are read, JSON or YAML.
 */
import { readFile, realpath, stat } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'
import { faultOf, type Fault, type Path } from './fault.ts'
import { maxBytes, parseSource, type Source, type SourceDocument } from './parse.ts'
import { isRecord, list, record, valueAt, type SchemaNode } from './record.ts'
import { subschemas } from './schema-walk.ts'

/** What stands at `path` of the bundled manifest came from that file. */
export interface Part {
  path: Path
  file: string
  source: Source
  document: SourceDocument
}

export interface Bundle {
  value: unknown
  faults: Fault[]
  /** References that could not be followed; nothing more is to be said of them. */
  failed: Path[]
  parts: Part[]
  /** Files that were read, by absolute path, for the faults of their text. */
  sources: Map<string, Source>
}

/** The manifest with every schema whole. What cannot be read stays as it is, with a fault. */
export async function bundleSchemas(value: unknown, folder: string): Promise<Bundle> {
  const bundle: Bundle = { value, faults: [], failed: [], parts: [], sources: new Map() }
  const spec = record(record(value).spec)
  const lists = ['tools', 'resources', 'prompts'].filter(key => Array.isArray(spec[key]))
  const whole = await Promise.all(
    lists.map(async (key): Promise<[string, unknown]> => [
      key,
      await Promise.all(
        list(spec[key]).map((owner, i) => wholeOf(owner, ['spec', key, i], { bundle, folder })),
      ),
    ]),
  )
  if (bundle.parts.length > 0)
    bundle.value = { ...record(value), spec: { ...spec, ...Object.fromEntries(whole) } }
  return bundle
}

/** A tool, resource or prompt at `path` with every schema whole. */
async function wholeOf(
  value: unknown,
  path: Path,
  { bundle, folder }: { bundle: Bundle; folder: string },
): Promise<unknown> {
  if (!isRecord(value)) return value
  const places = schemaPaths(value).filter(at => {
    const schema = valueAt(value, at)
    return isRecord(schema) && hasFileReference(schema)
  })
  if (places.length === 0) return value
  const copy = structuredClone(value)
  for (const at of places) {
    const schema = record(valueAt(value, at))
    const owner = record(valueAt(copy, at.slice(0, -1))) as Record<string, unknown>
    const bundler = new SchemaBundler(bundle, folder, [...path, ...at])
    owner[String(at.at(-1))] = await bundler.root(schema)
  }
  return copy
}

/** Where schemas stand: those of a tool, and those that dependencies expect. */
function schemaPaths(consumer: SchemaNode): Path[] {
  const expected = Object.entries(record(consumer.dependencies)).flatMap(([name, value]) =>
    Array.isArray(value)
      ? value.map((_, i) => ['dependencies', name, i, 'expects'])
      : [['dependencies', name, 'expects']],
  )
  return [[], ...expected].flatMap(owner =>
    ['inputSchema', 'outputSchema'].map(key => [...owner, key]),
  )
}

function fileReference(schema: SchemaNode): string | undefined {
  const { $ref } = schema
  const isFile = typeof $ref === 'string' && !/^(#|[a-z][a-z0-9+.-]*:|\/\/)/i.test($ref)
  return isFile ? $ref : undefined
}

function hasFileReference(schema: SchemaNode): boolean {
  if (fileReference(schema) !== undefined) return true
  return subschemas(schema).some(([, child]) => hasFileReference(child))
}

interface Origin {
  /** Folder that references are relative to. */
  folder: string
  /** Where the file's content stands in the bundled schema: "" or "/$defs/name". */
  pointer: string
}

/** One schema; the content of each file stands in it once, so that files may refer to each other in circles. */
class SchemaBundler {
  readonly #bundle: Bundle
  readonly #folder: string
  readonly #path: Path
  readonly #pointers = new Map<string, string>()
  readonly #definitions: Record<string, unknown> = {}

  constructor(bundle: Bundle, folder: string, path: Path) {
    this.#bundle = bundle
    this.#folder = folder
    this.#path = path
  }

  async root(schema: SchemaNode): Promise<SchemaNode> {
    const reference = fileReference(schema)
    const isWhole =
      reference !== undefined && !reference.includes('#') && Object.keys(schema).length === 1
    let root: SchemaNode
    if (isWhole) {
      const read = await this.#read(reference, this.#folder, [...this.#path, '$ref'])
      if (!read) return schema
      this.#pointers.set(read.file, '')
      this.#bundle.parts.push({ ...read, path: this.#path })
      root = await this.#rewrite(
        read.content,
        { folder: dirname(read.file), pointer: '' },
        this.#path,
      )
    } else {
      root = await this.#rewrite(schema, { folder: this.#folder, pointer: '' }, this.#path)
    }
    if (Object.keys(this.#definitions).length === 0) return root
    return { ...root, $defs: { ...record(root.$defs), ...this.#definitions } }
  }

  async #rewrite(schema: SchemaNode, origin: Origin, path: Path): Promise<SchemaNode> {
    const copy = structuredClone(schema) as Record<string, unknown>
    if (path !== this.#path || this.#pointers.size > 0) {
      delete copy.$schema
      if (typeof copy.$id === 'string') delete copy.$id
    }
    const reference = fileReference(schema)
    if (reference !== undefined)
      copy.$ref = (await this.#inline(reference, origin, path)) ?? reference
    else if (typeof schema.$ref === 'string' && /^#(\/|$)/.test(schema.$ref)) {
      copy.$ref = `#${origin.pointer}${schema.$ref.slice(1)}`
    }
    for (const [steps, child] of subschemas(schema)) {
      const rewritten = await this.#rewrite(child, origin, [...path, ...steps])
      const [key = '', inner] = steps
      if (inner === undefined) copy[key] = rewritten
      else (copy[key] as Record<string | number, unknown>)[inner] = rewritten
    }
    return copy
  }

  /** The reference as it reads inside the bundled schema; undefined when the file cannot be read. */
  async #inline(reference: string, origin: Origin, path: Path): Promise<string | undefined> {
    const [file = '', fragment = ''] = reference.split('#')
    const read = await this.#read(file, origin.folder, [...path, '$ref'])
    if (!read) return undefined
    let pointer = this.#pointers.get(read.file)
    if (pointer === undefined) {
      const name = relative(this.#folder, read.file).replaceAll(sep, '.')
      pointer = `/$defs/${name}`
      this.#pointers.set(read.file, pointer)
      const at = [...this.#path, '$defs', name]
      this.#bundle.parts.push({ ...read, path: at })
      const inside = { folder: dirname(read.file), pointer }
      this.#definitions[name] = await this.#rewrite(read.content, inside, at)
    }
    return `#${pointer}${fragment}`
  }

  async #read(reference: string, folder: string, at: Path) {
    const file = resolve(folder, reference)
    const fail = (code: Fault['code'], message: string, mend: string) => {
      this.#bundle.faults.push(faultOf(code, at, message, { mend }))
      return undefined
    }
    const stats = await stat(file).catch(() => undefined)
    if (!stats?.isFile()) {
      const message = `the schema file ${reference} does not exist`
      return fail('MESH_FILE_MISSING', message, 'write the path of a file beside the manifest')
    }
    if (!isWithin(await realpath(this.#folder), await realpath(file))) {
      const message = `the schema file ${reference} lies outside the manifest's folder, and nothing there is read`
      return fail('MESH_SCHEMA_INVALID', message, 'put the file beside the manifest')
    }
    if (stats.size > maxBytes) {
      const message = `the schema file ${reference} is longer than ${maxBytes / 1024} KiB`
      return fail('MESH_MANIFEST_TOO_LARGE', message, 'write a smaller schema')
    }
    const source = this.#bundle.sources.get(file) ?? parseSource(await readFile(file, 'utf8'))
    this.#bundle.sources.set(file, source)
    const [document] = source.documents
    if (source.faults.length > 0 || !document) {
      this.#bundle.failed.push(at)
      return undefined
    }
    if (isRecord(document.value)) return { file, source, document, content: document.value }
    return fail(
      'MESH_SCHEMA_INVALID',
      `the schema file ${reference} holds no schema`,
      `write an object into ${reference}`,
    )
  }
}

function isWithin(folder: string, file: string): boolean {
  return file.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}
