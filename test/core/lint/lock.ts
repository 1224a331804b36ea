/** mesh.lock: its text, what it refuses, and each kind of change with the step that it asks for and whom it breaks. */
import t from 'tap'
import { driftOf } from '../../../core/lint/lock-drift.ts'
import { lockOf, lockText } from '../../../core/lint/lock.ts'
import { readLock } from '../../../core/manifest/lock-file.ts'
import { pinned } from '../../../core/manifest/pin.ts'
import { isEnough, stepBetween, versionAfter } from '../../../core/lint/tool-changes.ts'
import { lower } from '../../../core/manifest/lower.ts'
import type { AgentManifest } from '../../../core/model/generated/manifest.ts'
import { manifestOf, type ToolText } from '../../support/registry.ts'

const memberOf = (manifest: AgentManifest) => ({ agent: lower(manifest), manifest, policies: [] })
const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })
const string = { type: 'string' }

const say: ToolText = {
  version: '1.2.3',
  description: 'Says.',
  tags: ['fast'],
  inputSchema: object({ name: string, zone: string }),
  outputSchema: object({ text: string, size: { type: 'integer' } }, { required: ['text'] }),
  annotations: { idempotentHint: true },
}
const expects = { outputSchema: object({ text: string }, { required: ['text'] }) }
const asker = manifestOf('asker', {
  ask: { needs: { it: { capability: 'say', version: '^1', expects } } },
})
const mesh = (tool: ToolText) => [memberOf(asker), memberOf(manifestOf('speaker', { say: tool }))]
const lock = lockOf(mesh(say))

const withoutOutput: ToolText = { ...say }
delete withoutOutput.outputSchema
const driftOfTool = (changes: ToolText) =>
  driftOf(lock, mesh(changes === withoutOutput ? changes : { ...say, ...changes }))
const messagesOf = (changes: ToolText) =>
  driftOfTool(changes).findings.map(
    ({ fault: { code, message, mend } }) => `${code}: ${message}\n  mend: ${mend}`,
  )

t.test('the text is canonical and reads back', async t => {
  t.matchSnapshot(lockText(lock))
  t.strictSame(lockText(readLock(lockText(lock), 'mesh.lock')), lockText(lock))
  t.strictSame(lockText(lockOf(mesh(say).reverse())), lockText(lock), 'whatever the order of files')
  t.strictSame(driftOf(readLock(lockText(lock), 'mesh.lock'), mesh(say)), {
    findings: [],
    gone: [],
  })
})

t.test('what fills a dependency of a resource is locked, and told where it changes', async t => {
  const reader = manifestOf('reader', { idle: {} })
  const needs = { dependencies: { it: { capability: 'say' } } }
  const resources = [{ uri: 'docs://a', name: 'report', handler: './h.ts', ...needs }]
  const consumer = memberOf({ ...reader, spec: { ...reader.spec, resources } })
  const own = lockOf([consumer, ...mesh(say)])
  t.strictSame(own.uses['default/reader.resource:report/it'], ['default/speaker.say@1.2.3'])
  const other = memberOf(manifestOf('other', { say: { ...say, version: '2.0.0' } }))
  const { findings } = driftOf(own, [consumer, ...mesh(say), other])
  const [found] = findings.filter(({ member }) => member === consumer)
  t.match(found?.fault, {
    code: 'MESH_LOCK_DRIFTED',
    path: ['spec', 'resources', 0, 'dependencies', 'it'],
    message: /filled by default\/other\.say@2\.0\.0; mesh\.lock has default\/speaker\.say@1\.2\.3/,
  })
})

t.test('a change is told with the step that it asks for, and whom it breaks', async t => {
  const table: [string, ToolText][] = [
    ['words only', { description: 'Says it.' }],
    [
      'words of a schema',
      { inputSchema: object({ name: string, zone: { ...string, description: 'IANA' } }) },
    ],
    [
      'an optional argument more',
      { inputSchema: object({ name: string, zone: string, day: string }) },
    ],
    [
      'a required argument more',
      { inputSchema: object({ name: string, zone: string, day: string }, { required: ['day'] }) },
    ],
    ['an argument less', { inputSchema: object({ name: string }) }],
    [
      'an argument of another type',
      { inputSchema: object({ name: { type: 'integer' }, zone: string }) },
    ],
    [
      'a field more',
      {
        outputSchema: object(
          { text: string, size: { type: 'integer' }, at: string },
          { required: ['text'] },
        ),
      },
    ],
    ['an optional field less', { outputSchema: object({ text: string }, { required: ['text'] }) }],
    ['a required field less', { outputSchema: object({ size: { type: 'integer' } }) }],
    [
      'a field of another type',
      {
        outputSchema: object(
          { text: { type: 'number' }, size: { type: 'integer' } },
          { required: ['text'] },
        ),
      },
    ],
    ['no output schema', withoutOutput],
    ['a tag less', { tags: [] }],
    ['a tag more', { tags: ['fast', 'new'] }],
    ['a hint less', { annotations: {} }],
    ['another capability', { capability: 'speak' }],
    ['a version alone', { version: '1.2.4' }],
    ['a version out of the range', { version: '2.0.0' }],
    ['a version back', { version: '1.2.2', description: 'Says it.' }],
  ]
  for (const [name, changes] of table) t.matchSnapshot(messagesOf(changes).join('\n'), name)
})

