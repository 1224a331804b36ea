/** The layers together, in their order; each alone stands in the file of its name. */
import t from 'tap'
import { isDialable } from '../../../core/model/dialable.ts'
import { layersOf } from '../../../runtime/proxy/policy-stack.ts'
import { figuresOf } from '../../../runtime/proxy/edge.ts'
import { MeshError } from '../../../core/model/error.ts'
import { hideSecrets } from '../../../runtime/proxy/hide-secrets.ts'
import { Cancellation } from '../../../runtime/proxy/cancellation.ts'
import { createLoad } from '../../../runtime/proxy/load.ts'
import { RetryBudget } from '../../../runtime/proxy/retry-budget.ts'
import { decodeValue, encodeValue } from '../../../runtime/proxy/values.ts'
import { Edge } from '../../../runtime/proxy/edge.ts'
import {
  answer,
  endpoint,
  fail,
  hang,
  plain,
  request,
  result,
  retries,
  stacked,
} from '../../support/layers.ts'

t.test('the order of layers, and none for what the policy leaves out', async t => {
  const names = (policy: Partial<typeof plain>, isRepeatable = true) =>
    layersOf(
      { ...plain, ...policy },
      {
        ...{ edge: new Edge('e'), load: createLoad(), budget: new RetryBudget() },
        endpoints: [endpoint('a', { isRepeatable }), endpoint('b', { isRepeatable })],
      },
    ).map(([name]) => name)
  t.strictSame(names({}), ['metering', 'deadline', 'pick', 'attemptTimeout'])
  const all = {
    ...{ retries: retries(), hedge: { afterMs: 1 }, breaker: { failures: 1, openMs: 1 } },
    concurrency: { max: 1, queue: 1 },
  }
  const inner = ['pick', 'attemptTimeout']
  const outer = ['metering', 'deadline', 'bulkhead', 'breaker', 'retry']
  t.strictSame(names(all), [...outer, 'hedge', ...inner])
  t.strictSame(names(all, false), [...outer, ...inner], 'nothing here may be hedged')
})

t.test('the attempt timeout aborts an attempt, the deadline the call', async t => {
  const slow = stacked({ timeoutMs: 30, deadlineMs: 2_000 }, [endpoint('a')], hang)
  await t.rejects(slow.call(request()), {
    code: 'MESH_TIMEOUT_ELAPSED',
    message: /a\.x -> d: http:\/\/a\/mcp .* 30ms/,
  })
  const late = stacked({ timeoutMs: 2_000, deadlineMs: 30 }, [endpoint('a')], hang)
  await t.rejects(late.call(request()), {
    code: 'MESH_DEADLINE_EXCEEDED',
    message: /a\.x -> d: .* 30ms/,
  })
  const rest = stacked({}, [endpoint('a')], hang)
  const left = request({ expiresAt: performance.now() + 30 })
  await t.rejects(rest.call(left), { code: 'MESH_DEADLINE_EXCEEDED', message: /left to this call/ })
  await t.rejects(rest.call(request({ expiresAt: 0 })), { code: 'MESH_DEADLINE_EXCEEDED' })
  t.equal(rest.seen.length, 1, 'a call without time is not sent')
})

t.test('a cancelled caller gets its own reason, and nothing is tried again', async t => {
  const caller = new Cancellation()
  const reason = new Error('gone')
  const endpoints = [endpoint('a', { isRepeatable: true }), endpoint('b', { isRepeatable: true })]
  const all = { retries: retries({ on: ['unavailable', 'timeout'] }), hedge: { afterMs: 5_000 } }
  const { call, seen } = stacked(all, endpoints, hang)
  const calling = call(request({ signal: caller }))
  caller.abort(reason)
  await t.rejects(calling, reason)
  await t.rejects(call(request({ signal: caller })), reason)
  t.equal(seen.length, 1)
})

