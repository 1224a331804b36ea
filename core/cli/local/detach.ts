/** `meshctl start --detach`: the same start in a background process; this one returns with its outcome. */
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../command.ts'
import { lockOption } from '../line/options.ts'
import { launch } from './child.ts'
import { openHome } from './home.ts'
import { rotate } from './log-file.ts'

/** Resolves when everything is ready; rejects with what the background process failed with, which then has ended. */
export async function startDetached(paths: readonly string[], context: Context): Promise<number> {
  const { bins, env, io, options, registryUrls, onStop } = context
  const home = openHome(env)
  const log = rotate(join(home.logs, '_start.log'))
  const fd = openSync(log, 'a', 0o600)
  const flags = [
    ...(options.registryOnly ? ['--registry-only'] : []),
    ...(options.autoRestart ? ['--auto-restart'] : []),
    ...(options.watchFiles ? ['--watch-files'] : []),
    ...(options.locked ? ['--locked', '--lock-file', lockOption(context).file] : []),
  ]
  const child = launch({
    bin: bins.meshctl,
    args: [
      'start',
      '--supervised',
      '--registry-url',
      registryUrls.join(','),
      ...flags,
      '--',
      ...paths,
    ],
    env: { ...env, MESH_HOME: home.root },
    output: fd,
    log,
    what: 'the background process',
    onMessage({ type, line }) {
      if (type === 'out') io.out(String(line))
      if (type === 'err') io.err(String(line))
    },
  })
  closeSync(fd)
  let isStopped = false
  const stopListening = onStop(() => {
    isStopped = true
    child.signal('SIGTERM')
  })
  try {
    await child.ready
    if (isStopped) {
      await child.exited
      return 1
    }
    child.release()
    io.say(
      `it goes on in the background (pid ${child.identity.pid}): meshctl stop ends it, meshctl logs -f shows it`,
    )
    return 0
  } catch (error) {
    if (isStopped) return 1 // nothing runs: whoever goes on after it must not think so
    throw error
  } finally {
    stopListening()
  }
}
