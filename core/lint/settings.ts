/**
 * meshlint.yaml: which finding of the mesh is an error, a warning, a note or nothing, each with a reason that a reviewer
 * reads. Faults of single manifests are no matter of taste and cannot be switched.
 *
 *   rules:
 *     - { code: MESH_PROVIDER_AMBIGUOUS, severity: off, agents: [mirror-*], reason: Two mirrors share the calls. }
 */
import type { Judge } from '../manifest/compare.ts'
import type { Diagnostic } from '../manifest/diagnostic.ts'
import { faultOf, type Fault, type Path } from '../manifest/fault.ts'
import { parseSource, type SourceDocument } from '../manifest/parse.ts'
import { inOrder, placed, placeFault } from '../manifest/place.ts'
import { isRecord, list } from '../manifest/record.ts'
import { nearest } from '../manifest/suggest.ts'
import type { Code } from '../model/codes.ts'
import { switchable } from './rules.ts'

export const settingsFile = 'meshlint.yaml'

const severities = ['error', 'warning', 'note', 'off'] as const

interface Entry {
  index: number
  code: Code
  severity: (typeof severities)[number]
  agents: readonly RegExp[]
  reason: string
}

export interface Settings {
  /** Faults of the file itself. */
  diagnostics: Diagnostic[]
  judge: Judge
  /** A note for each entry that has applied to nothing so far. */
  unused(): Diagnostic[]
}

/** Nothing is switched. */
export const noSettings: Settings = {
  diagnostics: [],
  judge: (_, fault) => fault,
  unused: () => [],
}

/** Reads the text of a meshlint.yaml that people know as `name`. Of an entry for the same code the last that fits holds. */
export function readSettings(text: string, name: string): Settings {
  const source = parseSource(text)
  const diagnostics = source.faults.map(fault => placed(fault, name, source))
  const [document] = source.documents
  const place = (fault: Fault, of: SourceDocument) =>
    placeFault(fault, { name, source, document: of, parts: [], cwd: '', sources: new Map() })
  if (!document || diagnostics.length > 0) {
    const isEmpty = source.faults.every(({ code }) => code === 'MESH_MANIFEST_EMPTY')
    return { ...noSettings, diagnostics: isEmpty ? [] : diagnostics }
  }
  const { entries, faults } = readEntries(document.value)
  const used = new Set<Entry>()
  return {
    diagnostics: inOrder(faults.map(fault => place(fault, document))),
    judge(agent, fault) {
      const names = [agent.name, `${agent.namespace}/${agent.name}`]
      const entry = entries.findLast(
        ({ code, agents }) =>
          code === fault.code &&
          (agents.length === 0 || agents.some(each => names.some(name => each.test(name)))),
      )
      if (!entry) return fault
      used.add(entry)
      return entry.severity === 'off' ? undefined : { ...fault, severity: entry.severity }
    },
    unused: () =>
      entries.filter(entry => !used.has(entry)).map(entry => place(unusedFault(entry), document)),
  }
}

function unusedFault({ index, code }: Entry): Fault {
  const message = `the entry for ${code} applies to nothing that was found`
  return faultOf('MESH_LINT_UNUSED', ['rules', index, 'code'], message, { severity: 'note' })
}

function readEntries(value: unknown): { entries: Entry[]; faults: Fault[] } {
  const faults: Fault[] = []
  const refuse = (path: Path, message: string, mend: string, at: 'key' | 'value' = 'value') =>
    void faults.push(faultOf('MESH_LINT_INVALID', path, message, { mend, at }))
  const example =
    'write rules: [{ code: MESH_PROVIDER_AMBIGUOUS, severity: off, reason: Two mirrors. }]'
  if (!isRecord(value) || !Array.isArray(value.rules)) {
    refuse([], 'the file has no list of rules', example)
    return { entries: [], faults }
  }
  for (const key of Object.keys(value))
    if (key !== 'rules') refuse([key], `"${key}" is no key of meshlint.yaml`, 'remove it', 'key')
  const entries = list(value.rules).flatMap((rule, index): Entry[] => {
    const before = faults.length
    const path = ['rules', index]
    if (!isRecord(rule)) {
      refuse(path, `rules[${index}] is no mapping of keys to values`, example)
      return []
    }
    const known = ['code', 'severity', 'agents', 'reason']
    for (const key of Object.keys(rule)) {
      const near = nearest(key, known)
      if (!known.includes(key))
        refuse(
          [...path, key],
          `"${key}" is no key of a rule`,
          `write ${near ?? known.join(', ')}`,
          'key',
        )
    }
    const { code, severity, reason, agents = [] } = rule
    const [isCode, isSeverity] = [
      switchable.includes(code as Code),
      severities.includes(severity as 'off'),
    ]
    const near = nearest(String(code), switchable) ?? switchable.slice(0, 5).join(', ')
    if (!isCode)
      refuse(
        [...path, 'code'],
        `code "${String(code)}" is none that can be switched`,
        `write ${near}`,
      )
    if (!isSeverity)
      refuse(
        [...path, 'severity'],
        `severity "${String(severity)}" is none`,
        `write one of ${severities.join(', ')}`,
      )
    if (typeof reason !== 'string' || reason.trim() === '')
      refuse(
        [...path, 'reason'],
        'no reason is given',
        'say why in a sentence: reason: Two mirrors share the calls.',
      )
    if (!Array.isArray(agents) || !agents.every(each => typeof each === 'string'))
      refuse([...path, 'agents'], 'agents is no list of names', 'write agents: [mirror-*]')
    if (faults.length > before) return []
    const patterns = (agents as string[]).map(patternOf)
    return [
      {
        index,
        code: code as Code,
        severity: severity as Entry['severity'],
        agents: patterns,
        reason: String(reason),
      },
    ]
  })
  return { entries, faults }
}

/** `mirror-*` and `default/mirror-*`. */
function patternOf(text: string): RegExp {
  const escaped = text.replace(/[\\^$.+?()[\]{}|]/g, '\\$&').replaceAll('*', '[^/]*')
  return new RegExp(`^${escaped}$`)
}
