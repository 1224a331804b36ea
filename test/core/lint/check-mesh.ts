/** What `meshctl validate` says of agents together: by the faults, and once as people see them. */
import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import t, { type Test } from 'tap'
import { graphFromFiles } from '../../../core/cli/graph/graph-from-files.ts'
import { meshCheck } from '../../../core/lint/check-mesh.ts'
import { lockOf } from '../../../core/lint/lock.ts'
import { meshChanges } from '../../../core/lint/mesh-changes.ts'
import { loadManifests } from '../../../core/manifest/load.ts'
import { lower } from '../../../core/manifest/lower.ts'
import type { Dependency } from '../../../core/model/generated/manifest.ts'
import type { Manifest } from '../../../core/model/manifest.ts'
import { cli } from '../../support/cli.ts'

/** Text of an agent; each tool is written as a flow mapping, its handler is added. */
const agentText = (name: string, tools: string[], more = '') => `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: ${name}${more} }
spec:
  version: 1.0.0
  tools:
${tools.map(tool => `    - { handler: ./h.js, ${tool} }\n`).join('')}`

const needs = (dependency: string) => `name: ask, dependencies: { it: ${dependency} }`
const asker = (dependency: string) => agentText('asker', [needs(dependency)])
const text = '{ type: object, properties: { text: { type: string } }, required: [text] }'
const number = '{ type: object, properties: { text: { type: number } }, required: [text] }'

async function faultsOf(t: Test, agents: string[]) {
  const dir = t.testdir({ 'h.js': 'export default () => 1\n' })
  const files = agents.map((text, i) => {
    const file = join(dir, `${i}.mesh.yaml`)
    writeFileSync(file, text)
    return file
  })
  const { manifests, diagnostics } = await loadManifests(files, { compares: [meshCheck()] })
  const shown = diagnostics.map(({ file, message, ...rest }) => ({
    ...rest,
    file: relative(dir, file),
    message: message.replaceAll(`${relative(process.cwd(), dir)}/`, ''),
  }))
  return { sound: manifests.length, shown }
}

t.test(
  'a required dependency that none of several agents fills is an error that says why each is out',
  async t => {
    const other = (tool: string, more = '') => agentText('other', [tool], more)
    const table: [string, string, string, string, RegExp][] = [
      [
        'nobody offers it',
        '{ capability: date }',
        other('name: dates'),
        'no agent in these files fills the required dependency "it": none offers "date"',
        /^write dates, give the file of the agent that fills it too, or write required: false$/,
      ],
      [
        'a tag',
        '{ capability: date, tags: [utc] }',
        other('name: date'),
        'no agent in these files fills the required dependency "it": default/other.date (1.mesh.yaml:7:26) is left out, it has no tag "utc"',
        /^change/,
      ],
      [
        'the namespace',
        '{ capability: date }',
        other('name: date', ', namespace: far'),
        'no agent in these files fills the required dependency "it": far/other.date (1.mesh.yaml:7:26) is left out, it is in namespace "far", not "default"',
        /^change/,
      ],
    ]
    for (const [name, dependency, provider, message, mend] of table) {
      const { sound, shown } = await faultsOf(t, [asker(dependency), provider])
      t.match(shown, [
        {
          code: 'MESH_DEPENDENCY_UNRESOLVED',
          severity: 'error',
          file: '0.mesh.yaml',
          ...{ line: 7, column: 53 },
          mend,
        },
      ])
      t.equal(shown[0]?.message, message, name)
      t.equal(sound, 1, 'an agent with an error is not sound')
    }
    const many = Array.from({ length: 5 }, (_, i) => agentText(`o${i}`, ['name: date']))
    const { shown } = await faultsOf(t, [asker('{ capability: date, tags: [utc] }'), ...many])
    t.match(shown[0]?.message, /default\/o2\.date [^;]*; and 2 more are$/, 'the nearest are named')
    const unmet = await faultsOf(t, [
      asker('{ capability: date, version: ^2 }'),
      ...many.slice(0, 1),
    ])
    t.match(unmet.shown, [
      {
        code: 'MESH_VERSION_UNMET',
        column: 86,
        message:
          'no offered version of "date" is in the range "^2" of the required dependency "it": default/o0.date 1.0.0 (1.mesh.yaml:7:9)',
        mend: 'write a range that takes 1.0.0, or give the file of an agent that offers a version in it',
      },
    ])
  },
)

t.test('the one provider that does not fit what is expected is an error in its place', async t => {
  const expects = `{ capability: say, expects: { outputSchema: ${text} } }`
  const say = (name: string, schema: string, more = '') =>
    agentText(name, [`name: say, outputSchema: ${schema}${more}`])
  const { sound, shown } = await faultsOf(t, [asker(expects), say('wrong', number)])
  t.match(shown, [
    {
      code: 'MESH_CONTRACT_MISMATCH',
      severity: 'error',
      file: '0.mesh.yaml',
      ...{ line: 7, column: 139 },
      message:
        /^of the agents in these files only default\/wrong\.say \(1\.mesh\.yaml:7:\d+\) could fill \"it\", but its result at "text" may be number, and string is taken$/,
    },
  ])
  t.equal(sound, 1)
  const listed = await faultsOf(t, [asker(`[{ capability: no }, ${expects}]`), say('a', number)])
  t.match(listed.shown, [{ code: 'MESH_CONTRACT_MISMATCH', column: 160 }])
  const two = await faultsOf(t, [asker(expects), say('a', number), say('b', number)])
  t.match(two.shown, [{ code: 'MESH_DEPENDENCY_UNRESOLVED', severity: 'error' }])
  t.match(two.shown[0]?.message, /a\.say .* left out, its result at "text"[^]*b\.say/)
})

