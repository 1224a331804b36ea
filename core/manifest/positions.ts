/** From the path of a value to its place in the text, through anchors and merged mappings. */
import type { Document, Node, Pair } from 'yaml'
import type { Fault, Path } from './fault.ts'
import { yaml } from './yaml-nodes.ts'

/** Offsets in the text, the end not included. */
export interface Span {
  start: number
  end: number
}

/** Where the fault stands; the nearest that the text has, where it does not have the path itself. */
export function spanOf(
  document: Document,
  text: string,
  fault: Pick<Fault, 'path' | 'at' | 'part'>,
): Span {
  const found = walk(document, fault.path)
  const node = fault.at === 'key' ? (found.key ?? firstKey(found.node)) : (found.node ?? found.key)
  const span = tight(node, text)
  if (fault.part === undefined || fault.part === '') return span
  const within = text.slice(span.start, span.end).lastIndexOf(fault.part)
  if (within < 0) return span
  return { start: span.start + within, end: span.start + within + fault.part.length }
}

interface Found {
  key: Node | null
  node: Node | null
}

function walk(document: Document, path: Path): Found {
  const { isMap, isSeq } = yaml()
  let found: Found = { key: null, node: document.contents }
  for (const part of path) {
    const node = followed(document, found.node)
    if (isMap(node)) {
      const pair = pairOf(document, node.items, String(part))
      if (!pair) break
      const value = pair.value as Node | null
      // An empty value has no width: its key stands for it.
      found = { key: pair.key as Node, node: isEmpty(value) ? (pair.key as Node) : value }
    } else if (isSeq(node)) {
      const item = node.items[Number(part)] as Node | undefined
      if (!item) break
      found = { key: null, node: item }
    } else break
  }
  return found
}

function pairOf(document: Document, items: readonly Pair[], key: string): Pair | undefined {
  const { isMap, isScalar, isSeq } = yaml()
  const own = items.find(pair => isScalar(pair.key) && String(pair.key.value) === key)
  if (own) return own
  for (const pair of items) {
    if (!isScalar(pair.key) || String(pair.key.source ?? pair.key.value) !== '<<') continue
    const merged = followed(document, pair.value as Node | null)
    for (const source of isSeq(merged) ? merged.items : [merged]) {
      const map = followed(document, source as Node | null)
      const found = isMap(map) ? pairOf(document, map.items, key) : undefined
      if (found) return found
    }
  }
  return undefined
}

function followed(document: Document, node: Node | null): Node | null {
  return yaml().isAlias(node) ? (node.resolve(document) ?? null) : node
}

function firstKey(node: Node | null): Node | null {
  const { isMap, isPair } = yaml()
  if (!isMap(node)) return node
  const first: unknown = node.items[0]
  return isPair(first) ? (first.key as Node) : node
}

function isEmpty(node: Node | null): boolean {
  return node === null || (yaml().isScalar(node) && node.range?.[0] === node.range?.[1])
}

/** The node's own characters, without comments and white space after it. */
function tight(node: Node | null, text: string): Span {
  const [start = 0, valueEnd = start] = node?.range ?? []
  const end = start + text.slice(start, valueEnd).trimEnd().length
  return { start, end: Math.max(end, Math.min(start + 1, text.length)) }
}