t.test('what an edge has come to, in figures', async t => {
  let fails = 0
  const { call, edge, seen } = stacked(
    { retries: retries({ backoff: { initialMs: 1, maxMs: 1 } }) },
    [endpoint('a'), endpoint('b')],
    request => {
      if (fails-- > 0) return fail('MESH_ENDPOINT_UNREACHABLE')(request)
      return seen.length > 3
        ? Promise.resolve({ content: [], isError: true })
        : Promise.resolve(result)
    },
  )
  edge.capability = 'dates'
  await call(request())
  fails = 1
  await call(request()) // twice
  await call(request()) // the tool's own error
  fails = 3
  await t.rejects(call(request()), { code: 'MESH_ENDPOINT_UNREACHABLE' })
  const { latency, ...figures } = figuresOf(edge)
  t.strictSame(figures, {
    ...{ edge: 'a.x -> d', capability: 'dates', calls: 4, inFlight: 0, attempts: 7, retries: 3 },
    ...{ hedges: 0, ejections: 0, waiting: 0, breaker: 'closed' },
    errors: { MESH_TOOL_FAILED: 1, MESH_ENDPOINT_UNREACHABLE: 1 },
  })
  t.equal(latency.count, 4)
  t.equal(
    latency.buckets.reduce((a, b) => a + b),
    4,
  )
  const pending = stacked({ concurrency: { max: 1, queue: 1 } }, [endpoint('a')], hang)
  const signal = new Cancellation()
  const calls = [pending.call(request({ signal })), pending.call(request({ signal }))]
  t.match(figuresOf(pending.edge), { calls: 2, inFlight: 2, waiting: 1, attempts: 1 })
  signal.abort(new Error('end'))
  await Promise.allSettled(calls)
  t.match(figuresOf(pending.edge), { calls: 2, inFlight: 0, waiting: 0 })
})

t.test('an answer is handed on as it is', async t => {
  t.equal(await stacked({}, [endpoint('a')], answer).call(request()), result)
})

t.test('a secret is taken out of a failure, in whatever form it is repeated', async t => {
  const token = 'tok-"1\\2"-hunter2'
  const hide = hideSecrets([token, 'key-abcdefgh', ''])
  const inText = (text: string) => hide?.inText(text)
  t.equal(inText(`no ${token}, nor key-abcdefgh!`), 'no [secret], nor [secret]!')
  t.equal(inText(`as it came: ${JSON.stringify({ token })}`), 'as it came: {"token":"[secret]"}')
  t.equal(
    inText('cut off: key-abcde'),
    'cut off: [secret]',
    'the start of one, where a text was cut',
  )
  t.equal(inText('a plain key'), 'a plain key')
  const told = hide?.inError(
    new MeshError('MESH_CALL_REFUSED', `refused ${token}`, 'mend', { details: { rpc: token } }),
  )
  t.match(told, { code: 'MESH_CALL_REFUSED', message: 'refused [secret]', mend: 'mend' })
  t.strictSame(told?.details, { rpc: '[secret]' })
  const value = { content: [], structuredContent: { token } }
  t.equal(hide?.inResult(value), value, 'a value is the provider’s to give')
  t.strictSame(
    hide?.inResult({ ...value, isError: true, content: [{ type: 'text', text: token }] }),
    {
      isError: true,
      content: [{ type: 'text', text: '[secret]' }],
      structuredContent: { token: '[secret]' },
    },
  )
  t.equal(hideSecrets(['']), undefined)
})

t.test('what may be dialled', async t => {
  const cases: [string, boolean][] = [
    ['http://127.0.0.1:1/mcp', true],
    ['https://agents.example/mcp', true],
    ['http://[::1]:9/mcp', true],
    ['http://10.0.0.1/mcp', true],
    ['http://169.254.169.254/latest', false],
    ['http://2852039166/', false],
    ['http://[fe80::1]/', false],
    ['http://[::ffff:169.254.169.254]/', false],
    ['http://u:p@host/', false],
    ['file:///etc/passwd', false],
    ['nonsense', false],
  ]
  for (const [url, expected] of cases) t.equal(isDialable(url), expected, url)
})

t.test('values: what is encoded is decoded', async t => {
  for (const value of [
    [],
    {},
    '',
    0,
    null,
    false,
    undefined,
    'x',
    '[1]',
    [null],
    { content: [] },
  ]) {
    for (const hasSchema of [false, true]) {
      const wire = JSON.parse(JSON.stringify(encodeValue(value, hasSchema))) as { content: never[] }
      t.strictSame(decodeValue(wire, 'e'), value)
    }
  }
  const image = { type: 'image', data: 'x' }
  const text = { type: 'text', text: 'x' }
  t.strictSame(decodeValue({ content: [image] }, 'e'), [image], 'what foreign servers send')
  t.strictSame(decodeValue({ content: [text, text] }, 'e'), [text, text])
  t.throws(() => encodeValue(1n, false), { code: 'MESH_OUTPUT_INVALID' })
  t.throws(() => encodeValue(() => 1, false), {
    code: 'MESH_OUTPUT_INVALID',
    message: 'a function is not JSON',
  })
})
