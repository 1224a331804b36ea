/**
 * Every command of meshctl by its name, in the order in which help shows them. A command is loaded when it is asked for:
 * what one needs, the others need not wait for.
 */
import type { Catalog, Command } from './command.ts'

export const commands: Catalog = {
  start: async () => (await import('./commands/start.ts')).start,
  stop: async () => (await import('./commands/stop.ts')).stop,
  logs: async () => (await import('./commands/logs.ts')).logs,
  list: async () => (await import('./commands/list.ts')).list,
  status: async () => (await import('./commands/status.ts')).status,
  get: async () => (await import('./commands/get.ts')).get,
  describe: async () => (await import('./commands/describe.ts')).describe,
  why: async () => (await import('./commands/why.ts')).why,
  graph: async () => (await import('./commands/graph.ts')).graph,
  top: async () => (await import('./commands/top.ts')).top,
  events: async () => (await import('./commands/events.ts')).events,
  gateway: async () => (await import('./commands/gateway.ts')).gateway,
  call: async () => (await import('./commands/call.ts')).call,
  login: async () => (await import('./commands/login.ts')).login,
  logout: async () => (await import('./commands/logout.ts')).logout,
  init: async () => (await import('./commands/init.ts')).init,
  types: async () => (await import('./commands/write-types.ts')).types,
  validate: async () => (await import('./commands/validate.ts')).validate,
  lock: async () => (await import('./commands/lock.ts')).lock,
  diff: async () => (await import('./commands/diff.ts')).diff,
  plan: async () => (await import('./commands/plan.ts')).plan,
  apply: async () => (await import('./commands/apply.ts')).apply,
  delete: async () => (await import('./commands/delete.ts')).remove,
  rollout: async () => (await import('./commands/rollout.ts')).rollout,
  wait: async () => (await import('./commands/wait.ts')).wait,
  drain: async () => (await import('./commands/drain.ts')).drain,
  registry: async () => (await import('./commands/registry.ts')).registry,
  config: async () => (await import('./commands/config.ts')).config,
  explain: async () => (await import('./commands/explain.ts')).explain,
  completion: async () => (await import('./commands/completion.ts')).completion,
  version: async () => (await import('./commands/version.ts')).version,
  __complete: async () => (await import('./commands/complete.ts')).complete,
}

/** The command of that name, undefined where there is none. */
export async function loadOne(catalog: Catalog, name: string): Promise<Command | undefined> {
  return Object.hasOwn(catalog, name) ? catalog[name]?.() : undefined
}

/** All that help and completion show. */
export async function loadAll(catalog: Catalog): Promise<Command[]> {
  const all = await Promise.all(Object.values(catalog).map(load => load()))
  return all.filter(({ hidden }) => !hidden)
}
