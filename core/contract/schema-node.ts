/**
 * A place in a JSON Schema document, with the document that its references lead into. One schema object is one node for
 * the whole of a comparison, so that nodes can be told apart by their number.
 */
import { equalJson } from './equal-json.ts'
import type { JsonSchema } from '../model/agent.ts'

export type Path = readonly (string | number)[]

export interface Node {
  /** Equal for equal places; -1 and -2 for `false` and `true`, wherever they stand. */
  readonly id: number
  readonly schema: JsonSchema | boolean
  readonly document: Document
  readonly path: Path
}

/** A whole schema, and the anchors in it once they were looked for. */
export interface Document {
  readonly root: JsonSchema | boolean
  anchors: ReadonlyMap<string, Node> | undefined
}

/** Thrown by `Work`, and caught where the comparison began: whoever sends a hostile schema gets the answer "unknown". */
export class OutOfWork extends Error {}

/** What a comparison may cost: every look at a keyword, a value or a name is one step. */
export class Work {
  readonly #nodes = new Map<JsonSchema, Node>()
  readonly #lists = new Map<Node, { plain: ReadonlySet<unknown>; nested: readonly unknown[] }>()
  #left: number

  constructor(steps: number) {
    this.#left = steps
  }

  spend(steps = 1): void {
    this.#left -= steps
    if (this.#left < 0) throw new OutOfWork('the schemas are too large to compare')
  }

  node(schema: unknown, document: Document, path: Path): Node {
    if (typeof schema === 'boolean') return { id: schema ? -2 : -1, schema, document, path }
    // What is no schema says nothing; the manifest's check refuses it.
    if (!isObject(schema)) return { id: -2, schema: true, document, path }
    let node = this.#nodes.get(schema)
    if (!node) {
      this.spend()
      node = { id: this.#nodes.size, schema, document, path }
      this.#nodes.set(schema, node)
    }
    return node
  }

  open(root: JsonSchema | boolean): Node {
    return this.node(root, { root, anchors: undefined }, [])
  }

  /** The schema that stands at these steps below. */
  child(parent: Node, ...steps: (string | number)[]): Node {
    let value: unknown = parent.schema
    for (const step of steps) value = ownValue(value, step)
    return this.node(value, parent.document, [...parent.path, ...steps])
  }

  /** Where `$ref` leads; undefined for what is not in the document. */
  target({ schema, document }: Node): Node | undefined {
    const reference = isObject(schema) ? schema.$ref : undefined
    if (typeof reference !== 'string' || !reference.startsWith('#')) return undefined
    if (reference !== '#' && !reference.startsWith('#/')) {
      return this.#anchors(document).get(reference.slice(1))
    }
    const steps = reference.split('/').slice(1).map(unescape)
    let value: unknown = document.root
    for (const step of steps) {
      value = ownValue(value, Array.isArray(value) ? Number(step) : step)
    }
    if (!isObject(value) && typeof value !== 'boolean') return undefined
    return this.node(value, document, steps)
  }

  /** Whether the value is one of `enum`; a list of texts or numbers costs its length once. */
  isListed(node: Node, value: unknown): boolean {
    let list = this.#lists.get(node)
    if (!list) {
      const values = listOf(node, 'enum')
      this.spend(Math.ceil(values.length / 16))
      const nested = values.filter(each => typeof each === 'object' && each !== null)
      list = { plain: new Set(values), nested }
      this.#lists.set(node, list)
    }
    if (typeof value !== 'object' || value === null) return list.plain.has(value)
    this.spend(list.nested.length)
    return list.nested.some(each => equalJson(each, value))
  }

  #anchors(document: Document): ReadonlyMap<string, Node> {
    if (document.anchors) return document.anchors
    const found = new Map<string, Node>()
    const walk = (value: unknown, path: Path) => {
      this.spend()
      if (!isObject(value) && !Array.isArray(value)) return
      const { $anchor } = value as { $anchor?: unknown }
      if (typeof $anchor === 'string') found.set($anchor, this.node(value, document, path))
      for (const [key, child] of Object.entries(value)) walk(child, [...path, key])
    }
    walk(document.root, [])
    return (document.anchors = found)
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The keyword as a mapping of names to schemas or lists; an empty one where it is none. */
export function mapOf(node: Node, keyword: string): Readonly<Record<string, unknown>> {
  const value = isObject(node.schema) ? node.schema[keyword] : undefined
  return isObject(value) ? value : {}
}

/** The keyword as a list; an empty one where it is none. */
export function listOf(node: Node, keyword: string): readonly unknown[] {
  const value = isObject(node.schema) ? node.schema[keyword] : undefined
  return Array.isArray(value) ? (value as unknown[]) : []
}

/** The keyword as a number; undefined where it is none. */
export function numberOf(node: Node, keyword: string): number | undefined {
  const value = isObject(node.schema) ? node.schema[keyword] : undefined
  return typeof value === 'number' ? value : undefined
}

export function has(node: Node, keyword: string): boolean {
  return isObject(node.schema) && Object.hasOwn(node.schema, keyword)
}

export function ownValue(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Record<string | number, unknown>)[key]
}

function unescape(step: string): string {
  const text = /%(?![0-9a-f]{2})/i.test(step) ? step : decodeURIComponent(step)
  return text.replaceAll('~1', '/').replaceAll('~0', '~')
}
