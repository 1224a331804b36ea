/** What is sealed opens again for what it was sealed for, and for nothing else; and where the secret of it comes from. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createSealer } from '../../../runtime/mcp/seal.ts'
import { createSealing } from '../../../runtime/mcp/sealing.ts'
import { createLog } from '../../../runtime/telemetry/log.ts'

t.test('what is sealed can be opened, and not changed, read, kept or used elsewhere', async t => {
  const sealer = createSealer('secret')
  const text = JSON.stringify({ answer: 'für alle 😀' })
  const sealed = sealer.seal(text, 'this call', 60_000)
  t.equal(sealer.open(sealed, 'this call'), text)
  t.not(sealer.seal(text, 'this call', 60_000), sealed, 'no two are alike')
  t.equal(createSealer('secret').open(sealed, 'this call'), text, 'the same secret')
  t.equal(createSealer('another').open(sealed, 'this call'), undefined, 'another secret')
  t.equal(sealer.open(sealed, 'that call'), undefined, 'for something else')
  t.equal(sealer.open(sealer.seal(text, 'x', -1), 'x'), undefined, 'over')
  for (let i = 0; i < sealed.length; i++) {
    const other = sealed[i] === 'A' ? 'B' : 'A'
    t.equal(sealer.open(sealed.slice(0, i) + other + sealed.slice(i + 1), 'this call'), undefined)
  }
  for (const odd of ['', 'x', `${sealed}=`, `${sealed} `, ` ${sealed}`, sealed.slice(1)])
    t.equal(sealer.open(odd, 'this call'), undefined)
})

t.test('the secret is that of the manifest, else of MESH_HOME, else of the process', async t => {
  const lines: string[] = []
  const log = createLog('info', line => lines.push(line))
  const root = t.testdir({ blocked: '' })
  const home = join(root, 'home')
  const sealerOf = (MESH_HOME: string, secret?: string) =>
    createSealing({ secret, env: { MESH_HOME }, log })()
  const sealed = (await sealerOf(home)).seal('x', 'y', 60_000)
  const file = join(home, 'seal.key')
  t.equal(statSync(file).mode & 0o777, 0o600, 'nobody else reads it')
  t.equal((await sealerOf(home)).open(sealed, 'y'), 'x', 'the next process has the same')
  const given = (await sealerOf(home, 'given')).seal('x', 'y', 60_000)
  t.equal((await sealerOf(home)).open(given, 'y'), undefined)
  t.equal(createSealer('given').open(given, 'y'), 'x')
  const many = join(root, 'many')
  const [one, ...others] = await Promise.all(Array.from({ length: 8 }, () => sealerOf(many)))
  for (const other of others)
    t.equal(other.open(one!.seal('x', 'y', 60_000), 'y'), 'x', 'begun at one time')

  t.strictSame(lines, [])
  const own = await sealerOf(join(root, 'blocked'))
  t.equal(own.open(own.seal('x', 'y', 60_000), 'y'), 'x')
  writeFileSync(file, readFileSync(file).subarray(1))
  await sealerOf(home)
  t.equal(lines.length, 2, 'and the log says that it ends with the process')
})
