/**
 * The exporter of spans: OpenTelemetry's own, by `OTEL_EXPORTER_OTLP_*`, on our transport. Batches of spans of calls are bytes
 * already; what else comes goes to OpenTelemetry's serializers.
 */
import {
  createOtlpNetworkExportDelegate,
  OTLPExporterBase,
} from '@opentelemetry/otlp-exporter-base'
import {
  convertLegacyHttpOptions,
  createOtlpHttpExporterMetrics,
} from '@opentelemetry/otlp-exporter-base/node-http'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import type { Agent } from 'node:https'
import type { TlsMaterial } from '../../http-client/pool.ts'
import type { TraceSettings } from '../trace-settings.ts'
import { SpanBatch } from './span-batch.ts'
import { OtlpTransport } from './transport.ts'

type Spans = SpanBatch | ReadableSpan[]
type Protocol = NonNullable<TraceSettings['otlp']>['protocol']
type Options = ReturnType<typeof convertLegacyHttpOptions>

/** `mostMs` for an export with all its attempts, where `OTEL_EXPORTER_OTLP_TIMEOUT` allows more. Certificates are read here. */
export async function otlpExporter(
  protocol: Protocol,
  mostMs: number,
): Promise<OTLPExporterBase<Spans>> {
  const isJson = protocol === 'http/json'
  const others = isJson ? JsonTraceSerializer : ProtobufTraceSerializer
  const headers = {
    'content-type': isJson ? 'application/json' : 'application/x-protobuf',
    'user-agent': 'mcp-mesh',
  }
  const options = convertLegacyHttpOptions({}, 'TRACES', 'v1/traces', headers)
  const serializer = {
    serializeRequest: (spans: Spans) =>
      spans instanceof SpanBatch ? spans.request() : others.serializeRequest(spans),
    deserializeResponse: (data: Uint8Array) => others.deserializeResponse(data),
  }
  const transport = new OtlpTransport({
    ...{ url: options.url, compression: options.compression },
    ...{ headers: await options.headers(), tls: await tlsOf(options) },
  })
  const helper = { name: 'span' as const, countItems: ({ length }: Spans) => length }
  const kind = isJson ? 'otlp_http_json_span_exporter' : 'otlp_http_span_exporter'
  const metrics = createOtlpHttpExporterMetrics(kind, helper, options.url, undefined)
  const limited = { ...options, timeoutMillis: Math.min(options.timeoutMillis, mostMs) }
  return new OTLPExporterBase(
    createOtlpNetworkExportDelegate(limited, serializer, metrics, transport),
  )
}

/** Of `OTEL_EXPORTER_OTLP_CERTIFICATE` and its like, which the package reads for Node's own client. */
async function tlsOf({ url, agentFactory }: Options): Promise<TlsMaterial | undefined> {
  if (!url.startsWith('https:')) return undefined
  const { ca, cert, key } = ((await agentFactory('https:')) as Agent).options
  return { ca, cert, key }
}
