/** Which `meshctl start`s run on this machine with this MESH_HOME, and what they look after. */
import type { Home } from './home.ts'
import { isAlive, type Identity } from './identity.ts'
import { readRecords } from './records.ts'

export interface StartRecord extends Identity {
  /** Its control socket. */
  readonly socket: string
  readonly registryUrls: readonly string[]
  /** ISO 8601. */
  readonly since: string
  readonly agents: readonly AgentRecord[]
}

export interface AgentRecord {
  readonly namespace: string
  readonly name: string
  readonly manifest: string
  /** Absent while it starts or is down. */
  readonly instance?: string
  readonly endpoint?: string
  readonly process?: Identity
}

export function startRecords(home: Home): { live: StartRecord[]; stale: StartRecord[] } {
  const records = readRecords<StartRecord>(home, 'start')
  return {
    live: records.filter(isAlive),
    stale: records.filter(record => !isAlive(record)),
  }
}
