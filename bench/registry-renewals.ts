/**
 * Renewals and announcements a second over keep-alive connections, at three sizes of the mesh, against a plain Koa route in
 * the same run. Every instance has its watch open. The sizes and the baselines are taken in turn, round by round, and
 * the medians of the rounds are compared.
 */
import { sleep } from '../core/model/sleep.ts'
import { openFleet, type Fleet } from './fleet.ts'
import { isQuick, median, report, round } from './measure.ts'
import { openBench } from './processes.ts'
import { Connection, driveFor, requestText } from './raw-http.ts'

const sizes = isQuick ? [100, 300] : [500, 3_000, 10_000]
const rounds = isQuick ? 1 : 5
const roundMs = isQuick ? 200 : 500
const CONNECTIONS = 32

interface Way {
  name: string
  url: string
  requests: string[]
  rates: number[]
}

const bench = await openBench()
const fleets: Fleet[] = []
const ways: Way[] = []
try {
  for (const size of sizes) {
    const { url } = await bench.registry()
    const fleet = await openFleet(url)
    const joined = new AbortController()
    await Promise.all([fleet.joinAll(size, size / 20).then(() => joined.abort()), renewing(joined)])
    fleets.push(fleet)
    const { members } = fleet
    addWay(
      `renew-${size}`,
      url,
      members.map(({ id }) => requestText('PUT', `${url}/v1/instances/${id}/lease`)),
    )
    addWay(
      `announce-${size}`,
      url,
      members.map(each => requestText('POST', `${url}/v1/instances`, each.announcement)),
    )
  }
  const plain = await bench.fork('koa-server.ts')
  const member = fleets[0]?.members[0]
  if (!member) throw new Error('the fleet is empty')
  addWay('plain', plain.url, [
    requestText('PUT', `${plain.url}/lease`, JSON.stringify({ id: member.id })),
  ])
  addWay('plain-bodyless', plain.url, [requestText('PUT', `${plain.url}/lease`)])
  addWay('plain-announce', plain.url, [
    requestText('POST', `${plain.url}/announce`, member.announcement),
  ])
  for (let turn = -1; turn < rounds; turn++) {
    for (const fleet of fleets) await fleet.renewAll()
    for (const way of ways) {
      const rate = await drive(way)
      if (turn >= 0) way.rates.push(rate) // the first is warm-up
    }
  }
} finally {
  for (const fleet of fleets) fleet.close()
  await bench.close()
}

const renewals = sizes.map(size => rateOf(`renew-${size}`))
const announcements = sizes.map(size => rateOf(`announce-${size}`))
report('registry-renewals', {
  ...{ sizes, rounds, connections: CONNECTIONS },
  renewalsPerSecond: renewals.map(rate => round(rate, 0)),
  ratioToPlain: renewals.map(rate => round(rate / rateOf('plain'))),
  ratioToBodyless: renewals.map(rate => round(rate / rateOf('plain-bodyless'))),
  largestToSmallest: round((renewals.at(-1) ?? NaN) / (renewals[0] ?? NaN)),
  slowestToFastest: round(Math.min(...renewals) / Math.max(...renewals)),
  announcementsPerSecond: announcements.map(rate => round(rate, 0)),
  announcementsRatioToPlain: announcements.map(rate => round(rate / rateOf('plain-announce'))),
})

/** The fleets that have joined must not lose their leases while the next one, which may be large, joins. */
async function renewing({ signal }: AbortController): Promise<void> {
  while (!signal.aborted) {
    for (const fleet of fleets) await fleet.renewAll()
    await sleep(2_000, signal).catch(() => undefined) // joined: the loop sees it
  }
}

function addWay(name: string, url: string, requests: string[]): void {
  ways.push({ name, url, requests, rates: [] })
}

/** Connections of a round are its own: between two rounds a server closes those that are idle. */
async function drive({ url, requests }: Way): Promise<number> {
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => Connection.open(url)),
  )
  let at = 0
  const rate = await driveFor(connections, () => requests[at++ % requests.length] ?? '', roundMs)
  for (const connection of connections) connection.close()
  return rate
}

function rateOf(name: string): number {
  return median(ways.find(way => way.name === name)?.rates ?? [])
}
