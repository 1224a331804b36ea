/** Manifests as text: from stdin, and to find the place in a user's file of a fault that the registry named by its path. */
import { checkManifest } from '../../manifest/check-manifest.ts'
import type { Path } from '../../manifest/fault.ts'
import type { Diagnostic } from '../../manifest/diagnostic.ts'
import { checkPolicyDocument, policiesIn } from '../../manifest/policies-in.ts'
import { parseSource, type Source, type SourceDocument } from '../../manifest/parse.ts'
import { spanOf } from '../../manifest/positions.ts'
import { codes, type Code } from '../../model/codes.ts'
import type { Manifest } from '../../model/manifest.ts'
import type { ManifestFault } from '../../model/registry-api.ts'

/** Where stdin is shown as a file. */
export const STDIN = '<stdin>'

/** The manifests of a text that stands in no folder: its handler modules are not looked for. */
export function checkText(text: string): {
  manifests: Manifest[]
  diagnostics: Diagnostic[]
} {
  const source = parseSource(text)
  const diagnostics = source.faults.map(({ code, message, mend, start, end }) =>
    diagnosticAt(source, STDIN, { code, message, mend }, [start, end]),
  )
  const manifests: Manifest[] = []
  const policies = policiesIn([{ file: STDIN, name: STDIN, text }])
  for (const document of diagnostics.length > 0 ? [] : source.documents) {
    const checked = isPolicy(document)
      ? { faults: checkPolicyDocument(document, source, { file: STDIN, name: STDIN, policies }) }
      : checkManifest(document.value, policies)
    for (const fault of checked.faults ?? [])
      diagnostics.push(placed(source, STDIN, document, fault))
    if (!checked.faults) manifests.push(checked.manifest)
  }
  return { manifests, diagnostics }
}

/** The registry's faults of one agent, at their places in the file. */
export function placeFaults(
  text: string,
  file: string,
  manifest: Manifest,
  faults: readonly ManifestFault[],
): Diagnostic[] {
  const source = parseSource(text)
  const { name, namespace = 'default' } = manifest.metadata
  const document = source.documents.find(({ value }) => {
    const key = nameIn(value)
    return key?.name === name && (key.namespace ?? namespace) === namespace
  })
  return document ? faults.map(fault => placed(source, file, document, fault)) : []
}

/** Name and namespace of every agent in a text; faults elsewhere in it do not matter. */
export function namesIn(text: string): { name: string; namespace: string | undefined }[] {
  return parseSource(text).documents.flatMap(({ value }) => nameIn(value) ?? [])
}

const isPolicy = ({ value }: SourceDocument) =>
  (value as { kind?: unknown } | null)?.kind === 'CallPolicy'

function nameIn(value: unknown): { name: string; namespace: string | undefined } | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { kind, metadata } = value as { kind?: unknown; metadata?: Record<string, unknown> | null }
  const { name, namespace } = metadata ?? {}
  if ((kind !== 'Agent' && kind !== 'Gateway') || typeof name !== 'string') return undefined
  return { name, namespace: typeof namespace === 'string' ? namespace : undefined }
}

type PathFault = Pick<ManifestFault, 'code' | 'message' | 'mend'> & { path: Path }

function placed(
  source: Source,
  file: string,
  { document }: SourceDocument,
  fault: PathFault,
): Diagnostic {
  const isKey = fault.code === 'MESH_FIELD_UNKNOWN' || fault.code === 'MESH_FIELD_MISSING'
  const span = spanOf(document, source.text, { path: fault.path, at: isKey ? 'key' : 'value' })
  return diagnosticAt(source, file, fault, [span.start, span.end])
}

function diagnosticAt(
  { lines }: Source,
  file: string,
  { code, message, mend }: Pick<ManifestFault, 'code' | 'message' | 'mend'>,
  [start, end]: readonly [number, number],
): Diagnostic {
  const [from, to] = [lines.linePos(start), lines.linePos(end)]
  return {
    code: code in codes ? (code as Code) : 'MESH_MANIFEST_INVALID',
    severity: 'error',
    message,
    mend,
    file,
    line: Math.max(1, from.line),
    column: Math.max(1, from.col),
    endLine: Math.max(1, to.line),
    endColumn: Math.max(1, to.col),
  }
}
