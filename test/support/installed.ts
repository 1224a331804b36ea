/**
 * Programs of others that tests run and npm does not bring: made once under node_modules/.cache, by whichever test file comes
 * first. Where one cannot be made a test says in one line what to install; in CI that is a failure.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Test } from 'tap'

const run = promisify(execFile)
/** One that is older was left by a test that was killed. */
const longestMs = 5 * 60_000

/** The interpreter of an environment with FastMCP and, as it depends on it, the SDK of Python. */
export async function pythonWithFastmcp(t: Test): Promise<string | undefined> {
  const wanted = 'fastmcp==3.4.10'
  const folder = await made(t, wanted.replace('==', '-'), {
    async make(folder) {
      await run('python3', ['-m', 'venv', '--clear', folder])
      await run(join(folder, 'bin/python'), ['-m', 'pip', 'install', '--quiet', wanted])
    },
    lacks: `no Python with ${wanted}: apt-get install python3-venv, and PyPI has to be reached`,
  })
  return folder && join(folder, 'bin/python')
}

/** The file of the inspector's command line. It asks for a newer Node than ours and runs with ours as well. */
export async function inspectorCli(t: Test): Promise<string | undefined> {
  const wanted = '@modelcontextprotocol/inspector@2.12.0'
  const folder = await made(t, 'inspector-2.12.0', {
    async make(folder) {
      const quiet = ['--no-audit', '--no-fund', '--loglevel', 'error', '--omit', 'dev']
      await run('npm', ['install', '--prefix', folder, ...quiet, '--ignore-scripts', wanted])
    },
    lacks: `no ${wanted}: the npm registry has to be reached`,
  })
  return folder && join(folder, 'node_modules/.bin/mcp-inspector')
}

interface Making {
  readonly make: (folder: string) => Promise<void>
  lacks: string
}

async function made(t: Test, name: string, { make, lacks }: Making): Promise<string | undefined> {
  const cache = resolve('node_modules/.cache')
  const [folder, lock] = [join(cache, name), join(cache, `${name}.lock`)]
  const done = join(folder, 'complete')
  mkdirSync(cache, { recursive: true })
  while (!existsSync(done)) {
    if (!take(lock)) {
      await pause(200)
      continue
    }
    try {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder)
      await make(folder)
      writeFileSync(done, '')
    } catch (error) {
      const reason = String((error as { stderr?: string }).stderr ?? error)
      const message = `${lacks} (${reason.trim().split('\n').at(-1)})`
      if (process.env.CI) t.fail(message)
      else t.comment(message)
      return undefined
    } finally {
      rmSync(lock, { recursive: true, force: true })
    }
  }
  return folder
}

/** False while another test file makes it. */
function take(lock: string): boolean {
  try {
    if (Date.now() - statSync(lock).mtimeMs > longestMs) rmSync(lock, { recursive: true })
  } catch {
    // it is not there, or has just gone
  }
  try {
    mkdirSync(lock)
    return true
  } catch {
    return false
  }
}
