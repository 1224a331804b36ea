/** The OTLP exporters: OpenTelemetry's transport, retries, headers and TLS by `OTEL_EXPORTER_OTLP_*`; protobuf by span-encoding.ts. */
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base'
import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from '@opentelemetry/otlp-exporter-base/node-http'
import { TraceExporterMetricsHelper } from '@opentelemetry/otlp-transformer'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base'
import { callSpanSerializer } from './span-encoding.ts'
import type { TraceSettings } from './trace-settings.ts'

type Protocol = NonNullable<TraceSettings['otlp']>['protocol']

export async function otlpExporter(protocol: Protocol): Promise<SpanExporter> {
  if (protocol === 'http/json') {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http')
    return new OTLPTraceExporter()
  }
  const headers = { 'Content-Type': 'application/x-protobuf' }
  const options = convertLegacyHttpOptions({}, 'TRACES', 'v1/traces', headers)
  return new OTLPExporterBase<ReadableSpan[]>(
    createOtlpHttpExportDelegate(
      options,
      callSpanSerializer,
      'otlp_http_span_exporter',
      TraceExporterMetricsHelper,
      undefined,
    ),
  )
}
