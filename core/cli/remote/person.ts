/** The person at this terminal, who can log in: a page in their browser, and the answer that comes back. */
import { MeshError } from '../../model/error.ts'
import type { Person } from '../../mcp/login-provider.ts'
import type { Answers } from '../../mcp/login-transport.ts'
import type { Context } from '../command.ts'
import { openPage } from './browser.ts'
import { openCallback } from './callback.ts'

/** Long enough to find a password and a second factor. */
export const patienceMs = 5 * 60_000

export interface AtTerminal extends Person, Answers {
  close(): void
}

/** `port` is where a client was registered to come back to; `onAsk` and `onAnswer` tell when time is theirs. */
export async function atTerminal(
  { io, env }: Pick<Context, 'io' | 'env'>,
  port: number | undefined,
  { onAsk, onAnswer }: { onAsk: () => void; onAnswer: () => void },
): Promise<AtTerminal> {
  const callback = await openCallback(port)
  let answer: Promise<URLSearchParams> | undefined
  return {
    port: callback.port,
    ask(page, state) {
      onAsk()
      answer = callback.wait(state, patienceMs)
      answer.then(onAnswer, () => undefined) // who takes it is told of the failure
      io.err(`log in at ${page.href}`)
      openPage(page.href, env, process.platform)
    },
    take() {
      const taken = answer
      answer = undefined
      return taken
    },
    close: callback.close,
  }
}

/** Refused before anything is opened: the login would be seen by whoever listens on the way. */
export function checkServerUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    const found = `"${text}" is no URL of an MCP server`
    throw new MeshError('MESH_USAGE_INVALID', found, 'write https://host/mcp')
  }
  const url = new URL(text)
  url.hash = ''
  return url.href
}
