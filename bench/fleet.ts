/**
 * A fleet without processes: instances that announce themselves to a real registry and hold their watch streams, all from
 * this one process. Agent k offers `cap-k` and needs those of its neighbour and of the one opposite, so N agents have 2 N dependencies.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { digestOf } from '../core/manifest/digest.ts'
import { checkManifest } from '../core/manifest/check-manifest.ts'
import type { AgentManifest } from '../core/model/generated/manifest.ts'
import { Connection, requestText } from './raw-http.ts'

export interface Member {
  id: string
  /** Body of its announcement, once its manifest is known. */
  announcement: string
  watch: Socket
}

export interface Fleet {
  readonly members: readonly Member[]
  /** Announces an instance of the agent and opens its watch, which is open when this resolves. */
  join(manifest: AgentManifest, id: string): Promise<Member>
  /** Instances of as many agents, in turn. */
  joinAll(count: number, agents: number): Promise<void>
  /** A lease lives 15 s: to be called before it is over. */
  renewAll(): Promise<void>
  /** The instance is renewed no more. */
  forget(member: Member): void
  close(): void
}

const JOINERS = 32
const RENEW_EVERY_MS = 4_000

export async function openFleet(url: string): Promise<Fleet> {
  const members: Member[] = []
  const digests = new Map<AgentManifest, string>()
  const connections: Connection[] = []
  const idle = await Promise.all(Array.from({ length: JOINERS }, openConnection))

  async function openConnection(): Promise<Connection> {
    const connection = await Connection.open(url)
    connections.push(connection)
    return connection
  }

  async function join(manifest: AgentManifest, id: string): Promise<Member> {
    let digest = digests.get(manifest)
    const fields = announcementOf(manifest, id, members.length)
    const connection = idle.pop() ?? (await openConnection())
    if (digest === undefined) {
      digest = checkedDigest(manifest)
      digests.set(manifest, digest)
    }
    const body = JSON.stringify({ ...fields, digest, manifest })
    let watch: Socket | undefined
    for (let tries = 1; !watch; tries++) {
      await connection.call(requestText('POST', `${url}/v1/instances`, body))
      watch = await openWatch(url, id)
      if (watch) break
      // This process was held up for longer than the registry waits for a watch: as an agent does, it announces again.
      process.stderr.write(`${id} was answered 410 and announces itself again\n`)
      if (tries === 5) throw new Error(`${id} is not taken`)
    }
    idle.push(connection)
    const member = { id, announcement: JSON.stringify({ ...fields, digest }), watch }
    members.push(member)
    return member
  }

  async function renewAll(): Promise<void> {
    const connection = idle.pop() ?? (await openConnection())
    for (const { id } of [...members]) {
      const renewal = requestText('PUT', `${url}/v1/instances/${id}/lease`)
      await new Promise<number>(resolve => connection.send(renewal, status => resolve(status))) // 410: it has left meanwhile
    }
    idle.push(connection)
  }

  return {
    members,
    join,
    renewAll,
    async joinAll(count, agents) {
      const manifests = Array.from({ length: agents }, (_, k) => manifestOf(k, agents))
      let next = 0
      let renewing = Promise.resolve()
      const timer = setInterval(() => {
        renewing = renewing.then(renewAll)
      }, RENEW_EVERY_MS)
      await Promise.all(
        Array.from({ length: JOINERS }, async () => {
          while (next < count) {
            const n = next++
            const manifest = manifests[n % agents]
            if (manifest) await join(manifest, `agent-${n % agents}-${n}`)
          }
        }),
      )
      clearInterval(timer)
      await renewing
    },
    forget(member) {
      members.splice(members.indexOf(member), 1)
      member.watch.destroy()
    },
    close() {
      for (const connection of connections) connection.close() // also those that wait for an answer
      for (const { watch } of members) watch.destroy()
    },
  }
}

/** A manifest of one tool that offers `capability` and needs the others. */
export function agentManifest(
  name: string,
  capability: string,
  needs: readonly string[],
): AgentManifest {
  const dependencies = Object.fromEntries(
    needs.map((need, i) => [`need_${i}`, { capability: need, required: false }]),
  )
  return {
    apiVersion: 'mcp-mesh.dev/v1',
    kind: 'Agent',
    metadata: { name },
    spec: {
      version: '1.0.0',
      tools: [{ name: 'work', handler: './work.js', capability, dependencies }],
    },
  }
}

function manifestOf(k: number, agents: number): AgentManifest {
  const needs = [k + 1, k + Math.floor(agents / 2)].map(n => `cap-${n % agents}`)
  return agentManifest(`agent-${k}`, `cap-${k}`, needs)
}

function announcementOf({ metadata }: AgentManifest, id: string, n: number) {
  return {
    ...{ id, namespace: 'default', agent: metadata.name },
    endpoint: `http://127.0.0.1:${10_000 + (n % 50_000)}/mcp`,
    ...{ pid: n + 1, host: 'bench', rejoin: false, observedGeneration: 0 },
  }
}

function checkedDigest(manifest: AgentManifest): string {
  const checked = checkManifest(manifest)
  if (checked.faults) throw new Error(checked.faults[0]?.message)
  return digestOf(checked.manifest)
}

/** Resolves with the first bytes of the answer, what follows is for whoever listens; undefined where the instance is unknown. */
async function openWatch(url: string, id: string): Promise<Socket | undefined> {
  const { port, hostname } = new URL(url)
  const watch = connect(Number(port), hostname)
  watch.write(requestText('GET', `${url}/v1/instances/${id}/watch`))
  const [head] = (await once(watch, 'data')) as [Buffer]
  if (head.toString('latin1', 0, 12) === 'HTTP/1.1 410') {
    watch.destroy()
    return undefined
  }
  if (!head.toString('latin1', 0, 20).startsWith('HTTP/1.1 200')) throw new Error(head.toString())
  watch.resume()
  watch.on('error', () => undefined) // whoever counts on it sees that it is destroyed
  return watch
}
