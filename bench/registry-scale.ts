/**
 * Ten thousand instances of 500 agents with 1,000 dependencies on one registry process, each instance with its watch open:
 * memory, how long a change takes to reach its ten consumers, how long a broken stream does, how long the list takes.
 * The baseline of a push is a plain request on a warm connection of the same run.
 */
import { execFileSync } from 'node:child_process'
import type { Socket } from 'node:net'
import { agentManifest, openFleet, type Member } from './fleet.ts'
import { isQuick, median, quantile, report, round } from './measure.ts'
import { openBench } from './processes.ts'
import { Connection, requestText } from './raw-http.ts'

/** Each instance is a socket in this process and one in the registry; both need some more. */
const limit = Number(execFileSync('sh', ['-c', 'ulimit -n']).toString()) || Infinity
const wanted = isQuick ? 400 : 10_000
const count = Math.min(wanted, limit - 1_000)
const agents = isQuick ? 20 : 500
const rounds = isQuick ? 5 : 100
const CONSUMERS = 10

const bench = await openBench()
const registry = await bench.registry()
const { url } = registry
const fleet = await openFleet(url)
const renewing = setInterval(() => void fleet.renewAll(), 8_000)
const pushed: number[] = []
const told: number[] = []
const plain: number[] = []
const lists: number[] = []
let joinMs: number
let listed: number
try {
  const began = performance.now()
  await fleet.joinAll(count - CONSUMERS - 1, agents - 2)
  const provider = agentManifest('provider', 'probe', [])
  const consumer = agentManifest('consumer', 'other', ['probe', 'cap-1'])
  const consumers: Member[] = []
  for (let i = 0; i < CONSUMERS; i++) consumers.push(await fleet.join(consumer, `consumer-${i}`))
  joinMs = performance.now() - began
  const watches = consumers.map(({ watch }) => watch)

  const connection = await Connection.open(url)
  for (let i = 0; i < rounds; i++) {
    const joins = allTold(watches, `"instance":"provider-${i}"`)
    const joined = performance.now()
    const member = await fleet.join(provider, `provider-${i}`)
    pushed.push((await joins) - joined)

    const breaks = allTold(watches, '"endpoints":[]')
    const broke = performance.now()
    member.watch.destroy()
    told.push((await breaks) - broke)

    const from = performance.now()
    await connection.call(requestText('GET', `${url}/healthz`))
    plain.push(performance.now() - from)
    fleet.forget(member)
    await connection.call(requestText('DELETE', `${url}/v1/instances/${member.id}`))
  }
  connection.close()
  listed = await list()
} finally {
  clearInterval(renewing)
  fleet.close()
  await bench.close()
}
report('registry-scale', {
  ...{ instances: count, agents, dependencies: 2 * agents - 2, rounds },
  ...(count < wanted ? { note: `ulimit -n ${limit} allows ${count} of ${wanted} watches` } : {}),
  joinsPerSecond: round(count / (joinMs / 1_000), 0),
  memoryMb: listed,
  changeToTenP50Ms: round(median(pushed)),
  changeToTenP99Ms: round(quantile(pushed, 0.99)),
  brokenToTenP50Ms: round(median(told)),
  brokenToTenP99Ms: round(quantile(told, 0.99)),
  plainRequestP50Ms: round(median(plain)),
  changeRatioToPlain: round(median(pushed) / median(plain)),
  listPageP50Ms: round(median(lists)),
})

/** When the last of them has had its next event that says so, by performance.now(). */
function allTold(watches: readonly Socket[], what: string): Promise<number> {
  return new Promise(resolve => {
    let left = watches.length
    for (const watch of watches) {
      const take = (chunk: Buffer) => {
        if (!chunk.includes(what)) return
        watch.off('data', take)
        if (--left === 0) resolve(performance.now())
      }
      watch.on('data', take)
    }
  })
}

/** Times pages of the list; gives back the registry's resident memory in MB before it. */
async function list(): Promise<number> {
  const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', String(registry.pid)]).toString()
  for (let i = 0; i < 5; i++) {
    const from = performance.now()
    await (await fetch(`${url}/v1/agents?limit=100`)).text()
    lists.push(performance.now() - from)
  }
  return round(Number(kilobytes) / 1024, 0)
}
