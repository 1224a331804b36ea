/**
 * Who a pid is. Pids are used again, so a process is known by its pid and the moment in which it started; nothing is
 * signalled that is not the very process that was written down.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { sleep } from '../../model/sleep.ts'

export interface Identity {
  readonly pid: number
  /** As the system tells it; only compared. */
  readonly startTime: string
}

/** Undefined for a process that has ended. */
export function identify(pid: number): Identity | undefined {
  const startTime = process.platform === 'linux' ? fromProc(pid) : fromPs(pid)
  return startTime === undefined ? undefined : { pid, startTime }
}

export function isAlive({ pid, startTime }: Identity): boolean {
  return identify(pid)?.startTime === startTime
}

/** Sends the signal unless the process is gone. */
export function signalTo(identity: Identity, signal: NodeJS.Signals): void {
  if (!isAlive(identity)) return
  try {
    process.kill(identity.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error // ended in between
  }
}

/** True when the process is gone within the bound. */
export async function untilGone(identity: Identity, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs
  while (isAlive(identity)) {
    if (performance.now() > end) return false
    await sleep(20)
  }
  return true
}

/** Ends the process: by the signal, and where that does not help within the bound, by SIGKILL. */
export async function endProcess(identity: Identity, timeoutMs: number): Promise<void> {
  signalTo(identity, 'SIGTERM')
  if (await untilGone(identity, timeoutMs)) return
  signalTo(identity, 'SIGKILL')
  await untilGone(identity, 2_000)
}

/**
 * Ends what is left of a process group whose leader has just ended: by SIGTERM, and where that does not help within a
 * second, by SIGKILL. At once where nothing is left.
 */
export async function endGroup(leader: number): Promise<void> {
  if (!signalGroup(leader, 'SIGTERM')) return
  const end = performance.now() + 1_000
  while (performance.now() < end) {
    await sleep(20)
    if (!signalGroup(leader, 0)) return
  }
  signalGroup(leader, 'SIGKILL')
}

/** False where the group has no process any more. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  if (leader <= 1) return false // -1 would be every process of this user
  try {
    return process.kill(-leader, signal)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ESRCH' || code === 'EPERM') return false // EPERM: what is left is not ours, or ends just now
    throw error
  }
}

/** Field 22 of /proc/<pid>/stat, ticks since boot; the second field may hold blanks and brackets. */
function fromProc(pid: number): string | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined // no such process
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? undefined : fields[19]
}

function fromPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
    }).trim()
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '')
  } catch {
    return undefined // ps exits 1 for a pid that is not there
  }
}
