/**
 * The pipeline on one screen: text, documents, shape, schemas made whole, meaning, handlers, agent. Each stage gives
 * faults and the next goes on with what is sound, so that one run finds all faults of all files.
 */
import { dirname, relative, resolve } from 'node:path'
import type { Agent } from '../model/agent.ts'
import type { Manifest } from '../model/manifest.ts'
import { bundleSchemas, type Bundle } from './bundle.ts'
import { checkHandlers } from './check-handlers.ts'
import { checkSet } from './check-set.ts'
import { compare, type Judge, type SetCheck } from './compare.ts'
import { checkMeaning } from './check.ts'
import type { Diagnostic } from './diagnostic.ts'
import { digestOf } from './digest.ts'
import { agentLevels, type PolicyLevel } from './effective-policy.ts'
import { createExportsReader } from './handler-exports.ts'
import { faultOf, type Fault } from './fault.ts'
import { lower } from './lower.ts'
import { policyOf } from './lower-gateway.ts'
import { inlinePolicies, policiesOf } from './inline-policies.ts'
import { parseSource, type Source, type SourceDocument } from './parse.ts'
import { inOrder, placed, placeFault, type Placed } from './place.ts'
import { policiesIn, policyFaults } from './policies-in.ts'
import type { Policies } from './policies.ts'
import { readText } from './read-text.ts'
import { record } from './record.ts'
import { validateShape } from './validate.ts'

export interface LoadedManifest {
  /** As it was given. */
  file: string
  /** Folder of the file, absolute: what handlers are relative to. */
  folder: string
  /** With the schema files and the policies that it refers to inlined. */
  manifest: Manifest
  agent: Agent
  /** Computed when it is asked for. */
  readonly digest: string
  /** What holds for all its calls, lowest first, and where that stands. */
  policies: readonly PolicyLevel[]
  /** Other files that describe policies which it names, as they were given. */
  policyFiles: readonly string[]
}

export interface LoadResult {
  /** The agents that have no error, in the order of the files. */
  manifests: LoadedManifest[]
  /** In the order of the files, and of the places within each. */
  diagnostics: Diagnostic[]
  /** Text of each file that a diagnostic speaks of, by the name that it has there. */
  sources: Map<string, string>
}

export interface LoadOptions {
  /** False for whoever loads the handlers anyway: modules are not looked at. Default true. */
  checksHandlers?: boolean
  /** More files, of which only the policies are taken. */
  policyFiles?: readonly string[]
  /** More checks of the manifests against each other. */
  compares?: readonly SetCheck[]
  /** Told before each file is checked, and how many there are; `done` is `all` before they are compared. */
  progress?: (done: number, all: number) => void
  /** What becomes of the faults of the comparisons. */
  judges?: Judge
}

/** What is known across the files of one run. */
interface Run {
  cwd: string
  /** Undefined where handlers are not looked at. */
  readExports: ReturnType<typeof createExportsReader> | undefined
  /** Where each agent was described first; nobody asks for most of the places. */
  agents: Map<string, () => string>
  policies: Policies
  /** Where each manifest of the result stands: the file as people are shown it, and which of its documents. */
  documents: Map<LoadedManifest, { name: string; index: number }>
  result: LoadResult
}

/** Loads and checks the files, each once; a file that cannot be read is a diagnostic too. Handlers are not run. */
export async function loadManifests(
  files: readonly string[],
  { checksHandlers = true, policyFiles = [], compares = [], judges, progress }: LoadOptions = {},
): Promise<LoadResult> {
  const result: LoadResult = { manifests: [], diagnostics: [], sources: new Map() }
  const cwd = resolve()
  const reads = readAll([...files, ...policyFiles], cwd)
  const policies = policiesIn(reads.flatMap(read => ('text' in read ? [read] : [])))
  const readExports = checksHandlers ? createExportsReader() : undefined
  const run: Run = { cwd, readExports, agents: new Map(), policies, documents: new Map(), result }
  const whole = new Set(files.map(file => resolve(file)))
  for (const [done, read] of reads.entries()) {
    progress?.(done, reads.length)
    const { file, name } = read
    await loadFile(read, { file, name, run, takesAgents: whole.has(resolve(file)) })
  }
  progress?.(reads.length, reads.length)
  compare(run, [checkSet, ...compares], judges)
  return result
}

type Read = { file: string; name: string } & ReturnType<typeof readText>

