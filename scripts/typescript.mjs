// Lets plain `node --import ./scripts/typescript.mjs file.ts` run the sources, on a Node that does not strip types by
// itself. It is the hook that loads users' handlers; the runtime has it built, here it comes from the source.
import { register } from 'node:module'

if (!process.features.typescript) {
  register('../runtime/typescript-hook.mjs', import.meta.url)
}
