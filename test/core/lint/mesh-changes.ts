/** What is told of a mesh that becomes another: tools, the step they ask for, and who is filled by whom. */
import t from 'tap'
import { brokenOf, meshChanges } from '../../../core/lint/mesh-changes.ts'
import { lower } from '../../../core/manifest/lower.ts'
import type { AgentManifest } from '../../../core/model/generated/manifest.ts'
import { manifestOf, type ToolText } from '../../support/registry.ts'

const members = (...manifests: AgentManifest[]) =>
  manifests.map(manifest => ({ agent: lower(manifest), manifest, policies: [] }))
const result = (type: string): ToolText => ({ outputSchema: { type } })
const clock = (tool: ToolText = result('string'), version = '1.0.0', name = 'clock') =>
  manifestOf(name, { date: { capability: 'date', ...tool } }, { version })
const asker = (required = true, version = '*') =>
  manifestOf('asker', {
    ask: {
      needs: {
        day: {
          capability: 'date',
          required,
          version,
          expects: { outputSchema: { type: 'string' } },
        },
      },
    },
  })

t.test('what is the same is no change, and what is new is no move', t => {
  t.strictSame(meshChanges(members(asker(), clock()), members(asker(), clock())), {
    tools: [],
    moves: [],
  })
  t.strictSame(meshChanges(members(clock()), members(clock(), asker())), { tools: [], moves: [] })
  t.strictSame(meshChanges([], members(clock())), { tools: [], moves: [] })
  t.end()
})

t.test('a changed tool asks for its step, and a version that says less is told the least', t => {
  const table: [ToolText, string, string, string | undefined][] = [
    [{ outputSchema: { type: 'integer' } }, '1.0.0', 'major', '2.0.0'],
    [{ outputSchema: { type: 'integer' } }, '1.1.0', 'major', '2.0.0'],
    [{ outputSchema: { type: 'integer' } }, '2.0.0', 'major', undefined],
    [{ ...result('string'), description: 'In other words.' }, '1.0.0', 'patch', '1.0.1'],
    [{ ...result('string'), description: 'In other words.' }, '1.0.1', 'patch', undefined],
  ]
  for (const [tool, version, asked, least] of table) {
    const { tools } = meshChanges(members(clock()), members(clock(tool, version)))
    t.equal(tools.length, 1)
    t.match(tools[0], { name: 'default/clock.date', before: '1.0.0', after: version, asked })
    t.equal(tools[0]?.least, least, `${version} for a ${asked} step`)
  }
  t.end()
})

t.test('a dependency moves to whom it leads to then, and breaks where that is nobody', t => {
  const before = members(asker(), clock())
  const move = {
    consumer: 'default/asker.ask',
    dependency: 'day',
    from: 'default/clock.date@1.0.0',
  }
  const better = clock(result('string'), '1.4.0', 'watch')
  const moved = meshChanges(before, members(asker(), clock(), better))
  t.match(moved.moves, [{ ...move, to: 'default/watch.date@1.4.0', isRequired: true }])
  t.strictSame(brokenOf(moved), [])

  const gone = meshChanges(before, members(asker()))
  t.match(brokenOf(gone), [{ ...move, to: undefined, reason: 'it is gone' }])

  const other = meshChanges(before, members(asker(), clock(result('integer'), '2.0.0')))
  t.match(brokenOf(other), [{ ...move, reason: /may be integer, and string is taken/ }])

  const optional = meshChanges(members(asker(false), clock()), members(asker(false)))
  t.match(optional.moves, [{ ...move, to: undefined, isRequired: false }])
  t.strictSame(brokenOf(optional), [], 'what may be missing breaks nobody')

  const narrowed = meshChanges(before, members(asker(true, '^2'), clock()))
  t.match(
    brokenOf(narrowed),
    [{ ...move, reason: /1\.0\.0 is not in/ }],
    'the consumer asks for more',
  )

  const hour = manifestOf('asker', { ask: { needs: { day: { capability: 'hour' } } } })
  const asks = meshChanges(before, members(hour, clock()))
  const reason = 'it asks for "hour" now, which nothing offers'
  t.match(brokenOf(asks), [{ ...move, reason }], 'the provider is there, and is not what is wanted')
  const watch = manifestOf('watch', { hour: {} }, { version: '1.0.0' })
  const late = manifestOf('asker', {
    ask: { needs: { day: [{ capability: 'hour', version: '^2' }, { capability: 'minute' }] } },
  })
  t.match(brokenOf(meshChanges(before, members(late, clock(), watch))), [
    {
      ...move,
      reason:
        /^it asks for "hour" or "minute" now, which default\/watch\.hour@1\.0\.0 offers, but .*1\.0\.0 is not in/,
    },
  ])
  const renamed = clock({ ...result('string'), capability: 'hour' })
  t.match(brokenOf(meshChanges(before, members(asker(), renamed))), [
    { ...move, reason: 'it offers "hour" in place of "date"' },
  ])
  t.end()
})

t.test('a resource and a prompt that need what goes break as a tool does', t => {
  const needs = { dependencies: { day: { capability: 'date' } } }
  const desk = manifestOf('desk', { idle: {} })
  const offers = {
    ...desk.spec,
    resources: [{ uri: 'docs://a', name: 'report', handler: './h.ts', ...needs }],
    prompts: [{ name: 'brief', handler: './h.ts', ...needs }],
  }
  const consumer = { ...desk, spec: offers }
  const changes = meshChanges(members(consumer, clock()), members(consumer))
  t.match(
    brokenOf(changes).map(({ consumer, from }) => [consumer, from]),
    [
      ['default/desk.resource:report', 'default/clock.date@1.0.0'],
      ['default/desk.prompt:brief', 'default/clock.date@1.0.0'],
    ],
  )
  t.end()
})

t.test('equal providers are one place: all of them are named', t => {
  const twins = [clock(), clock(result('string'), '1.0.0', 'twin')]
  const { moves } = meshChanges(members(asker(), ...twins), members(asker(), clock()))
  t.match(moves, [
    {
      from: 'default/clock.date@1.0.0, default/twin.date@1.0.0',
      to: 'default/clock.date@1.0.0',
    },
  ])
  t.end()
})
