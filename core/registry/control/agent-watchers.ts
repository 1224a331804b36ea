/**
 * Who watches agents: every agent that matches at first, then those that change. Level-based: a watcher keeps only the
 * names of agents that it has to be told of, each once, and is told the state of the moment in which it can read; so the
 * slowest costs no more than a set of names. Changes of one agent within `PAUSE_MS` are one.
 */
import type { AgentWatchEvent } from '../../model/registry-api.ts'
import type { Matches } from '../label-selector.ts'
import { agentKey, type DesiredState } from './desired.ts'
import { resourceJson } from './resource.ts'
import type { Stream } from './watchers.ts'

const PAUSE_MS = 20

export interface AgentWatch {
  namespace: string | undefined
  /** Only the agent of this name in the namespace. */
  name?: string
  matches: Matches
}

interface Watcher {
  readonly covers: (key: string) => boolean
  readonly matches: Matches
  readonly news: Set<string>
  /** Agents that it knows, so that it is told of their end. */
  readonly known: Set<string>
  hasAll: boolean
}

export class AgentWatchers {
  readonly #desired: DesiredState
  readonly #revision: () => number
  readonly #settling: () => boolean
  readonly #watchers = new Map<Stream, Watcher>()
  #timer: NodeJS.Timeout | undefined

  constructor(desired: DesiredState, revision: () => number, settling: () => boolean) {
    this.#desired = desired
    this.#revision = revision
    this.#settling = settling
  }

  get count(): number {
    return this.#watchers.size
  }

  open(stream: Stream, { namespace, name, matches }: AgentWatch): void {
    const only = namespace !== undefined && name !== undefined ? agentKey(namespace, name) : ''
    const news = new Set<string>()
    if (only) news.add(only)
    else for (const { key } of this.#desired.after(undefined, namespace)) news.add(key)
    const covers = (key: string) =>
      only ? key === only : namespace === undefined || key.startsWith(`${namespace}/`)
    const watcher = { covers, matches, news, known: new Set<string>(), hasAll: false }
    this.#watchers.set(stream, watcher)
    this.#schedule()
  }

  closed(stream: Stream): void {
    this.#watchers.delete(stream)
  }

  /** The agent came, went, or looks different. */
  changed(key: string): void {
    let isNews = false
    for (const { covers, news } of this.#watchers.values()) {
      if (!covers(key)) continue
      news.add(key)
      isNews = true
    }
    if (isNews) this.#schedule()
  }

  /** Everybody is known who will come back by himself: what is told from now on is all that there is. */
  settled(): void {
    for (const watcher of this.#watchers.values()) watcher.hasAll = false
    if (this.#watchers.size > 0) this.#schedule()
  }

  /** The stream can take more. */
  resume(stream: Stream): void {
    if (this.#watchers.has(stream)) this.#schedule()
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const stream of this.#watchers.keys()) stream.end()
    this.#watchers.clear()
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#tellAll(), PAUSE_MS)
  }

  #tellAll(): void {
    this.#timer = undefined
    const texts = new Map<string, string>() // the same for all who are told
    for (const [stream, watcher] of this.#watchers) {
      for (const key of watcher.news) {
        if (!stream.isWritable) break
        watcher.news.delete(key)
        this.#tell(stream, watcher, { key, texts })
      }
      if (watcher.hasAll || watcher.news.size > 0 || !stream.isWritable) continue
      watcher.hasAll = true
      const settling = this.#settling()
      send(stream, { type: 'complete', revision: this.#revision(), settling })
    }
  }

  #tell(
    stream: Stream,
    { matches, known }: Watcher,
    { key, texts }: { key: string; texts: Map<string, string> },
  ): void {
    const entry = this.#desired.get(key)
    const revision = this.#revision()
    const json = entry && resourceJson(entry)
    if (json !== undefined && matches(entry?.desired?.manifest.metadata.labels ?? {})) {
      known.add(key)
      const text =
        texts.get(key) ?? `{"type":"agent","revision":${revision},"agent":${json.toString()}}`
      texts.set(key, text)
      stream.send('agent', revision, text)
    } else if (known.delete(key)) {
      const [namespace = '', name = ''] = key.split('/')
      send(stream, { type: 'gone', revision, namespace, name })
    }
  }
}

function send(stream: Stream, event: AgentWatchEvent): void {
  stream.send(event.type, event.revision, JSON.stringify(event))
}
