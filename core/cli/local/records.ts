/** Who runs, written down under MESH_HOME/run: one JSON file a process, replaced as a whole so that no reader sees half. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Home } from './home.ts'

export type RecordKind = 'registry' | 'start'

export function writeRecord(home: Home, kind: RecordKind, pid: number, value: object): void {
  const file = join(home.run, `${kind}-${pid}.json`)
  writeFileSync(`${file}.new`, JSON.stringify(value, null, 2), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

export function removeRecord(home: Home, kind: RecordKind, pid: number): void {
  rmSync(join(home.run, `${kind}-${pid}.json`), { force: true })
}

/** What is written down, oldest first; what cannot be read is left out. */
export function readRecords<T>(home: Home, kind: RecordKind): T[] {
  return readdirSync(home.run)
    .filter(name => name.startsWith(`${kind}-`) && name.endsWith('.json'))
    .sort()
    .flatMap(name => {
      try {
        return [JSON.parse(readFileSync(join(home.run, name), 'utf8')) as T]
      } catch {
        return [] // its owner removed it in between
      }
    })
}
