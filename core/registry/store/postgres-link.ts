/**
 * A registry's own connection to PostgreSQL: it listens to what the others tell, and beats. One beat, a row a second, proves
 * all leases that are judged here. The beat is also the proof that the connection lives: one that does not answer is cut.
 */
import { Socket } from 'node:net'
import { Client } from 'pg'
import { sleep } from '../../model/sleep.ts'
import { backoffMs } from '../../reconcile/backoff.ts'
import { CHANGES } from './change.ts'
import type { Link, LinkOptions, Replica } from './shared-store.ts'

const RENEWALS = 'mesh_renewals'
/** PostgreSQL takes less than 8,000 bytes in one notification. */
const MAX_PAYLOAD = 7_900
const ANSWER_WITHIN_MS = 1_500
const backoff = { initialMs: 100, maxMs: 2_000 }

const beatSql = `insert into replicas (id, is_settled, expires_at)
  values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
  on conflict (id) do update set is_settled = excluded.is_settled, expires_at = excluded.expires_at`
const readSql = `select id, is_settled, extract(epoch from expires_at - clock_timestamp()) * 1000 as left_ms,
  (select value from counters where name = 'change') as newest from replicas`

interface ReadRow {
  id: string
  is_settled: boolean
  left_ms: string
  newest: string
}

export function postgresLink(url: string, id: string, options: LinkOptions): Link {
  const end = new AbortController()
  let isUp = false
  let wasTold = false
  const running = run()

  async function run(): Promise<void> {
    for (let failures = 0; !end.signal.aborted;) {
      const socket = new Socket()
      try {
        await follow(socket, () => (failures = 0))
      } catch (error) {
        isUp = false
        if (end.signal.aborted) break
        if (!wasTold) options.onDown(error)
        wasTold = true
        socket.destroy()
        await pause(backoffMs(++failures, backoff))
      } finally {
        socket.destroy()
      }
    }
    isUp = false
  }

  /** One connection's life; it ends by what it throws, or when the link is closed. */
  async function follow(socket: Socket, onUp: () => void): Promise<void> {
    const client = new Client({
      connectionString: url,
      application_name: 'mcp-mesh link',
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      query_timeout: ANSWER_WITHIN_MS,
      stream: () => socket,
    })
    const broken = new AbortController()
    client.on('error', error => broken.abort(error))
    client.on('end', () => broken.abort(new Error('PostgreSQL closed the connection')))
    client.on('notification', ({ channel, payload = '' }) => {
      const [writer, ...words] = payload.split(' ')
      if (writer === id) return
      if (channel === CHANGES) options.onChange()
      else options.onRenewals(words)
    })
    const signal = AbortSignal.any([end.signal, broken.signal])
    await client.connect()
    await client.query(`listen ${CHANGES}`)
    await client.query(`listen ${RENEWALS}`)
    for (;;) {
      await client.query(beatSql, [id, options.isSettled(), options.ttlMs])
      for (const payload of payloadsOf(id, options.takeRenewals())) {
        await client.query('select pg_notify($1, $2)', [RENEWALS, payload])
      }
      const { rows } = await client.query<ReadRow>(readSql)
      isUp = true
      wasTold = false
      onUp()
      options.onBeat({ replicas: rows.map(replicaFrom), newest: Number(rows[0]?.newest ?? 0) })
      await sleep(options.beatMs, signal)
    }
  }

  /** Ends early when the link is closed. */
  async function pause(ms: number): Promise<void> {
    await sleep(ms, end.signal).catch(() => undefined)
  }

  return {
    get isUp() {
      return isUp
    },
    async close() {
      end.abort(new Error('the link was closed'))
      await running
    },
  }
}

function replicaFrom({ id, is_settled, left_ms }: ReadRow): Replica {
  return { id, isSettled: is_settled, leftMs: Number(left_ms) }
}

function payloadsOf(id: string, renewals: readonly string[]): string[] {
  const payloads: string[] = []
  for (const renewed of renewals) {
    const last = payloads.at(-1)
    if (last !== undefined && last.length + renewed.length < MAX_PAYLOAD) {
      payloads[payloads.length - 1] = `${last} ${renewed}`
    } else payloads.push(`${id} ${renewed}`)
  }
  return payloads
}
