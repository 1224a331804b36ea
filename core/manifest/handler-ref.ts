/** How a manifest names a handler. */
import type { HandlerRef } from '../model/agent.ts'

/** `./hello.ts#hello` to its parts. */
export function parseHandler(text: string): HandlerRef {
  const [path = '', exportName = 'default'] = text.split('#')
  return { path, exportName }
}
