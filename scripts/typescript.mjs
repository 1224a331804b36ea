// Lets plain `node --import ./scripts/typescript.mjs file.ts` run the sources: as users run the tests of their handlers.
import '../runtime/register-typescript.mjs'
