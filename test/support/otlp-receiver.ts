/**
 * An OTLP receiver for tests and benches: takes spans over HTTP, as protobuf or JSON, and shows them as one shape. The field
 * numbers are those of opentelemetry-proto 1.x, trace/v1/trace.proto and collector/trace/v1/trace_service.proto.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fieldsOf, type Fields } from './protobuf.ts'

export interface ReceivedSpan {
  traceId: string
  spanId: string
  /** '' for a root. */
  parentSpanId: string
  traceState: string
  name: string
  kind: 'internal' | 'server' | 'client'
  /** In milliseconds since the epoch. */
  start: number
  end: number
  attributes: Attributes
  events: { name: string; attributes: Attributes }[]
  links: { traceId: string; spanId: string }[]
  status: { code: 'unset' | 'ok' | 'error'; message: string }
  resource: Attributes
  scope: string
}

export type Attributes = Record<string, unknown>

export interface OtlpReceiver {
  /** Without a path, as OTEL_EXPORTER_OTLP_ENDPOINT has it. */
  readonly url: string
  readonly spans: ReceivedSpan[]
  readonly requests: { path: string; headers: IncomingHttpHeaders; body: string }[]
  /** The status of the answers from now on; 0 gives none. */
  answer(status: number): void
  close(): Promise<void>
}

export async function openOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const requests: OtlpReceiver['requests'] = []
  let status = 200
  const server = createServer((request, response) => {
    void read(request).then(body => {
      const { url: path = '', headers } = request
      requests.push({ path, headers, body: body.toString('latin1') })
      if (status === 0) return
      if (status === 200) {
        const isJson = headers['content-type'] === 'application/json'
        spans.push(...(isJson ? fromJson(body.toString()) : fromProtobuf(body)))
      }
      response.writeHead(status, { 'content-type': headers['content-type'] }).end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    answer: next => (status = next),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const kinds = ['internal', 'internal', 'server', 'client'] as const
const codes = ['unset', 'ok', 'error'] as const

function fromProtobuf(body: Buffer): ReceivedSpan[] {
  const found: ReceivedSpan[] = []
  fieldsOf(body).messages(1, resourceSpans => {
    const [resource = {}] = resourceSpans.messages(1, each => attributesOf(each))
    resourceSpans.messages(2, scopeSpans => {
      const [scope = ''] = scopeSpans.messages(1, each => each.text(1))
      found.push(...scopeSpans.messages(2, span => spanOf(span, resource, scope)))
    })
  })
  return found
}

function spanOf(span: Fields, resource: Attributes, scope: string): ReceivedSpan {
  const [status = { code: 'unset' as const, message: '' }] = span.messages(15, each => ({
    code: codes[each.number(3)] ?? 'unset',
    message: each.text(2),
  }))
  return {
    ...{ traceId: span.hex(1), spanId: span.hex(2), parentSpanId: span.hex(4), scope, resource },
    ...{ traceState: span.text(3), name: span.text(5), status, attributes: attributesOf(span, 9) },
    kind: kinds[span.number(6)] ?? 'internal',
    ...{ start: span.number(7) / 1e6, end: span.number(8) / 1e6 },
    events: span.messages(11, e => ({ name: e.text(2), attributes: attributesOf(e, 3) })),
    links: span.messages(13, link => ({ traceId: link.hex(1), spanId: link.hex(2) })),
  }
}

function attributesOf(message: Fields, field = 1): Attributes {
  const pairs = message.messages(field, pair => [pair.text(1), pair.messages(2, valueOf)[0]])
  return Object.fromEntries(pairs) as Attributes
}

function valueOf(value: Fields): unknown {
  if (value.has(1)) return value.text(1)
  if (value.has(2)) return value.number(2) === 1
  if (value.has(3)) return value.number(3)
  return value.has(4) ? value.double(4) : undefined
}

interface JsonPair {
  key: string
  value: {
    stringValue?: string
    boolValue?: boolean
    intValue?: number | string
    doubleValue?: number
  }
}

interface JsonSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  traceState?: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: JsonPair[]
  events: { name: string; attributes: JsonPair[] }[]
  links: { traceId: string; spanId: string }[]
  status: { code?: number; message?: string }
}

function fromJson(text: string): ReceivedSpan[] {
  const { resourceSpans } = JSON.parse(text) as {
    resourceSpans: {
      resource: { attributes: JsonPair[] }
      scopeSpans: { scope: { name: string }; spans: JsonSpan[] }[]
    }[]
  }
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map(span => ({
        ...{ traceId: span.traceId, spanId: span.spanId, parentSpanId: span.parentSpanId ?? '' },
        ...{ traceState: span.traceState ?? '', name: span.name, scope: scope.name },
        kind: kinds[span.kind] ?? 'internal',
        start: Number(span.startTimeUnixNano) / 1e6,
        end: Number(span.endTimeUnixNano) / 1e6,
        attributes: fromPairs(span.attributes),
        events: span.events.map(({ name, attributes }) => ({
          ...{ name, attributes: fromPairs(attributes) },
        })),
        links: span.links.map(({ traceId, spanId }) => ({ traceId, spanId })),
        status: {
          code: codes[span.status.code ?? 0] ?? 'unset',
          message: span.status.message ?? '',
        },
        resource: fromPairs(resource.attributes),
      })),
    ),
  )
}

function fromPairs(pairs: readonly JsonPair[]): Attributes {
  return Object.fromEntries(
    pairs.map(({ key, value: { stringValue, boolValue, intValue, doubleValue } }) => [
      key,
      stringValue ?? boolValue ?? (intValue === undefined ? doubleValue : Number(intValue)),
    ]),
  )
}
