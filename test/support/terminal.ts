/** A real terminal for tests: a command in a pseudo-terminal made by script(1), typed into and read as a person would. */
import { spawn } from 'node:child_process'
import type { Test } from 'tap'
import { until } from './mesh.ts'

export interface Terminal {
  /** Types keys; `\t` is Tab, `\r` is Return, `\u0003` is Ctrl-C. */
  type(keys: string): void
  /** All that was written, colours and all. */
  screen(): string
  /** The same without colours and cursor movements. */
  text(): string
  /** Resolves when what was written since the last call matches; rejects with what is there. */
  sees(pattern: RegExp): Promise<RegExpExecArray>
  /** The exit code. */
  readonly ended: Promise<number | null>
}

/** Runs one command in a terminal of 160 columns. It replaces the shell of script(1), which Ctrl-C might end before it. */
export function openTerminal(
  t: Test,
  line: string,
  { env, cwd }: { env: NodeJS.ProcessEnv; cwd?: string },
): Terminal {
  const child = spawn('script', ['-qfec', `stty cols 160 rows 50; exec ${line}`, '/dev/null'], {
    env: { ...env, TERM: 'xterm-256color', SHELL: '/bin/sh' },
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let screen = ''
  let seen = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => (screen += text))
  child.stdin.on('error', () => undefined) // it may end first
  const ended = new Promise<number | null>(resolve => child.once('close', code => resolve(code)))
  t.teardown(() => {
    child.stdin.destroy()
    if (child.exitCode === null) child.kill('SIGKILL')
    return ended
  })
  const text = () => withoutControls(screen)
  return {
    type: keys => void child.stdin.write(keys),
    screen: () => screen,
    text,
    async sees(pattern) {
      const find = () => pattern.exec(text().slice(seen))
      const match = await until(find, { what: `${pattern}` }).catch((error: unknown) => {
        throw new Error(`${String(error)}; the terminal shows:\n${text().slice(-2_000)}`)
      })
      seen += match.index + match[0].length
      return match
    },
    ended,
  }
}

/** Colours, cursor movements and titles are taken out, line ends are one character. */
const withoutControls = (text: string) =>
  text
    .replace(/\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, '')
    .replace(/\u001b\[[0-9;?>=]*[a-zA-Z]|\u001b[()][A-Z0-9]|\u001b[=>]/g, '')
    .replace(/\r+\n/g, '\n')
