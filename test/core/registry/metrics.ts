/** What Prometheus reads of a registry: the format, and that what is counted is what happened. */
import t from 'tap'
import { Histogram } from '../../../core/model/prometheus.ts'
import { manifestOf, openRegistry } from '../../support/registry.ts'

const read = async (url: string) => {
  const response = await fetch(`${url}/metrics`)
  const text = await response.text()
  const value = (series: string) => {
    const line = text.split('\n').find(each => each.startsWith(`${series} `))
    return line === undefined ? undefined : Number(line.slice(series.length + 1))
  }
  return { response, text, value }
}

t.test('a histogram counts what is at most each bound, and all of it', async t => {
  const histogram = new Histogram([0.1, 1])
  for (const seconds of [0.1, 0.5, 7]) histogram.observe('of="it"', seconds)
  t.strictSame(histogram.lines('took'), [
    'took_bucket{of="it",le="0.1"} 1',
    'took_bucket{of="it",le="1"} 2',
    'took_bucket{of="it",le="+Inf"} 3',
    'took_sum{of="it"} 7.6',
    'took_count{of="it"} 3',
  ])
})

t.test('every line is of the text format 0.0.4, each metric with its help and type', async t => {
  const registry = await openRegistry(t)
  await registry.join(manifestOf('provider'))
  const { response, text } = await read(registry.url)
  t.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  t.ok(text.endsWith('\n'))
  const types = new Set<string>()
  for (const line of text.trimEnd().split('\n')) {
    const type = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/.exec(line)
    if (type?.[1]) types.add(type[1])
    else if (!/^# HELP [a-z_]+ .+$/.test(line)) {
      const sample = /^([a-z_]+)(\{([a-z_]+="[^"\\\n]*",?)+\})? [0-9.e+-]+$/.exec(line)
      if (!sample?.[1]) return t.fail(`not of the format: ${line}`)
      t.ok(types.has(sample[1].replace(/_(bucket|sum|count)$/, '')) || types.has(sample[1]), line)
    }
  }
})

t.test('what is counted is what happened', async t => {
  const registry = await openRegistry(t)
  const consumer = manifestOf('consumer', { work: { needs: { it: { capability: 'provider' } } } })
  await registry.join(consumer)
  const provider = await registry.join(manifestOf('provider'))
  await registry.join(manifestOf('stranger'), { isWatching: false })
  await registry.client.renewLease(provider.id)
  await registry.client.renewLease(provider.id)
  await registry.client.renewLease('nobody').catch(() => undefined)
  await registry.client.apply(manifestOf('applied'))
  const { value } = await read(registry.url)
  t.equal(value('mesh_renewals_total'), 2)
  t.equal(value('mesh_announcements_total'), 3)
  t.equal(value('mesh_watchers'), 2)
  t.equal(value('mesh_agents'), 4)
  t.equal(value('mesh_instances{state="ready"}'), 3)
  t.equal(value('mesh_instances{state="draining"}'), 0)
  t.equal(value('mesh_pushes_total{type="snapshot"}'), 2)
  t.equal(value('mesh_pushes_total{type="resolutions"}'), 1)
  t.equal(value('mesh_resolutions_total'), 2, 'when the slot came, and its provider')
  t.equal(value('mesh_push_lag_seconds_count'), 3)
  t.equal(value('mesh_store_duration_seconds_count{operation="save"}'), 1)
  const requests = 'mesh_request_duration_seconds_count'
  const lease = 'method="PUT",route="/v1/instances/:id/lease"'
  t.equal(value(`${requests}{${lease},status="204"}`), 2)
  t.equal(value(`${requests}{${lease},status="410"}`), 1)
  const apply = 'method="PUT",route="/v1/namespaces/:namespace/agents/:name"'
  t.equal(value(`${requests}{${apply},status="201"}`), 1)
  t.ok(Number(value('process_resident_memory_bytes')) > 1e7)
  await fetch(`${registry.url}/no/such/path`)
  const again = await read(registry.url)
  t.equal(
    again.value(`${requests}{method="GET",route="none",status="404"}`),
    1,
    'no path of theirs',
  )
})
