/** `meshctl plan` and `apply` against a real registry: what would move and break, all or nothing, pruning, rollback. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import { applyPlan } from '../../core/cli/plan/apply-plan.ts'
import { makePlan } from '../../core/cli/plan/make-plan.ts'
import type { AgentManifest } from '../../core/model/generated/manifest.ts'
import { cli } from '../support/cli.ts'
import { manifestOf, openRegistry, type ToolText } from '../support/registry.ts'

const string = { outputSchema: { type: 'string' } }
const integer = { outputSchema: { type: 'integer' } }
const asker = (version = '^1') =>
  manifestOf('asker', { ask: { needs: { day: { capability: 'date', version, expects: string } } } })
const clock = (tool: ToolText = string, version = '1.0.0') =>
  manifestOf('clock', { date: tool }, { version })

async function mesh(t: Test, applied: AgentManifest[] = []) {
  const registry = await openRegistry(t)
  for (const manifest of applied) await registry.client.apply(manifest)
  const env = { MESH_REGISTRY_URL: registry.url, MESH_HOME: t.testdir() }
  const textOf = (manifests: AgentManifest[]) =>
    manifests.map(each => stringify(each)).join('---\n')
  const run = (command: string, manifests: AgentManifest[], ...args: string[]) =>
    cli([command, '-f', '-', ...args], { env, input: textOf(manifests) })
  const state = async () =>
    (await registry.client.agents()).items.map(
      ({ metadata, spec }) => `${metadata.name} ${spec.version} (${metadata.generation})`,
    )
  return { ...registry, env, run, state }
}

t.test(
  'a plan says what is made, what moves, whom it breaks, and which version is wrong',
  async t => {
    const { run, state } = await mesh(t, [asker(), clock()])
    const before = await state()
    t.match(await run('plan', [asker(), clock()]), {
      code: 0,
      out: /^ {2}agent\/asker in namespace default is as it is \(generation 1\)\n[^]*0 to create, 0 to change, 0 to remove, 2 unchanged, 0 edges move, 0 consumers break$/,
    })
    const watch = manifestOf('watch', { date: string }, { version: '1.4.0' })
    const better = await run('plan', [watch])
    t.equal(better.code, 0)
    t.matchSnapshot(better.out, 'a better provider')
    const worse = await run('plan', [clock(integer)])
    t.equal(worse.code, 1)
    t.matchSnapshot(worse.out, 'another type')
    const { breaks, tools } = JSON.parse(
      (await run('plan', [clock(integer)], '-o', 'json')).out,
    ) as Record<string, object[]>
    t.match(breaks, [
      { consumer: 'default/asker.ask', dependency: 'day', from: 'default/clock.date@1.0.0' },
    ])
    t.match(tools, [{ name: 'default/clock.date', asked: 'major', least: '2.0.0' }])
    const loop = clock({ ...string, needs: { it: { capability: 'ask' } } })
    t.match(await run('plan', [loop]), {
      code: 1,
      out: /cycles:\n +required dependencies form a cycle/,
    })
    const pruned = await run('plan', [asker()], '--prune')
    t.match(pruned, {
      code: 1,
      out: /- agent\/clock in namespace default is removed[^]*it is gone/,
    })
    t.strictSame(await state(), before, 'a plan changes nothing')
  },
)

t.test('apply is for all files or none', async t => {
  const { run, state, client } = await mesh(t, [clock()])
  const loop = manifestOf('loop', { loop: { needs: { it: { capability: 'loop' } } } })
  const refused = await run('apply', [clock(string, '1.1.0'), loop])
  t.match(refused, { code: 3, err: /MESH_DEPENDENCY_CYCLE/ })
  t.strictSame(await state(), ['clock 1.0.0 (1)'], 'the one that was good is not applied either')
  t.match(await run('apply', [clock(string, '1.1.0'), asker()]), {
    code: 0,
    out: 'agent/clock configured (generation 2)\nagent/asker created (generation 1)',
  })
  // Somebody else changes an agent between the plan and its apply.
  const wanted = [manifestOf('new', { new: {} }), clock(string, '1.3.0')]
  const plan = await makePlan(wanted, client, { prunes: false })
  await client.apply(clock(string, '1.2.0'))
  await t.rejects(applyPlan(plan, client), { code: 'MESH_GENERATION_CONFLICT' })
  t.strictSame(await state(), ['asker 1.0.0 (1)', 'clock 1.2.0 (3)'], 'what was made is gone again')
})

t.test('what several files change together is judged together', async t => {
  const needs = (capability: string, required = true) => ({
    needs: { it: { capability, required } },
  })
  const a = (required: boolean) => manifestOf('a', { a: needs('b', required) })
  const b = (required: boolean) => manifestOf('b', { b: needs('a', required) })
  const { run, state } = await mesh(t, [a(true), b(false)])
  // Each alone would close the circle, in this order.
  t.match(await run('apply', [b(true), a(false)]), { code: 0 })
  t.strictSame(await state(), ['a 1.0.0 (2)', 'b 1.0.0 (2)'])
})

t.test(
  '--prune removes what was applied here and is not in the files, and nothing else',
  async t => {
    const far = manifestOf('far', { far: {} }, { namespace: 'far' })
    const { run, state, join } = await mesh(t, [clock(), asker(), far])
    await join(manifestOf('guest', { guest: {} }))
    t.match(await run('apply', [clock()], '--prune', '--dry-run'), {
      code: 0,
      out: /agent\/asker removed \(generation 1\) \(dry run\)/,
    })
    t.equal((await state()).length, 4)
    t.match(await run('apply', [clock()], '--prune'), { code: 0, out: /^agent\/asker removed/m })
    t.strictSame(await state(), ['clock 1.0.0 (1)', 'guest 1.0.0 (1)', 'far 1.0.0 (1)'])
  },
)

t.test('--atomic takes all back where an agent does not become Ready', async t => {
  const { run, state, join } = await mesh(t, [clock()])
  await join(clock()) // it never follows: nobody is behind it
  const wanted = [clock(string, '1.1.0'), asker()]
  const failed = await run('apply', wanted, '--atomic', '--timeout', '300ms')
  t.match(failed, {
    code: 1,
    err: /all was taken back\nerror MESH_WAIT_ELAPSED: clock-\w+ did not follow generation 2/,
  })
  t.strictSame(await state(), ['clock 1.0.0 (3)'], 'as a new generation, as a rollback is')
  t.match(
    await run('apply', [asker()], '--atomic'),
    { code: 0 },
    'one without instances has nobody to wait for',
  )
})

t.test('an apply that breaks a consumer is refused, and with --force told of', async t => {
  const { run, state } = await mesh(t, [clock(), asker()])
  const before = await state()
  t.match(await run('apply', [clock(integer)]), {
    code: 3,
    err: /MESH_CONSUMER_BROKEN: a consumer would break[^]*default\/asker\.ask "day" breaks[^]*--force/,
  })
  t.match(await run('apply', [clock(integer)], '--dry-run'), { code: 0, err: /^warning: / })
  t.strictSame(await state(), before)
  t.match(await run('apply', [clock(integer)], '--force'), {
    code: 0,
    err: /^warning: default\/asker\.ask "day" breaks: default\/clock\.date@1\.0\.0 filled it/,
  })
})

t.test('what cannot be taken back is named', async t => {
  const { client, state } = await mesh(t, [clock(), asker()])
  const changed = [clock(string, '1.1.0'), { ...asker('>=1'), spec: asker('>=1').spec }]
  const plan = await makePlan(changed, client, { prunes: false })
  const registry = {
    ...client,
    async apply(...args: Parameters<typeof client.apply>) {
      if (args[0].metadata.name === 'clock') return client.apply(...args)
      // In between somebody removes the first one and changes the second.
      await client.deleteAgent('default', 'clock')
      await client.apply(asker('*'))
      return client.apply(...args)
    },
  }
  await t.rejects(applyPlan(plan, registry), {
    code: 'MESH_ROLLBACK_FAILED',
    message: /generation[^]*and not all could be taken back/,
    details: { lines: [/^agent\/clock in namespace default: /] },
  })
  t.strictSame(await state(), ['asker 1.0.0 (2)'], 'what others did stays')
})

t.test('validate --against a registry knows what runs there', async t => {
  const { env, url } = await mesh(t, [clock(), asker()])
  const dir = t.testdir({ 'h.js': 'export default () => 1' })
  const file = join(dir, 'mesh.yaml')
  const own = (manifest: AgentManifest) =>
    writeFileSync(file, stringify(manifest).replaceAll('./handler.ts', './h.js'))
  own(manifestOf('mine', { mine: { needs: { day: { capability: 'date' } } } }))
  t.match(await cli(['validate', file, '--against', 'registry'], { env }), { code: 0 })
  own(manifestOf('mine', { mine: { needs: { day: { capability: 'year' } } } }))
  t.match(await cli(['validate', file, '--against', url], { env: {} }), {
    code: 3,
    err: /MESH_DEPENDENCY_UNRESOLVED[^]*none offers "year"/,
  })
  own(clock(integer, '2.0.0'))
  t.match(await cli(['validate', file, '--against', 'registry'], { env }), {
    code: 3,
    err: /MESH_CONSUMER_BROKEN: default\/asker\.ask in the registry needs "day"/,
  })
})
