/**
 * `npm run conformance`: the official suite of MCP against what the built bins start, each target in both revisions, as a
 * table. There is no list of expected failures: exit code 0 when every check passed, else 1.
 */
import { parseArgs } from 'node:util'
import { revisions, runSuite, type Revision, type Scenario } from './conformance/suite.ts'
import { targets } from './conformance/targets.ts'

const usage = `usage: npm run conformance -- [flags]

flags:
  --target <name>         ${Object.keys(targets).join(' or ')}, may be given several times (default: all)
  --requirements <date>   ${revisions.join(' or ')}, may be given several times (default: both)
  --scenario <name>       only this one
  --skip <start>          leave out scenarios whose names start so; may be given several times`

interface Wanted {
  targets: string[]
  revisions: Revision[]
  scenario: string | undefined
  skip: string[]
}

const wanted = parse()
if (wanted) process.exitCode = (await checkAll(wanted)) ? 0 : 1
else process.exitCode = 2

function parse(): Wanted | undefined {
  const many = { type: 'string', multiple: true } as const
  try {
    const { values } = parseArgs({
      options: { target: many, requirements: many, scenario: { type: 'string' }, skip: many },
    })
    const names = values.target ?? Object.keys(targets)
    const unknown = names.find(name => !Object.hasOwn(targets, name))
    if (unknown !== undefined) throw new Error(`there is no target "${unknown}"`)
    const dates = values.requirements ?? [...revisions]
    const chosen = dates.map(date => {
      const revision = revisions.find(one => one === date)
      if (!revision) throw new Error(`there are no requirements of "${date}"`)
      return revision
    })
    return { targets: names, revisions: chosen, scenario: values.scenario, skip: values.skip ?? [] }
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
    return undefined
  }
}

async function checkAll({ targets: names, revisions, scenario, skip }: Wanted): Promise<boolean> {
  const sums: string[] = []
  let isFine = true
  for (const name of names) {
    const target = await targets[name]!()
    try {
      for (const revision of revisions) {
        const title = `${name}, ${revision}`
        say(`\n== ${title}`)
        const all = await runSuite({ of: target.of, revision, scenario })
        const { without = [] } = target
        const scenarios = all
          .filter(({ name }) => !skip.some(start => name.startsWith(start)))
          .filter(({ name, isScored }) => isScored || !without.includes(name))
        show(scenarios)
        const failed = sum(scenarios, ({ faults }) => faults.length)
        const left = all.length - scenarios.length
        sums.push(
          `${title}: ${scenarios.length} scenarios, ${sum(scenarios, ({ passed }) => passed)} checks passed, ` +
            `${failed} failed${left > 0 ? `, ${left} scenarios left out` : ''}`,
        )
        isFine &&= failed === 0 && scenarios.length > 0
      }
    } finally {
      await target.close()
    }
  }
  say(`\n${sums.join('\n')}`)
  return isFine
}

function show(scenarios: readonly Scenario[]): void {
  const width = Math.max(...scenarios.map(({ name }) => name.length))
  for (const { name, passed, faults, isScored } of scenarios) {
    const counts = `${String(passed).padStart(3)} passed  ${String(faults.length).padStart(3)} failed`
    say(
      `${faults.length > 0 ? 'x' : ' '} ${name.padEnd(width)}  ${counts}${isScored ? '' : '  not scored'}`,
    )
    for (const fault of faults) say(`    ${fault}`)
  }
}

function sum(scenarios: readonly Scenario[], of: (scenario: Scenario) => number): number {
  return scenarios.reduce((total, scenario) => total + of(scenario), 0)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
