/**
 * Who may ask: Host and Origin must name a place that is served here (a page in a browser can be made to send requests
 * to loopback, but not with a Host or Origin of its choice), and callers present the bearer token where one is set.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { hostname } from 'node:os'
import { isIP } from 'node:net'
import { MeshError } from '../../core/model/error.ts'

export interface Admission {
  /** Throws MESH_HOST_REFUSED. */
  checkPlace(headers: IncomingHttpHeaders): void
  /** Throws MESH_TOKEN_INVALID. */
  checkToken(headers: IncomingHttpHeaders): void
}

export interface AdmissionOptions {
  host: string
  advertise: string | undefined
  token: string | undefined
}

export function createAdmission({ host, advertise, token }: AdmissionOptions): Admission {
  const isAllowed = allowedHosts(host, advertise)
  const checkHost = checkOf(isAllowed, 'Host', 'http://')
  const checkOrigin = checkOf(isAllowed, 'Origin')
  const expected = token === undefined ? undefined : digest(token)
  return {
    checkPlace(headers) {
      checkHost(headers.host ?? '')
      if (headers.origin !== undefined) checkOrigin(headers.origin)
    },
    checkToken({ authorization }) {
      if (expected === undefined) return
      const given = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1]
      if (given !== undefined && timingSafeEqual(digest(given), expected)) return
      const found =
        given === undefined
          ? 'no bearer token was sent'
          : 'the bearer token is not the one of this agent'
      throw new MeshError(
        'MESH_TOKEN_INVALID',
        found,
        'send Authorization: Bearer <token>, as spec.auth says',
      )
    },
  }
}

/** 127.0.0.0/8, ::1 and localhost reach nobody but this machine. */
export function isLoopback(host: string): boolean {
  const name = unbracket(host.toLowerCase())
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}

/** Bound to every address, any address may be meant; a name only where it is known to be ours. */
function allowedHosts(host: string, advertise: string | undefined): (place: string) => boolean {
  const isEverywhere = host === '0.0.0.0' || unbracket(host) === '::'
  const names = new Set(['localhost', unbracket(host.toLowerCase())])
  const advertised = advertise === undefined ? undefined : hostOf(advertise)
  if (advertised !== undefined) names.add(advertised)
  if (isEverywhere) names.add(hostname().toLowerCase())
  return place => names.has(place) || isLoopback(place) || (isEverywhere && isIP(place) !== 0)
}

/** Callers come back with the header that they came with: the last one that passed is known by its text. */
function checkOf(isAllowed: (place: string) => boolean, name: string, scheme = '') {
  let known: string | undefined
  return (header: string): void => {
    if (header === known) return
    const place = hostOf(scheme + header)
    if (place === undefined || !isAllowed(place)) throw refused(name, header)
    known = header
  }
}

/** Host name of a URL, lower case, without brackets, port and a dot at its end; undefined where there is none. */
function hostOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const parsed = new URL(url)
  const isWeb = parsed.protocol === 'http:' || parsed.protocol === 'https:'
  const isBare = parsed.username === '' && parsed.password === ''
  const name = unbracket(parsed.hostname.toLowerCase()).replace(/\.$/, '')
  return isWeb && isBare && name !== '' ? name : undefined
}

const unbracket = (host: string) => host.replace(/^\[(.*)\]$/, '$1')

const digest = (text: string) => createHash('sha256').update(text).digest()

function refused(header: string, value: string): MeshError {
  return new MeshError(
    'MESH_HOST_REFUSED',
    `${header} "${value}" names a place that is not served here`,
  )
}
