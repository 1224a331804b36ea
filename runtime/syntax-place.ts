/**
 * Where the syntax of a module is wrong. V8 tells it only to whoever prints an uncaught error, so a Node of its own is
 * asked, which reads the text and runs nothing. Used once a module has failed to load.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const TIMEOUT_MS = 5_000

/** `file:line` of the fault; undefined where the module's own text has none, as with a fault in one that it imports. */
export async function syntaxPlace(file: string): Promise<string | undefined> {
  const text = await plainText(file)
  if (text === undefined) return undefined
  const { stderr } = spawnSync(process.execPath, ['--check', '--input-type=module', '-'], {
    ...{ input: text, encoding: 'utf8', timeout: TIMEOUT_MS },
    env: {},
  })
  const line = /^\[stdin\]:(\d+)$/m.exec(stderr)?.[1]
  return line && `${file}:${line}`
}

/** Without its types, each character where it was; undefined where they cannot be stripped, which is told elsewhere. */
async function plainText(file: string): Promise<string | undefined> {
  try {
    const text = readFileSync(file, 'utf8')
    if (!/\.m?ts$/.test(file)) return text
    const { default: swc } = await import('@swc/wasm-typescript')
    return swc.transformSync(text, { mode: 'strip-only', module: true }).code
  } catch {
    return undefined
  }
}
