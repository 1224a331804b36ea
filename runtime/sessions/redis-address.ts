/** The address of a Redis as REDIS_URL writes it: one server, those that sentinels watch, or a cluster. */
import { MeshError } from '../../core/model/error.ts'

export interface RedisAddress {
  kind: 'single' | 'sentinel' | 'cluster'
  isTls: boolean
  /** Of the server, of the sentinels, or of some nodes of the cluster. */
  nodes: { host: string; port: number }[]
  username: string | undefined
  password: string | undefined
  /** That of a single server; 0 elsewhere. */
  database: number
  /** Under which the sentinels know the servers. */
  name: string
}

const shape =
  /^(redis|rediss)(-sentinel|-cluster)?:\/\/(?:([^@/]*)@)?([^@/?#]+)(?:\/([^/?#]*))?\/?$/

/** Throws MESH_FIELD_INVALID. It may hold a password: nothing of it is in the error. */
export function parseRedisAddress(url: string): RedisAddress {
  const [, scheme, form, user, hosts = '', path = ''] = shape.exec(url) ?? []
  if (scheme === undefined) throw invalid('it is none')
  const kind = form === '-sentinel' ? 'sentinel' : form === '-cluster' ? 'cluster' : 'single'
  const standard = kind === 'sentinel' ? 26_379 : 6_379
  const nodes = hosts.split(',').map(text => nodeOf(text, standard))
  if (kind === 'single' && nodes.length > 1)
    throw invalid('several hosts are a redis-sentinel:// or a redis-cluster://')
  if (kind === 'sentinel' && path === '')
    throw invalid('a redis-sentinel:// ends with the name of what the sentinels watch')
  if (kind === 'cluster' && path !== '' && path !== '0')
    throw invalid('a redis-cluster:// has one database, 0')
  if (kind === 'single' && !/^\d{0,4}$/.test(path)) throw invalid('its database is a number')
  const [username, password] = credentialsOf(user)
  return {
    ...{ kind, nodes, username, password, isTls: scheme === 'rediss' },
    database: kind === 'single' ? Number(path) : 0,
    name: kind === 'sentinel' ? decode(path) : '',
  }
}

function nodeOf(text: string, standard: number): { host: string; port: number } {
  const url = `redis://${text}`
  if (!URL.canParse(url) || /[\s%]/.test(text)) throw invalid('a host of it is none')
  const { hostname, port } = new URL(url)
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? standard : Number(port),
  }
}

function credentialsOf(user: string | undefined): [string | undefined, string | undefined] {
  if (user === undefined) return [undefined, undefined]
  const at = user.indexOf(':')
  const name = decode(at < 0 ? user : user.slice(0, at))
  return [name === '' ? undefined : name, at < 0 ? undefined : decode(user.slice(at + 1))]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid('a % in it begins no character')
  }
}

function invalid(why: string): MeshError {
  return new MeshError(
    'MESH_FIELD_INVALID',
    `REDIS_URL is no address of a Redis: ${why}`,
    'write redis://host:6379, rediss://user:password@host:6379/0, redis-sentinel://host:26379,host:26379/name or redis-cluster://host:6379,host:6379',
  )
}
