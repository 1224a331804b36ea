/** Spans as the tests of traces ask for them. */
import type { ReceivedSpan } from './otlp-receiver.ts'

/** Spans whose parent nobody exported; `known` are parents from outside. */
export function orphans(spans: readonly ReceivedSpan[], known: readonly string[] = []) {
  const ids = new Set([...spans.map(span => span.spanId), ...known])
  return spans.filter(({ parentSpanId }) => parentSpanId !== '' && !ids.has(parentSpanId))
}

/** From the root, or the span whose parent is `from`, down: `service kind name` of each, one child after the other. */
export function chain(spans: readonly ReceivedSpan[], from = ''): string[] {
  const children = spans.filter(span => span.parentSpanId === from)
  return children.flatMap(span => [wordOf(span), ...chain(spans, span.spanId)])
}

export const wordOf = ({ resource, kind, name }: ReceivedSpan) =>
  `${String(resource['service.name'])} ${kind} ${name}`

export function traces(spans: readonly ReceivedSpan[]): Map<string, ReceivedSpan[]> {
  const found = new Map<string, ReceivedSpan[]>()
  for (const span of spans) found.set(span.traceId, [...(found.get(span.traceId) ?? []), span])
  return found
}
