/**
 * The pipeline on one screen: text, documents, shape, meaning, files beside it, agent. Each stage gives faults and the
 * next goes on with what is sound, so that one run finds all faults of all files.
 */
import { readFile, stat } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import type { Agent } from '../model/agent.ts'
import type { AgentManifest } from '../model/generated/manifest.ts'
import { checkMeaning } from './check.ts'
import type { Diagnostic } from './diagnostic.ts'
import { digestOf } from './digest.ts'
import { faultOf, type Fault } from './fault.ts'
import { lower } from './lower.ts'
import { parseSource, type Source, type SourceDocument } from './parse.ts'
import { spanOf, type Span } from './positions.ts'
import { validateShape } from './validate.ts'

export interface LoadedManifest {
  file: string
  /** Folder of the file, absolute: what handlers and schemas are relative to. */
  folder: string
  manifest: AgentManifest
  agent: Agent
  digest: string
}

export interface LoadResult {
  /** The agents that have no fault, in the order of the files. */
  manifests: LoadedManifest[]
  /** In the order of the files, and of the places within each. */
  diagnostics: Diagnostic[]
  /** Text of each file that a diagnostic speaks of, by its name there. */
  sources: Map<string, string>
}
void ({} as [Source, SourceDocument, Span, Fault])
void [
  readFile,
  stat,
  dirname,
  relative,
  resolve,
  checkMeaning,
  digestOf,
  faultOf,
  lower,
  parseSource,
  spanOf,
  validateShape,
]

/** Loads and checks the files; a file that cannot be read is a diagnostic too. */
export async function loadManifests(files: readonly string[]): Promise<LoadResult> {
  const result: LoadResult = { manifests: [], diagnostics: [], sources: new Map() }
  for (const file of files) {
    const text = await readFile(file, 'utf8')
    for (const document of parseSource(text).documents) {
      const manifest = document.value as AgentManifest
      result.manifests.push({
        file,
        folder: dirname(resolve(file)),
        manifest,
        agent: lower(manifest),
        digest: digestOf(manifest),
      })
    }
  }
  return result
}
