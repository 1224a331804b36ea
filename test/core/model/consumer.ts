import t from 'tap'
import { lower } from '../../../core/manifest/lower.ts'
import { pinned } from '../../../core/manifest/pin.ts'
import { consumersIn, consumersOf, keyOf, textOf } from '../../../core/model/consumer.ts'
import type { AgentManifest } from '../../../core/model/generated/manifest.ts'

const date = { date: { capability: 'date' } }
const manifest: AgentManifest = {
  apiVersion: 'mcp-mesh.dev/v1',
  kind: 'Agent',
  metadata: { name: 'desk' },
  spec: {
    version: '1.0.0',
    policy: { timeout: '700ms' },
    tools: [
      { name: 'hello', handler: './h.ts', dependencies: date },
      { name: 'plain', handler: './h.ts' },
    ],
    resources: [
      { uri: 'docs://a', name: 'same', text: 'A' },
      { uri: 'docs://b', name: 'same', handler: './h.ts', dependencies: date },
    ],
    prompts: [
      { name: 'hello', text: 'Hello', dependencies: {} },
      {
        ...{ name: 'brief', handler: './h.ts' },
        dependencies: { date: [{ capability: 'date' }, { capability: 'other' }] },
      },
    ],
  },
}

t.test('every tool, and the resources and prompts that have dependencies', async t => {
  const agent = lower(manifest)
  t.strictSame(
    consumersOf(agent).map(({ kind, name, key, path }) => [kind, name, key, path.join('.')]),
    [
      ['tool', 'hello', 'hello', 'spec.tools.0'],
      ['tool', 'plain', 'plain', 'spec.tools.1'],
      ['resource', 'same', 'resource:same', 'spec.resources.1'],
      ['prompt', 'brief', 'prompt:brief', 'spec.prompts.1'],
    ],
  )
  for (const { key, dependencies } of consumersOf(agent)) {
    const alternatives = dependencies.flatMap(dependency => dependency.alternatives)
    for (const { timeoutMs } of alternatives) t.equal(timeoutMs, 700, `${key}: the agent's policy`)
  }
  t.equal(keyOf('tool', 'hello'), 'hello')
  t.equal(textOf({ kind: 'resource', name: 'same' }), 'resource "same"')
})

t.test('a manifest as it was written has the same', async t => {
  const withoutSlots = <C extends { dependencies: unknown }>({ dependencies, ...rest }: C) => {
    t.ok(dependencies)
    return rest
  }
  t.strictSame(
    consumersIn(manifest).map(withoutSlots),
    consumersOf(lower(manifest)).map(withoutSlots),
  )
  t.strictSame(
    consumersIn({ spec: { version: '1.0.0', expose: [{ agents: ['desk'] }] } }),
    [],
    'a gateway has none',
  )
})

t.test('each of them is held to mesh.lock', async t => {
  const tool = { version: '1.0.0', tags: [], description: '', inputSchema: {}, annotations: {} }
  const locked = pinned(manifest, {
    lockVersion: 1,
    tools: {
      'default/clock.date': { ...tool, capability: 'date', digest: 'sha256:1', outputSchema: {} },
    },
    uses: {},
  })
  const pins = { 'default/clock.date': 'sha256:1' }
  t.strictSame(
    consumersIn(locked).map(({ key, dependencies }) => [key, dependencies['date']]),
    [
      ['hello', { capability: 'date', pins }],
      ['plain', undefined],
      ['resource:same', { capability: 'date', pins }],
      [
        'prompt:brief',
        [
          { capability: 'date', pins },
          { capability: 'other', pins: {} },
        ],
      ],
    ],
  )
})