t.test('what is filled, optional, alone, unknown or beside a broken file is no fault', async t => {
  const date = agentText('other', ['name: date'])
  const expects = `{ capability: say, expects: { outputSchema: ${text} } }`
  const server = date
    .replace('handler: ./h.js, name: date', 'name: say')
    .replace('  tools:', '  server: { command: [node, s.js] }\n  tools:')
  const table: Record<string, string[]> = {
    filled: [asker('{ capability: date }'), date],
    'filled by the second alternative': [asker('[{ capability: no }, { capability: date }]'), date],
    optional: [asker('{ capability: no, required: false }'), date],
    alone: [asker('{ capability: no }')],
    'a wrapped server, whose schemas nobody knows yet': [asker(expects), server],
  }
  for (const [name, agents] of Object.entries(table)) {
    const { sound, shown } = await faultsOf(t, agents)
    t.strictSame(shown, [], name)
    t.equal(sound, agents.length)
  }
  const broken = [asker('{ capability: date }'), date.replace('1.0.0', 'one'), server]
  t.match((await faultsOf(t, broken)).shown, [{ code: 'MESH_VERSION_INVALID' }])
})

t.test('people see it with its line, and the exit code is 3', async t => {
  const dir = t.testdir({ 'h.js': 'export default () => 1\n' })
  writeFileSync(join(dir, 'a.mesh.yaml'), asker('{ capability: date, version: ^2 }'))
  writeFileSync(join(dir, 'b.mesh.yaml'), agentText('other', ['name: date']))
  const { code, err } = await cli(['validate', dir])
  t.equal(code, 3, err)
  t.match(err, /a\.mesh\.yaml:7:86: error MESH_VERSION_UNMET: no offered version of "date"/)
  t.match(err, /\^\^\n  mend: write a range that takes 1\.0\.0[^\n]*\n1 agent is sound, 1 error$/)
})

t.test(
  'a chain of 10,000 agents is checked, locked and compared as any other mesh, and shown by its ends',
  t => {
    const written = { timeout: '20s', deadline: '20s', retries: { attempts: 2 } }
    const last = 9_999
    const member = (i: number, next: Dependency | undefined) => {
      const dependencies: Record<string, Dependency> = next ? { next } : {}
      const tool = { name: `c${i}`, handler: './h.js', timeout: '30s', dependencies }
      const manifest = {
        ...{ apiVersion: 'mcp-mesh.dev/v1' as const, kind: 'Agent' as const },
        ...{ metadata: { name: `a${i}` }, spec: { version: '1.0.0', tools: [tool] } },
      } satisfies Manifest
      return { agent: lower(manifest), manifest, policies: [] }
    }
    const chain = Array.from({ length: last + 1 }, (_, i) =>
      member(i, i < last ? { capability: `c${i + 1}`, ...written } : undefined),
    )
    const scene = { placeOf: () => 'there', isWhole: true }
    const faults = [...meshCheck()(chain, scene).values()].flat()
    // Four hops of two attempts are 16 calls; it is told once, at the hop by which it becomes too many.
    t.match(faults.filter(({ code }) => code === 'MESH_ATTEMPTS_MULTIPLIED').length, 1)
    const longest = Math.max(...faults.map(({ message }) => message.length))
    t.ok(longest < 1_000, `a message of ${longest} characters`)
    t.equal(Object.keys(lockOf(chain).uses).length, last)

    const closed = [...chain.slice(0, -1), member(last, { capability: 'c0' })]
    const found = [...meshCheck()(closed, scene).values()].flat()
    const [cycle, ...others] = found.filter(({ code }) => code === 'MESH_DEPENDENCY_CYCLE')
    t.strictSame(others, [])
    t.match(
      cycle?.message,
      /a0\.c0 -> default\/a1\.c1 .* -> \(9989 more\) -> .* -> default\/a0\.c0/,
    )

    const open = [...chain.slice(0, -1)]
    const { nodes } = graphFromFiles(open.map(({ agent }) => agent))
    const broken = nodes.flatMap(node => (node.kind === 'tool' ? (node.broken ?? '') : []))
    t.equal(new Set(broken).size, 1, 'each tells the edge that is broken, not the way to it')
    t.match(broken[0], /^a9998:c9998 needs next: no instance offers "c9999"/)
    const { moves } = meshChanges(chain, open)
    t.match(moves, [
      { consumer: 'default/a9998.c9998', from: 'default/a9999.c9999@1.0.0', to: undefined },
    ])
    t.end()
  },
)
