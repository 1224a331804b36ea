/**
 * A module loader hook that strips the types from `.ts` and `.mts` files, for a Node that does not do it by itself
 * (before 22.18). Types are replaced by blanks, so lines and columns stay true; syntax that needs code of its own
 * (enums, parameter properties) is refused, exactly as Node refuses it. It is JavaScript because it loads TypeScript.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import swc from '@swc/wasm-typescript'

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !/\.m?ts$/.test(new URL(url).pathname)) return next(url, context)
  const file = fileURLToPath(url)
  const text = await readFile(file, 'utf8')
  const { code } = swc.transformSync(text, { mode: 'strip-only', module: true, filename: file })
  return { format: 'module', shortCircuit: true, source: code }
}
