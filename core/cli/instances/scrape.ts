/** Reads /metrics of an agent: numbers by name and labels, and what happened between two readings of the same one. */
import { request, type Dispatcher } from 'undici'
import { messageOf, MeshError } from '../../model/error.ts'

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** One reading. */
export interface Reading {
  /** Milliseconds of a clock that only goes forward. */
  readonly at: number
  readonly samples: readonly Sample[]
}

export interface Scrape {
  /** Of the agent's MCP endpoint; what is read stands at its root. */
  readonly endpoint: string
  readonly token: string | undefined
  readonly timeoutMs: number
  readonly dispatcher: Dispatcher
}

/** Throws MESH_ENDPOINT_UNREACHABLE where it does not answer, MESH_TOKEN_INVALID where it wants another token. */
export async function scrape(asked: Scrape): Promise<Reading> {
  const text = await askInstance('/metrics', asked)
  return { at: performance.now(), samples: readMetrics(text) }
}

/** What an instance answers beside its MCP endpoint. Throws as `scrape` does. */
export async function askInstance(
  path: string,
  { endpoint, token, timeoutMs, dispatcher }: Scrape,
): Promise<string> {
  const url = new URL(path, endpoint)
  try {
    const { statusCode, body } = await request(url, {
      dispatcher,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await body.text()
    if (statusCode === 401) {
      const mend = 'set MESH_TOKEN to the token that spec.auth.bearer of the agent stands for'
      throw new MeshError('MESH_TOKEN_INVALID', `${url.href} asks for a token`, mend)
    }
    if (statusCode !== 200) throw new Error(`it answered HTTP ${statusCode}`)
    return text
  } catch (cause) {
    if (cause instanceof MeshError) throw cause
    const found = `${url.href}: ${messageOf(cause)}`
    throw new MeshError('MESH_ENDPOINT_UNREACHABLE', found, undefined, { cause })
  }
}

/** The text format 0.0.4 of Prometheus; comments and what is no number are left out. */
export function readMetrics(text: string): Sample[] {
  const samples: Sample[] = []
  for (const [, name = '', labels = '', value = ''] of text.matchAll(
    /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/gm,
  )) {
    if (!Number.isNaN(Number(value)))
      samples.push({ name, labels: readLabels(labels), value: Number(value) })
  }
  return samples
}

function readLabels(text: string): Record<string, string> {
  const pairs = text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)
  return Object.fromEntries(
    [...pairs].map(([, key = '', value = '']) => [
      key,
      value.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c)),
    ]),
  )
}

/** All series of a name whose labels are these, added up. */
export function sumOf({ samples }: Reading, name: string, labels: Sample['labels'] = {}): number {
  return pick(samples, name, labels).reduce((sum, { value }) => sum + value, 0)
}

/**
 * The time, in ms, within which a share (0 to 1) of what was observed between two readings was done: within a bucket of
 * the histogram as if it were even, as Prometheus has it. Undefined where nothing was observed.
 */
export function quantileOf(
  readings: readonly [Reading, Reading],
  name: string,
  share: number,
  labels: Sample['labels'] = {},
): number | undefined {
  const counts = new Map<number, number>()
  for (const [index, { samples }] of readings.entries()) {
    for (const { labels: own, value } of pick(samples, `${name}_bucket`, labels)) {
      const bound = own.le === '+Inf' ? Infinity : Number(own.le)
      counts.set(bound, (counts.get(bound) ?? 0) + (index === 0 ? -value : value))
    }
  }
  const buckets = [...counts].sort(([a], [b]) => a - b)
  const total = buckets.at(-1)?.[1] ?? 0
  if (total <= 0) return undefined
  let [lower, below] = [0, 0]
  for (const [bound, count] of buckets) {
    if (count >= share * total) {
      if (bound === Infinity) return lower * 1_000 // at least that
      const part = count === below ? 1 : (share * total - below) / (count - below)
      return (lower + (bound - lower) * part) * 1_000
    }
    ;[lower, below] = [bound, count]
  }
  return undefined
}

const pick = (samples: readonly Sample[], name: string, labels: Sample['labels']) =>
  samples.filter(
    sample =>
      sample.name === name &&
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  )
