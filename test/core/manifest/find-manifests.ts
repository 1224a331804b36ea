/** Paths as people type them: files, folders, patterns. */
import { relative } from 'node:path'
import t from 'tap'
import { findManifests } from '../../../core/manifest/find-manifests.ts'
import { hasCode, MeshError } from '../../../core/model/error.ts'

const dir = t.testdir({
  a: { 'mesh.yaml': '', 'other.yaml': '', handlers: { 'h.ts': '' } },
  b: { 'mesh.yml': '', 'second.mesh.yaml': '' },
  '.hidden': { 'mesh.yaml': '' },
  node_modules: { x: { 'mesh.yaml': '' } },
  empty: {},
  'we[i]rd.yaml': '',
})
const found = async (...paths: string[]) => {
  const files = await findManifests(paths.map(path => `${dir}/${path}`))
  return files.map(file => relative(dir, file).replaceAll('\\', '/'))
}
const refusal = async (path: string) => {
  const error = await findManifests([path]).catch((e: unknown) => e)
  return hasCode(error, 'MESH_FILE_MISSING') ? [error.message, error.mend] : error
}

t.test('a file is taken as it is, a folder gives what stands below it, each once', async t => {
  t.strictSame(await found('a/other.yaml'), ['a/other.yaml'])
  t.strictSame(await found('.'), ['a/mesh.yaml', 'b/mesh.yml', 'b/second.mesh.yaml'])
  t.strictSame(await found('b', 'a', 'a/mesh.yaml', './a'), [
    'b/mesh.yml',
    'b/second.mesh.yaml',
    'a/mesh.yaml',
  ])
  t.strictSame(await found('.hidden'), ['.hidden/mesh.yaml'])
})

t.test('a pattern gives what it matches', async t => {
  t.strictSame(await found('*/mesh.yaml'), ['a/mesh.yaml'])
  t.strictSame(await found('**/*.{yaml,yml}'), [
    'a/mesh.yaml',
    'a/other.yaml',
    'b/mesh.yml',
    'b/second.mesh.yaml',
    'we[i]rd.yaml',
  ])
  t.strictSame(await found('[!b]/o?her.yaml'), ['a/other.yaml'])
  t.strictSame(
    await found('we[i]rd.yaml'),
    ['we[i]rd.yaml'],
    'a file of that very name comes first',
  )
})

t.test('what is not there is named, with what may have been meant', async t => {
  t.strictSame(await refusal(`${dir}/a/mesh.yml`), [
    `"${dir}/a/mesh.yml" does not exist`,
    `write ${dir}/a/mesh.yaml`,
  ])
  t.match(await refusal(`${dir}/empty`), [/holds no manifest/, /add .*mesh\.yaml/])
  t.match(await refusal(`${dir}/*/nothing.yaml`), [/matches no file/])
  t.match(await refusal(`${dir}/nowhere/*.yaml`), [/matches no file/])
  t.match(await refusal(`${dir}/qqq`), [/does not exist/, /write the path/])
  t.ok(new MeshError('MESH_FILE_MISSING', 'x').exit === 3)
})
