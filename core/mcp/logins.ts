/**
 * Logins at MCP servers, as `meshctl login` leaves them: one file a server under MESH_HOME/logins, which nobody but its
 * owner may read, replaced as a whole. It holds tokens: nothing of it is ever shown.
 */
import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { StoredOAuthClientInformation, StoredOAuthTokens } from '@modelcontextprotocol/client'
import { MeshError, messageOf } from '../model/error.ts'

export interface Login {
  /** URL of the MCP server. */
  server: string
  /** The client that a person registered beforehand: it is shown to its own issuer alone. */
  registered?: { id: string; secret?: string; issuer: string }
  /** Where the client describes itself to authorization servers that read it there. */
  metadataUrl?: string
  /** Asked for where the server names no scope. */
  scope?: string
  /** Clients that authorization servers registered by themselves, by issuer. */
  clients: Record<string, StoredOAuthClientInformation>
  /** Of 127.0.0.1: `clients` were registered with it as the place to come back to. */
  port?: number
  tokens?: StoredOAuthTokens
}

export interface Logins {
  /** Undefined where there is none. Throws MESH_HOME_INVALID. */
  read(server: string): Login | undefined
  /** Throws MESH_HOME_INVALID. */
  write(login: Login): void
  /** False where there was none. */
  forget(server: string): boolean
}

export function openLogins(env: Readonly<Record<string, string | undefined>>): Logins {
  const folder = join(resolve(env.MESH_HOME || join(homedir(), '.mcp-mesh')), 'logins')
  const fileOf = (server: string) => {
    const name = createHash('sha256').update(new URL(server).href).digest('hex').slice(0, 32)
    return join(folder, `${name}.json`)
  }
  const broken = (cause: unknown) => {
    const found = `the login cannot be kept in ${folder}: ${messageOf(cause)}`
    return new MeshError('MESH_HOME_INVALID', found, undefined, { cause })
  }
  return {
    read(server) {
      try {
        const value: unknown = JSON.parse(readFileSync(fileOf(server), 'utf8'))
        return isLogin(value) ? value : undefined
      } catch (error) {
        // What is no JSON counts as none: a login writes it anew.
        if (error instanceof SyntaxError || isMissing(error)) return undefined
        throw broken(error)
      }
    },
    write(login) {
      const file = fileOf(login.server)
      const next = `${file}.${randomUUID()}`
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        writeFileSync(next, JSON.stringify(login, null, 2), { mode: 0o600 })
        renameSync(next, file)
      } catch (error) {
        rmSync(next, { force: true })
        throw broken(error)
      }
    },
    forget(server) {
      try {
        rmSync(fileOf(server))
        return true
      } catch (error) {
        if (isMissing(error)) return false
        throw broken(error)
      }
    },
  }
}

const isMissing = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

/** Written by us alone; a file that somebody has changed must not break more than a login. */
function isLogin(value: unknown): value is Login {
  if (typeof value !== 'object' || value === null) return false
  const { server, clients } = value as Record<string, unknown>
  return typeof server === 'string' && typeof clients === 'object' && clients !== null
}
