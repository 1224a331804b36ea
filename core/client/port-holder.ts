/** Finds out who holds a port: by asking it, as agents and registries say who they are, else in /proc on Linux. */
import { readFile, readdir, readlink } from 'node:fs/promises'

/** For people: `agent "a" (pid 7)`, `node server.js (pid 7)`; undefined when it can't be told. */
export async function portHolder(host: string, port: number): Promise<string | undefined> {
  return (await askedByHttp(host, port)) ?? (await foundInProc(port))
}

async function askedByHttp(host: string, port: number): Promise<string | undefined> {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  try {
    const response = await fetch(`http://${name}:${port}/livez`, {
      signal: AbortSignal.timeout(500),
    })
    const body = (await response.json()) as Record<string, unknown> | null
    if (typeof body?.['agent'] !== 'string') return undefined
    return `agent "${body['agent']}" (pid ${String(body['pid'])})`
  } catch {
    return undefined // it speaks no HTTP, or nothing that is ours: /proc may know
  }
}

async function foundInProc(port: number): Promise<string | undefined> {
  const inodes = new Set<string>()
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const text = await readFile(table, 'utf8').catch(() => '')
    for (const line of text.split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
      const isListening = state === '0A'
      if (isListening && inode && Number.parseInt(local?.split(':')[1] ?? '', 16) === port) {
        inodes.add(`socket:[${inode}]`)
      }
    }
  }
  if (inodes.size === 0) return undefined
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (/^\d+$/.test(pid) && (await holdsOneOf(pid, inodes))) return describe(pid)
  }
  return undefined
}

async function holdsOneOf(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  const files = await readdir(folder).catch(() => [])
  const links = await Promise.all(files.map(file => readlink(`${folder}/${file}`).catch(() => '')))
  return links.some(link => inodes.has(link))
}

/** The program only: arguments may hold secrets. */
async function describe(pid: string): Promise<string> {
  const [program, script] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split(
    '\0',
  )
  const isScript = script !== undefined && script !== '' && !script.startsWith('-')
  return `${program || 'a process'}${isScript ? ` ${script}` : ''} (pid ${pid})`
}