/** Each file once, in order. Texts are kept and not what is parsed of them, which takes many times the memory. */
function readAll(files: readonly string[], cwd: string): Read[] {
  const unique = [...new Map(files.map(file => [resolve(file), file])).values()]
  return unique.map(file => {
    const name = relative(cwd, resolve(file)) || file
    return { file, name, ...readText(file, name) }
  })
}

async function loadFile(read: Read, context: Context): Promise<void> {
  const { name, run, takesAgents } = context
  const found: Placed[] = []
  if ('fault' in read) found.push(placed(read.fault, name, undefined))
  else {
    const source = parseSource(read.text)
    run.result.sources.set(name, source.text)
    found.push(...source.faults.map(fault => placed(fault, name, source)))
    for (const document of source.documents) {
      const isTaken = takesAgents || record(document.value).kind === 'CallPolicy'
      if (document.value !== undefined && isTaken)
        found.push(...(await loadDocument(document, source, context)))
    }
  }
  run.result.diagnostics.push(...inOrder(found))
}

interface Context {
  file: string
  name: string
  run: Run
  takesAgents: boolean
}

async function loadDocument(
  document: SourceDocument,
  source: Source,
  context: Context,
): Promise<Placed[]> {
  const { file, name, run } = context
  const folder = dirname(resolve(file))
  const { kind, faults } = validateShape(document.value)
  const bundle =
    kind === 'Agent' ? await bundleSchemas(document.value, folder) : whole(document.value)
  const all = [...faults, ...bundle.faults]
  if (kind) {
    const before = new Set(
      [...all.map(({ path }) => path), ...bundle.failed].map(path => JSON.stringify(path)),
    )
    const later = checkMeaning(bundle.value, kind, run.policies)
    if (kind === 'CallPolicy')
      later.push(...policyFaults(document, source, { file, name, policies: run.policies }))
    if (kind === 'Agent' && run.readExports)
      later.push(...(await checkHandlers(bundle.value, folder, run.readExports)))
    all.push(...later.filter(fault => !before.has(JSON.stringify(fault.path))))
  }
  const own = {
    name,
    source,
    document,
    parts: bundle.parts,
    cwd: run.cwd,
    sources: run.result.sources,
  }
  const diagnostics = all.map(fault => placeFault(fault, own))
  for (const [path, other] of bundle.sources) {
    const otherName = relative(run.cwd, path)
    if (other.faults.length > 0) run.result.sources.set(otherName, other.text)
    diagnostics.push(...other.faults.map(fault => placed(fault, otherName, other)))
  }
  const isRun = kind === 'Agent' || kind === 'Gateway'
  if (!isRun || diagnostics.some(({ severity }) => severity === 'error')) {
    return [...diagnostics, ...(isRun ? duplicate(document.value, own, run) : [])]
  }
  const duplicates = duplicate(document.value, own, run)
  if (duplicates.length === 0) {
    const given = bundle.value as Manifest
    const manifest = inlinePolicies(given, run.policies)
    const others = policiesOf(given, run.policies).flatMap(policy => policy.file ?? [])
    let digest: string | undefined
    const loaded: LoadedManifest = {
      ...{ file, folder, manifest },
      agent: lower(manifest),
      get digest() {
        return (digest ??= digestOf(manifest))
      },
      policies: agentLevels(policyOf(given), run.policies),
      policyFiles: [...new Set(others)].filter(other => other !== file),
    }
    run.result.manifests.push(loaded)
    run.documents.set(loaded, { name, index: source.documents.indexOf(document) })
  }
  return [...diagnostics, ...duplicates]
}

function whole(value: unknown): Bundle {
  return { value, faults: [], failed: [], parts: [], sources: new Map() }
}

/** A second description of an agent, wherever the first one stands. */
function duplicate(value: unknown, own: Parameters<typeof placeFault>[1], run: Run): Placed[] {
  const { metadata } = value as { metadata?: { name?: unknown; namespace?: unknown } }
  if (typeof metadata?.name !== 'string') return []
  const { name, namespace = 'default' } = metadata
  const key = `${String(namespace)}/${name}`
  const fault = (message: string): Fault =>
    faultOf('MESH_AGENT_DUPLICATE', ['metadata', 'name'], message, {
      mend: `write another name, such as ${name}-2, or another namespace`,
    })
  const first = run.agents.get(key)
  if (first) return [placeFault(fault(`agent "${key}" is described already, at ${first()}`), own)]
  run.agents.set(key, () => {
    const { file, line, column } = placeFault(fault(''), own)
    return `${file}:${line}:${column}`
  })
  return []
}
