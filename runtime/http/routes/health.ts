/**
 * `/livez` the process runs, `/startupz` it has started, `/readyz` it takes calls, `/healthz` its verdict on itself. Each
 * says who answers, so that whoever finds a port taken can tell by whom.
 */
import type { ServerResponse } from 'node:http'
import { replyJson } from '../reply.ts'

export interface Identity {
  agent: string
  namespace: string
  instance: string
  pid: number
}

export type ServingState = 'starting' | 'serving' | 'draining'

export interface Vitals {
  identity: Identity
  state: ServingState
  /** What the agent's health check says against it. */
  unhealthy: { reason: string } | undefined
}

/** True when `path` was one of the health paths and has been answered. */
export function serveHealth(
  path: string,
  response: ServerResponse,
  { identity, state, unhealthy }: Vitals,
): boolean {
  const isWell = wellness[path]
  if (!isWell) return false
  if (path === '/healthz' && state === 'serving' && unhealthy) {
    replyJson(response, 503, { status: 'unhealthy', ...unhealthy, ...identity })
    return true
  }
  const status = state === 'serving' ? 'ok' : state
  replyJson(response, isWell(state) ? 200 : 503, { status, ...identity })
  return true
}

const wellness: Record<string, ((state: ServingState) => boolean) | undefined> = {
  '/livez': () => true,
  '/startupz': state => state !== 'starting',
  '/readyz': state => state === 'serving',
  '/healthz': state => state === 'serving',
}
