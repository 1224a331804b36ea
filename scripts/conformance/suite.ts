/**
 * The official conformance suite of MCP, pinned exactly: a run against one side of one revision, and what came of each
 * scenario. It wants a newer Node than we do, so the npm package `node` brings one for it alone.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

const suite = '@modelcontextprotocol/conformance@0.2.0-alpha.12'
const node = 'node@22.23.3'

/** Those that have a set of requirements. */
export const revisions = ['2025-11-25', '2026-07-28'] as const
export type Revision = (typeof revisions)[number]

export interface Scenario {
  name: string
  passed: number
  /** A sentence for each check that failed. */
  faults: string[]
  /** False for what the revision does not require: extensions, and checks that came later. */
  isScored: boolean
}

export interface SuiteRun {
  /** What is checked: `server --url <url>` or `client --command <command>`. */
  of: readonly string[]
  revision: Revision
  /** One scenario in place of all that the revision requires. */
  scenario?: string | undefined
}

/** Throws where the suite itself did not run to its end. */
export async function runSuite({ of, revision, scenario }: SuiteRun): Promise<Scenario[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mesh-conformance-'))
  const what = scenario
    ? ['--scenario', scenario, '--spec-version', revision]
    : ['--requirements', revision]
  const command = ['-y', '-p', node, '-p', suite, 'conformance', ...of, ...what, '-o', 'results']
  try {
    const { code, output } = await run('npx', command, folder)
    const scenarios = await read(join(folder, 'results'), output)
    const isFailed = scenarios.some(({ faults }) => faults.length > 0)
    if (scenarios.length > 0 && (code === 0 || isFailed)) return scenarios
    throw new Error(`the suite ended with exit code ${code}:\n${output.slice(-2000)}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Check {
  id: string
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  description: string
  errorMessage?: string
}

async function read(results: string, output: string): Promise<Scenario[]> {
  const found = new Map<string, Scenario>()
  // Some scenarios have a folder in a folder: auth/basic-cimd.
  const files = await readdir(results, { recursive: true }).catch(() => [])
  for (const file of files.filter(path => basename(path) === 'checks.json').sort()) {
    const folder = dirname(file)
    const name = /^(?:server-)?(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(folder)?.[1] ?? folder
    const text = await readFile(join(results, file), 'utf8')
    const checks = JSON.parse(text) as Check[]
    found.set(name, {
      name,
      passed: checks.filter(({ status }) => status === 'SUCCESS').length,
      faults: checks.flatMap(({ id, status, errorMessage, description }) =>
        status === 'FAILURE' ? [`${id}: ${errorMessage ?? description}`] : [],
      ),
      isScored: !new RegExp(`^ {2}[✓✗] ${name} \\(`, 'm').test(output),
    })
  }
  // A scenario that broke off leaves no file, only its line in the summary.
  for (const [, name = '', passed] of output.matchAll(/^✗ (\S+): (\d+) passed, \d+ failed/gm)) {
    const known = found.get(name)
    if (known && known.faults.length > 0) continue
    const faults = ['it broke off, or warned; run it alone to see why']
    found.set(name, { isScored: true, ...known, name, passed: Number(passed), faults })
  }
  return [...found.values()]
}

function run(file: string, args: string[], cwd: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', reject)
    child.on('close', code => resolve({ code: code ?? 1, output }))
  })
}
