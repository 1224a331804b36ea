/** Named policies with real processes: a set of files is started, a changed policy is followed by the next call, no restart. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createMesh } from '../support/mesh.ts'

const policy = (deadline: string) => `apiVersion: mcp-mesh.dev/v1
kind: CallPolicy
metadata: { name: house }
spec: { timeout: ${deadline}, deadline: ${deadline} }
`
const manifest = (name: string, spec: string) => `apiVersion: mcp-mesh.dev/v1
kind: Agent
metadata: { name: ${name} }
spec:
  version: 1.0.0
${spec}`

t.test('a running agent takes a changed policy with its next call', async t => {
  const mesh = await createMesh(t)
  const slow = mesh.write('slow', {
    'mesh.yaml': manifest('slow', '  tools: [{ name: slow, handler: ./slow.js }]\n'),
    'slow.js': `export default () => new Promise(resolve => setTimeout(resolve, 1000, 'done'))`,
  })
  const caller = mesh.write('caller', {
    'mesh.yaml': manifest(
      'caller',
      `  policy: house
  tools:
    - name: ask
      handler: ./ask.js
      dependencies: { slow: { capability: slow } }
`,
    ),
    'ask.js': `export default async (args, { slow }) => ({ answer: await slow({}), pid: process.pid })`,
  })
  const policies = mesh.write('policies', { 'policies.mesh.yaml': policy('20s') })
  const set = [slow, caller, policies]
  const files = set.flatMap(folder => ['-f', folder])

  const started = mesh.spawn(['start', ...set])
  await started.sees(/mesh is ready: 2 agents/)
  const call = () => mesh.meshctl(['call', 'caller:ask', '{}'])
  const first = await call()
  t.equal(first.code, 0, first.stderr)
  const { answer, pid } = JSON.parse(first.stdout) as { answer: string; pid: number }
  t.equal(answer, 'done')

  const field = async (name: string, ...more: string[]) => {
    const { stdout } = await mesh.meshctl(['explain', 'caller.ask.slow', '-o', 'json', ...more])
    const { alternatives } = JSON.parse(stdout) as {
      alternatives: { policy: { field: string; value: unknown; from: string }[] }[]
    }
    return alternatives[0]!.policy.find(one => one.field === name)
  }
  t.match(await field('deadline'), { value: '20s', from: 'agent policy' })
  t.match(await field('deadline', ...files), {
    value: '20s',
    from: /^CallPolicy house \(.*policies\.mesh\.yaml:3\)$/,
  })
  t.match(await field('balance'), { value: 'auto', from: 'CallPolicy default (shipped)' })

  writeFileSync(join(policies, 'policies.mesh.yaml'), policy('200ms'))
  const alone = await mesh.meshctl(['apply', '-f', policies])
  t.equal(alone.code, 2)
  t.match(
    alone.stderr,
    /describes no agent; a CallPolicy takes effect with the agents that name it/,
  )
  const differs = await mesh.meshctl(['diff', ...files])
  t.equal(differs.code, 1)
  t.match(differs.stdout, /-\s+deadline: 20s[^]*\+\s+deadline: 200ms/)
  const applied = await mesh.meshctl(['apply', ...files, '--wait'])
  t.equal(applied.code, 0, applied.stderr)
  t.match(applied.stdout, /agent\/caller configured/)
  const cut = await call()
  t.not(cut.code, 0)
  t.match(cut.stdout + cut.stderr, /200ms/)

  writeFileSync(join(policies, 'policies.mesh.yaml'), policy('15s'))
  t.equal((await mesh.meshctl(['apply', ...files, '--wait'])).code, 0)
  const last = await call()
  t.strictSame(JSON.parse(last.stdout), { answer: 'done', pid }, 'the same process')

  for (const [word, mend] of [
    ['caler.ask.slow', /did you mean "caller"/],
    ['caller.ask.slwo', /did you mean "slow"/],
    ['caller.aks.slow', /did you mean "ask"/],
  ] as const) {
    const { code, stderr } = await mesh.meshctl(['explain', word])
    t.equal(code, 4, word)
    t.match(stderr, mend)
  }
  t.match(readFileSync(join(caller, 'mesh.yaml'), 'utf8'), 'policy: house')
  t.equal((await started.stop()).code, 0)
})
