import t from 'tap'
import { lower } from '../../../core/manifest/lower.ts'
import { consumersIn, consumersOf, textOf } from '../../../core/model/consumer.ts'
import type { Manifest } from '../../../core/model/manifest.ts'

const manifest: Manifest = {
  apiVersion: 'mcp-mesh.dev/v1',
  kind: 'Agent',
  metadata: { name: 'desk' },
  spec: {
    version: '1.0.0',
    tools: [
      { name: 'hello', handler: './hello.ts', dependencies: { date: { capability: 'date' } } },
      { name: 'plain', handler: './hello.ts' },
    ],
  },
}

t.test('names every tool, with its place in the manifest', async t => {
  const consumers = consumersOf(lower(manifest))
  t.strictSame(
    consumers.map(({ key, path, dependencies }) => [key, path, dependencies.map(d => d.name)]),
    [
      ['hello', ['spec', 'tools', 0], ['date']],
      ['plain', ['spec', 'tools', 1], []],
    ],
  )
  t.equal(textOf({ kind: 'tool', name: 'hello' }), 'tool "hello"')
})

t.test('finds the same in a manifest as it was written', async t => {
  const written = consumersIn(manifest)
  const strip = ({ kind, name, key, path }: (typeof written)[number]) => ({ kind, name, key, path })
  t.strictSame(
    written.map(strip),
    consumersOf(lower(manifest)).map(({ kind, name, key, path }) => ({ kind, name, key, path })),
  )
})
