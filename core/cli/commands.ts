/** Every command of meshctl, in the order in which help shows them. */
import type { Command } from './command.ts'
import { apply } from './commands/apply.ts'
import { call } from './commands/call.ts'
import { remove } from './commands/delete.ts'
import { describe } from './commands/describe.ts'
import { diff } from './commands/diff.ts'
import { drain } from './commands/drain.ts'
import { wait } from './commands/wait.ts'
import { why } from './commands/why.ts'
import { events } from './commands/events.ts'
import { explain } from './commands/explain.ts'
import { get } from './commands/get.ts'
import { graph } from './commands/graph.ts'
import { list } from './commands/list.ts'
import { lock } from './commands/lock.ts'
import { logs } from './commands/logs.ts'
import { plan } from './commands/plan.ts'
import { registry } from './commands/registry.ts'
import { rollout } from './commands/rollout.ts'
import { start } from './commands/start.ts'
import { status } from './commands/status.ts'
import { stop } from './commands/stop.ts'
import { validate } from './commands/validate.ts'
import { version } from './commands/version.ts'

export const commands: readonly Command[] = [
  start,
  stop,
  logs,
  list,
  status,
  get,
  describe,
  why,
  graph,
  events,
  call,
  validate,
  lock,
  diff,
  plan,
  apply,
  remove,
  rollout,
  wait,
  drain,
  registry,
  explain,
  version,
]
