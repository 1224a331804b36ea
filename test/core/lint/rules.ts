/**
 * The corpus of meshes: each file of fixtures/meshes/invalid is a mesh that is named by its fault, with `# expect: CODE` at the end of
 * each line at which one has to be found, no more and no less. Those of valid/ have no finding at all.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { meshCheck } from '../../../core/lint/check-mesh.ts'
import { switchable } from '../../../core/lint/rules.ts'
import { renderDiagnostic } from '../../../core/manifest/diagnostic.ts'
import { loadManifests } from '../../../core/manifest/load.ts'

const fixtures = 'test/fixtures/meshes'
const meshesIn = (folder: string) =>
  readdirSync(join(fixtures, folder))
    .filter(name => name.endsWith('.mesh.yaml'))
    .sort()
const check = (file: string) => loadManifests([file], { compares: [meshCheck()] })

t.test('each fault of a mesh is found by its code at its line, and nothing else', async t => {
  const names = meshesIn('invalid')
  t.ok(names.length >= 120, `${names.length} faulty meshes`)
  const codes = new Set<string>()
  for (const name of names) {
    const file = join(fixtures, 'invalid', name)
    const expected = readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, i) =>
        (/# expect: (.+)$/.exec(line)?.[1] ?? '')
          .split(' ')
          .filter(Boolean)
          .map(code => `${i + 1} ${code}`),
      )
    const { diagnostics, sources } = await check(file)
    const found = diagnostics.map(({ line, code }) => `${line} ${code}`)
    const shown = diagnostics.map(d => renderDiagnostic(d, sources.get(d.file) ?? '')).join('\n')
    t.strictSame(found.sort(), expected.sort(), `${name}\n${shown}`)
    t.matchSnapshot(shown, name)
    const named = name.replaceAll('-', '_').toUpperCase()
    for (const { code } of diagnostics) codes.add(code)
    const isNamed = diagnostics.some(({ code }) => named.startsWith(code.replace('MESH_', '')))
    t.ok(isNamed || /^(many|beside)-/.test(name), `${name} is named by its code`)
  }
  const elsewhere = ['MESH_LOCK_DRIFTED', 'MESH_STEP_SHORT', 'MESH_CONSUMER_BROKEN']
  for (const code of switchable.filter(code => !elsewhere.includes(code)))
    t.ok(codes.has(code), `${code} has a mesh`)
})

t.test('a sound mesh has no finding', async t => {
  const names = meshesIn('valid')
  t.ok(names.length >= 60, `${names.length} sound meshes`)
  for (const name of names) {
    const { diagnostics, manifests } = await check(join(fixtures, 'valid', name))
    t.strictSame(diagnostics, [], name)
    t.ok(manifests.length > 0, `${name} has agents`)
  }
})

t.test('the agents of the examples and of the package have no finding', async t => {
  const { findManifests } = await import('../../../core/manifest/find-manifests.ts')
  const files = await findManifests(['examples'])
  const { diagnostics } = await loadManifests(files, { compares: [meshCheck()] })
  t.strictSame(diagnostics, [])
})
