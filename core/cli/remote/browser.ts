/** Shows a page in the browser of whoever sits here: the program that BROWSER names, else what the system opens pages with. */
import { spawn } from 'node:child_process'

type Environment = Readonly<Record<string, string | undefined>>

/** Never fails: where nothing opens, the person has the address before them. `page` is an http(s) URL. */
export function openPage(page: string, env: Environment, platform: NodeJS.Platform): void {
  const [program = '', ...args] = commandFor(page, env, platform)
  const child = spawn(program, args, { detached: true, stdio: 'ignore' })
  child.on('error', () => undefined) // the address was written out
  child.unref()
}

/** Program and arguments; no shell reads them. */
export function commandFor(page: string, env: Environment, platform: NodeJS.Platform): string[] {
  const own = env.BROWSER?.split(':')[0]?.trim()
  if (own) {
    const words = own.split(/\s+/)
    return words.includes('%s')
      ? words.map(word => (word === '%s' ? page : word))
      : [...words, page]
  }
  if (platform === 'darwin') return ['open', page]
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', page]
  return ['xdg-open', page]
}
