/** The process that meshctl runs in: its streams, signals and channel as main wants them. Only this file reads `process`. */
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { Parent } from './command.ts'
import { commands } from './commands.ts'
import { findBins } from './local/bins.ts'
import { main } from './main.ts'
import { createProgressLine, noProgress } from './output/progress-line.ts'

/** Runs the command line of this process and ends it with the exit code. */
export async function runProcess(): Promise<void> {
  const { stdout, stderr, env } = process
  const takesColor = !env.NO_COLOR && env.TERM !== 'dumb'
  const showsProgress = stderr.isTTY && takesColor && !env.CI
  const progress = showsProgress ? createProgressLine(stderr) : noProgress
  const written = (stream: NodeJS.WriteStream) => (line: string) => {
    progress.clear()
    stream.write(`${line}\n`)
  }
  const [out, err] = [written(stdout), written(stderr)]
  // A reader that has seen enough (`meshctl list | head -1`) is no fault.
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) =>
      process.exit(error.code === 'EPIPE' ? 0 : 1),
    )
  const code = await main(process.argv.slice(2), commands, {
    io: {
      ...{ out, err },
      say: line => void (stderr.isTTY && err(line)),
      progress: progress.show,
      hasColor: stdout.isTTY && takesColor,
      hasErrorColor: stderr.isTTY && takesColor,
      isTerminal: stdout.isTTY,
      read: () => text(process.stdin),
      lines: () => createInterface({ input: process.stdin }),
    },
    env,
    cwd: process.cwd(),
    bins: findBins(),
    onStop,
    parent: process.send ? parentOf(process) : undefined,
  })
  progress.clear()
  // The streams are flushed first: on some systems a pipe is written later than `write` returns.
  stdout.write('', () => stderr.write('', () => process.exit(code)))
}

function onStop(listener: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, listener)
  return () => signals.forEach(signal => process.off(signal, listener))
}

function parentOf(child: NodeJS.Process): Parent {
  return {
    send: message => child.connected && (child.send?.(message) ?? false),
    release: () => {
      if (child.connected) child.disconnect()
    },
  }
}
