/** Which handlers are found to use OpenTelemetry's API, or not to. */
import t from 'tap'
import { packageFile } from '../../../core/model/package-file.ts'
import { mayUseApi } from '../../../runtime/telemetry/may-use-api.ts'

t.test('code that cannot reach the API is told from code that may', async t => {
  const dir = t.testdir({
    'plain.ts':
      "import { join } from 'node:path'\nimport fs from 'fs'\nexport const a = () => join('a')",
    'api.js': "import { trace } from '@opentelemetry/api'",
    'late.js': "export const a = async () => (await import('@opentelemetry/api')).trace",
    'deep.js': "export * from './inner.js'",
    'inner.js': "import one from 'one'",
    'clean.js': "import two from '@scope/two/sub.js'\nimport './plain.ts'",
    'computed.js': 'export const a = name => import(name)',
    'joined.js': "export const a = name => import('./' + name)",
    'required.cjs': "const { createRequire } = require('node:module')",
    'missing.js': "import './nowhere.js'",
    'unknown.js': "import 'not-installed'",
    'loop.js': "import './loop.js'",
    node_modules: {
      one: { 'package.json': '{ "name": "one", "dependencies": { "three": "1" } }' },
      three: {
        'package.json': '{ "name": "three", "peerDependencies": { "@opentelemetry/api": "1" } }',
      },
      '@scope': {
        two: { 'package.json': '{ "name": "two", "optionalDependencies": { "absent": "1" } }' },
      },
    },
  })
  const table: [string, boolean][] = [
    ...(['plain.ts', 'clean.js', 'loop.js'] as const).map((file): [string, boolean] => [
      file,
      false,
    ]),
    ...['api.js', 'late.js', 'deep.js', 'computed.js', 'joined.js', 'required.cjs'].map(
      (file): [string, boolean] => [file, true],
    ),
    ...['missing.js', 'unknown.js', 'absent.js'].map((file): [string, boolean] => [file, true]),
  ]
  for (const [file, expected] of table) {
    t.equal(await mayUseApi([`${dir}/${file}`]), expected, file)
  }
  t.equal(await mayUseApi([]), false)
  t.equal(await mayUseApi([`${dir}/plain.ts`, `${dir}/api.js`]), true)
})

t.test('the handlers of examples and benches do not use it', async t => {
  const files = ['bench/consumer/load.ts', 'bench/provider/echo.ts'].map(packageFile)
  t.equal(await mayUseApi(files), false)
})
