/**
 * Counters and histograms in the text format 0.0.4 of Prometheus: the part of it that the registry and the agents need.
 * Adding to one is a Map look-up and an addition, as a renewal costs microseconds. What lasts is in seconds and bytes, as is
 * the custom.
 */

/** Label values joined to text as the format writes it: `method="GET",route="/healthz"`; '' for none. */
export type Labels = string

/** The content type of what is rendered. */
export const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** Labels as the format writes them: backslash, quote and line feed escaped. */
export function labelsOf(values: Readonly<Record<string, string>>): Labels {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escaped)}"`)
    .join(',')
}

const escaped = (character: string) => (character === '\n' ? '\\n' : `\\${character}`)

/** Things that were counted, by their labels. */
export class Counter {
  readonly #values = new Map<Labels, number>()

  add(labels: Labels = ''): void {
    this.#values.set(labels, (this.#values.get(labels) ?? 0) + 1)
  }

  get values(): ReadonlyMap<Labels, number> {
    return this.#values
  }
}

interface Series {
  /** How many were at most the bound of the same index; the last one counts all above. */
  readonly counts: number[]
  sum: number
}

/** How long things took, by their labels. */
export class Histogram {
  readonly #bounds: readonly number[]
  readonly #series = new Map<Labels, Series>()

  /** Upper bounds in seconds, ascending. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
  }

  observe(labels: Labels, seconds: number): void {
    let series = this.#series.get(labels)
    if (!series) {
      series = { counts: new Array<number>(this.#bounds.length + 1).fill(0), sum: 0 }
      this.#series.set(labels, series)
    }
    let at = 0
    while (at < this.#bounds.length && seconds > (this.#bounds[at] ?? 0)) at++
    series.counts[at] = (series.counts[at] ?? 0) + 1
    series.sum += seconds
  }

  /** How many were observed, of the labels for which `isOf` holds. */
  count(isOf: (labels: Labels) => boolean): number {
    let total = 0
    for (const [labels, { counts }] of this.#series) {
      if (isOf(labels)) total += counts.reduce((sum, count) => sum + count, 0)
    }
    return total
  }

  lines(name: string): string[] {
    return [...this.#series].flatMap(([labels, { counts, sum }]) =>
      histogramLines(name, labels, { bounds: this.#bounds, counts, sum }),
    )
  }
}

export interface HistogramFigures {
  /** Upper bounds in seconds, ascending. */
  bounds: readonly number[]
  /** How many were at most the bound of the same index and above the one before; the last one counts all above. */
  counts: readonly number[]
  /** In seconds. */
  sum: number
}

/** The samples of one series of a histogram. */
export function histogramLines(
  name: string,
  labels: Labels,
  { bounds, counts, sum }: HistogramFigures,
): string[] {
  let total = 0
  const buckets = counts.map((count, i) => {
    total += count
    const bound = `le="${bounds[i] ?? '+Inf'}"`
    return sample(`${name}_bucket`, labels ? `${labels},${bound}` : bound, total)
  })
  return [...buckets, sample(`${name}_sum`, labels, sum), sample(`${name}_count`, labels, total)]
}

/** `name{labels} value` */
export function sample(name: string, labels: Labels, value: number): string {
  return `${name}${labels ? `{${labels}}` : ''} ${value}`
}

/** A metric with its help and type before its samples. */
export function family(
  name: string,
  type: 'counter' | 'gauge' | 'histogram',
  help: string,
  lines: readonly string[],
): string {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n')
}

/** What every process tells of itself; the names are those that Prometheus' own client libraries use. */
export function processFamilies({
  memoryUsage,
  cpuUsage,
}: Pick<NodeJS.Process, 'memoryUsage' | 'cpuUsage'>): string {
  const { rss, heapUsed } = memoryUsage()
  const { user, system } = cpuUsage()
  const one = (name: string, type: 'counter' | 'gauge', help: string, value: number) =>
    family(name, type, help, [sample(name, '', value)])
  return [
    one('process_resident_memory_bytes', 'gauge', 'Resident memory.', rss),
    one('process_heap_bytes', 'gauge', 'Heap in use.', heapUsed),
    one('process_cpu_seconds_total', 'counter', 'CPU time spent.', (user + system) / 1e6),
  ].join('')
}
