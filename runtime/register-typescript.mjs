// Loads TypeScript in a Node that does not strip types by itself (before 22.18): `node --import mcp-mesh/typescript --test`
// runs the unit tests of handlers. It is the hook that loads them in an agent.
import { register } from 'node:module'

if (!process.features.typescript) {
  register('./typescript-hook.mjs', import.meta.url)
}