t.test('a version that says enough is no fault of its own', async t => {
  const codes = (changes: ToolText) => driftOfTool(changes).findings.map(({ fault }) => fault.code)
  const minor: ToolText = { inputSchema: object({ name: string, zone: string, day: string }) }
  t.ok(codes({ ...minor, version: '1.2.4' }).includes('MESH_STEP_SHORT'))
  t.notOk(codes({ ...minor, version: '1.3.0' }).includes('MESH_STEP_SHORT'))
  t.notOk(codes({ description: 'Says it.', version: '1.2.4' }).includes('MESH_STEP_SHORT'))
})

t.test('steps of versions', async t => {
  const table: [string, string, string | undefined][] = [
    ['1.2.3', '1.2.4', 'patch'],
    ['1.2.3', '1.3.0', 'minor'],
    ['1.2.3', '2.0.0', 'major'],
    ['1.2.3', '1.2.3', 'none'],
    ['0.2.0', '0.3.0', 'major'],
    ['0.2.0', '0.2.1', 'minor'],
    ['1.0.0-rc.1', '1.0.0', 'major'],
    ['2.0.0', '1.9.9', undefined],
  ]
  for (const [a, b, step] of table) t.equal(stepBetween(a, b), step, `${a} -> ${b}`)
  for (const [a, step, b] of [
    ['1.2.3', 'patch', '1.2.4'],
    ['1.2.3', 'minor', '1.3.0'],
    ['1.2.3', 'major', '2.0.0'],
    ['0.2.3', 'major', '0.3.0'],
    ['0.2.3', 'minor', '0.2.4'],
  ] as const) {
    t.equal(versionAfter(a, step), b)
    t.ok(isEnough(stepBetween(a, b), step), 'what is proposed is enough')
  }
})

t.test('tools and uses that come and go', async t => {
  const gone = driftOf(lock, [memberOf(asker)])
  t.match(gone.gone, [
    { name: 'default/speaker.say', message: /no longer there; it filled default\/asker.ask\/it$/ },
  ])
  const rival = memberOf(manifestOf('rival', { say: { ...say, version: '1.9.0' } }))
  const moved = driftOf(lock, [...mesh(say), rival]).findings.map(({ fault }) => fault.message)
  t.strictSame(moved, [
    '"it" is filled by default/rival.say@1.9.0; mesh.lock has default/speaker.say@1.2.3',
    'default/rival.say is not in mesh.lock',
  ])
})

t.test('a lock that is none is refused with the reason', async t => {
  const text = lockText(lock)
  const table: [string, RegExp][] = [
    ['', /is no JSON/],
    [`<<<<<<< ours\n${text}`, /holds the marks of a merge/],
    ['{}', /has no lockVersion 1/],
    ['{ "lockVersion": 2, "tools": {}, "uses": {} }', /has no lockVersion 1/],
    ['{ "lockVersion": 1 }', /has no tools and uses/],
    [
      '{ "lockVersion": 1, "tools": { "a/b.c": {} }, "uses": {} }',
      /no whole description of a\/b.c/,
    ],
    ['{ "lockVersion": 1, "tools": {}, "uses": { "x": 1 } }', /no list of tools for x/],
    [text.replace('1.2.3', '1.2.4'), /changed by hand: the digest of default\/speaker.say/],
  ]
  for (const [broken, message] of table)
    t.throws(() => readLock(broken, 'mesh.lock'), { code: 'MESH_LOCK_INVALID', message })
})

t.test('a manifest that is pinned names the tools of the lock with their digests', async t => {
  const consumer = manifestOf('late', {
    x: { needs: { greeting: { capability: 'say' }, other: { capability: 'unknown' } } },
  })
  const { spec } = pinned(consumer, lock)
  const digests = Object.entries(lock.tools).flatMap(([name, { capability, digest }]) =>
    capability === 'say' ? [[name, digest] as const] : [],
  )
  t.ok(digests.length > 0)
  t.match(spec.tools?.[0]?.dependencies, {
    greeting: { capability: 'say', pins: Object.fromEntries<string>(digests) },
    other: { pins: {} },
  })
  t.strictSame(pinned(pinned(consumer, lock), lock), pinned(consumer, lock))
})
