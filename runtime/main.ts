/**
 * The life of a mesh-agent process: arguments and environment in; signals, and messages to a supervisor where an IPC
 * channel stands, out. Docs: ARCHITECTURE.md, process protocol.
 */
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { MeshError, messageOf } from '../core/model/error.ts'
import { checkAgent } from './check-agent.ts'
import { startAgent, type RunningAgent } from './agent.ts'
import type { ManifestFiles } from './read-manifest.ts'
import { createLog, type Log } from './telemetry/log.ts'

/**
 * What a call makes dies with it, and V8 learns the contrary from the few calls under way at each collection: it would make more and more
 * of it where only a full collection clears, with all that hangs on it. ADR 0046.
 */
const youngFirst = '--no-allocation-site-pretenuring'

/** Sets the exit code and ends the process when the agent has ended. */
export async function main(args: readonly string[]): Promise<void> {
  setFlagsFromString(youngFirst)
  const log = createLog(process.env['MESH_DEBUG'] ? 'debug' : 'info')
  logStrays(log)
  const asked = stopOnRequest()
  let isServing = false
  // A module that waits while it is loaded would wait on: nobody can have called this agent yet, so nothing is lost.
  void asked.then(() => isServing || process.exit(0))
  try {
    const { files, agent, check } = readArguments(args)
    if (check) {
      await checkAgent(files, agent, process.env)
      return end()
    }
    const running = await startAgent({
      ...{ ...files, agent, log, token: process.env['MESH_TOKEN'] || undefined },
      registryUrls: registryUrls(process.env['MESH_REGISTRY_URL']),
    })
    isServing = true
    report(running)
    asked.then(
      () => running.stop(),
      () => undefined,
    )
    await running.ended
    process.exit(0)
  } catch (error) {
    fail(error, log)
  }
}

interface Arguments {
  files: ManifestFiles
  agent: string | undefined
  /** Only load it, and say whether it would serve. */
  check: boolean
}

function readArguments(args: readonly string[]): Arguments {
  const usage =
    'write mesh-agent --manifest FILE [--policies FILE]... [--lock FILE] [--agent NAME] [--check]'
  try {
    const options = {
      manifest: { type: 'string' },
      policies: { type: 'string', multiple: true },
      lock: { type: 'string' },
      agent: { type: 'string' },
      check: { type: 'boolean', default: false },
    } as const
    const { manifest, policies, lock, agent, check } = parseArgs({
      args: [...args],
      options,
    }).values
    if (manifest !== undefined) return { files: { manifest, policies, lock }, agent, check }
  } catch (cause) {
    throw new MeshError('MESH_USAGE_INVALID', messageOf(cause), usage, { cause })
  }
  throw new MeshError('MESH_USAGE_INVALID', 'no manifest was given', usage)
}

function registryUrls(text: string | undefined): string[] {
  const urls = (text ?? '').split(',').map(url => url.trim())
  const given = urls.filter(url => url !== '')
  return given.length > 0 ? given : ['http://127.0.0.1:8000']
}

/** A module may have left timers behind: it is not waited for. */
function end(): void {
  if (process.send) process.send({ type: 'ready' }, () => process.exit(0))
  else process.exit(0)
}

function report({ instance, endpoint, registry }: RunningAgent): void {
  process.send?.({ type: 'ready', instance, endpoint, registry, pid: process.pid })
}

/** Resolves when the process is asked to stop: by a signal, of which a second ends it at once, or its supervisor's end. */
function stopOnRequest(): Promise<void> {
  return new Promise(resolve => {
    let isAsked = false
    const ask = () => {
      if (isAsked) process.exit(1)
      isAsked = true
      resolve()
    }
    process.on('SIGTERM', ask)
    process.on('SIGINT', ask)
    process.on('disconnect', () => resolve())
    if (process.send && !process.connected) resolve() // it ended before anybody listened
  })
}

/** A promise that a handler forgot must not take the agent down, nor fail unseen. */
function logStrays(log: Log): void {
  process.on('unhandledRejection', reason => {
    log.error('a promise was rejected and nobody handled it', {
      ...{ error: messageOf(reason), stack: reason instanceof Error ? reason.stack : undefined },
    })
  })
  process.on('uncaughtException', error => {
    log.error('an error was thrown and nobody caught it; the process ends', {
      ...{ error: messageOf(error), stack: error.stack },
    })
    process.exit(1)
  })
}

function fail(error: unknown, log: Log): void {
  const known =
    error instanceof MeshError
      ? error
      : new MeshError('MESH_INTERNAL_FAILED', messageOf(error), undefined, { cause: error })
  if (known !== error) log.error('start failed', { stack: (error as Error | undefined)?.stack })
  const { code, message, mend, exit } = known
  process.exitCode = exit
  if (!process.send) {
    process.stderr.write(`error ${code}: ${message}\nmend: ${mend}\n`, () => process.exit(exit))
  } else {
    process.send({ type: 'failed', error: { code, message, mend } }, () => process.exit(exit))
  }
}
