/** Under which name others reach what is bound here. */
import { networkInterfaces } from 'node:os'

/** The address under which a bound host is reached; bound to all, the first that others can use. */
export function reachable(host: string): string {
  const name = host.replace(/^\[(.*)\]$/, '$1')
  if (name !== '0.0.0.0' && name !== '::') return name.includes(':') ? `[${name}]` : name
  const addresses = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  return addresses.find(a => a.family === 'IPv4' && !a.internal)?.address ?? '127.0.0.1'
}
