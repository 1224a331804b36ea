/** The manifests of a run against each other, once each is sound by itself; one that does not go with the others is none. */
import type { Agent } from '../model/agent.ts'
import type { SetMember } from './check-set.ts'
import type { Diagnostic } from './diagnostic.ts'
import { faultOf, type Fault, type Path } from './fault.ts'
import type { LoadedManifest, LoadResult } from './load.ts'
import { parseSource, type Source } from './parse.ts'
import { inOrder, placeFault, type Home } from './place.ts'

/** Faults by member. */
export type SetCheck = (members: readonly SetMember[], about: About) => Map<SetMember, Fault[]>

export interface About {
  /** Where a value stands, as `file:line:column`, for messages that speak of another one. */
  placeOf: (member: SetMember, path: Path) => string
  /** False where a manifest was left out for its errors: what it offers is not known. */
  isWhole: boolean
}

/** What becomes of a fault of an agent: another severity, or nothing. */
export type Judge = (agent: Agent, fault: Fault) => Fault | undefined

export interface Compared {
  cwd: string
  /** Where each manifest of the result stands: the file as people are shown it, and which of its documents. */
  documents: ReadonlyMap<SetMember, { name: string; index: number }>
  result: LoadResult
}

/** Files kept parsed, which takes many times the memory of their text. */
const MAX_PARSED = 64

export function compare(
  { result, documents, cwd }: Compared,
  checks: readonly SetCheck[],
  judge: Judge = (_, fault) => fault,
): void {
  const parsed = new Map<string, Source>()
  const homeOf = (member: SetMember): Home => {
    const { name = '', index = 0 } = documents.get(member) ?? {}
    const source = parsed.get(name) ?? parseSource(result.sources.get(name) ?? '')
    if (parsed.size >= MAX_PARSED) parsed.clear()
    parsed.set(name, source)
    const document = source.documents[index]
    if (!document) throw new Error(`${name} has no document ${index}`) // it was loaded from there
    return { name, source, document, parts: [], cwd, sources: result.sources }
  }
  const placeOf = (member: SetMember, path: Path): string => {
    const { file, line, column } = placeFault(
      faultOf('MESH_FIELD_INVALID', path, '', { at: 'key' }),
      homeOf(member),
    )
    return `${file}:${line}:${column}`
  }
  const isWhole = result.diagnostics.every(({ severity }) => severity !== 'error')
  const found = checks.map(check => check(result.manifests, { placeOf, isWhole }))
  const judged = new Map(
    result.manifests.map(loaded => [
      loaded,
      found
        .flatMap(faults => faults.get(loaded) ?? [])
        .flatMap(fault => judge(loaded.agent, fault) ?? []),
    ]),
  )
  const faultsOf = (loaded: LoadedManifest) => judged.get(loaded) ?? []
  const diagnostics = result.manifests.flatMap(loaded =>
    faultsOf(loaded).map(fault => placeFault(fault, homeOf(loaded))),
  )
  if (diagnostics.length === 0) return
  result.manifests = result.manifests.filter(loaded =>
    faultsOf(loaded).every(({ severity }) => severity !== 'error'),
  )
  const rank = new Map([...result.sources.keys()].map((name, i) => [name, i]))
  const rankOf = ({ file }: Diagnostic) => rank.get(file) ?? -1
  result.diagnostics = inOrder([...result.diagnostics, ...diagnostics]).sort(
    (a, b) => rankOf(a) - rankOf(b),
  )
}
