/** Who runs, written down under MESH_HOME/run: one JSON file a process, replaced as a whole so that no reader sees half. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { socketPath, type Home } from './home.ts'

export type RecordKind = 'registry' | 'start'

export function writeRecord(home: Home, kind: RecordKind, pid: number, value: object): void {
  const file = join(home.run, `${kind}-${pid}.json`)
  writeFileSync(`${file}.new`, JSON.stringify(value, null, 2), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

export function removeRecord(home: Home, kind: RecordKind, pid: number): void {
  rmSync(join(home.run, `${kind}-${pid}.json`), { force: true })
}

/**
 * What is written down, oldest first. What is no such record is left out: processes are ended and sockets removed by what
 * is read here, so nothing that anybody may have put there is taken at its word.
 */
export function readRecords<T>(home: Home, kind: RecordKind): T[] {
  return readdirSync(home.run)
    .filter(name => name.startsWith(`${kind}-`) && name.endsWith('.json'))
    .sort()
    .flatMap(name => {
      try {
        const value: unknown = JSON.parse(readFileSync(join(home.run, name), 'utf8'))
        return isRecord(value, home, kind) && name === `${kind}-${value.pid}.json`
          ? [value as T]
          : []
      } catch {
        return [] // its owner removed it in between, or it is no JSON
      }
    })
}

function isRecord(value: unknown, home: Home, kind: RecordKind): value is { pid: number } {
  if (!isObject(value)) return false
  const { pid, startTime, socket, url, agents, registryUrls } = value
  if (!Number.isSafeInteger(pid) || Number(pid) <= 0 || typeof startTime !== 'string') return false
  if (typeof socket !== 'string' || !isSocket(socket, home)) return false
  if (kind === 'registry') return typeof url === 'string' && URL.canParse(url)
  return Array.isArray(registryUrls) && Array.isArray(agents) && agents.every(isAgent)
}

/** One of those that `socketPath` gives out. */
const isSocket = (path: string, home: Home) =>
  dirname(path) === home.run || path === socketPath(home, basename(path))

const isAgent = (value: unknown) =>
  isObject(value) &&
  [value.namespace, value.name, value.manifest].every(text => typeof text === 'string') &&
  (value.process === undefined || isObject(value.process))

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
