/**
 * Exporters of ours around and beside those of OpenTelemetry: one says once in the log when spans can't be handed over, and
 * once when they can again; the other writes spans as lines of the log, since stdout holds JSON lines and nothing else.
 */
import { ExportResultCode, hrTimeToMilliseconds, type ExportResult } from '@opentelemetry/core'
import { SpanKind } from '@opentelemetry/api'
import type { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { Log } from './log.ts'

/** `to` as it may be shown. What the exporter says in words may hold what it was told to keep: only codes are logged. */
export function reportingExporter<Spans>(
  exporter: OTLPExporterBase<Spans>,
  to: string,
  log: Log,
): Pick<OTLPExporterBase<Spans>, 'export' | 'forceFlush' | 'shutdown'> {
  let isFailing = false
  return {
    export(spans, done) {
      exporter.export(spans, (result: ExportResult) => {
        const isFailed = result.code !== ExportResultCode.SUCCESS
        if (isFailed && !isFailing) {
          log.warn('spans cannot be exported; calls go on', { to, cause: causeOf(result.error) })
        }
        if (!isFailed && isFailing) log.info('spans are exported again', { to })
        isFailing = isFailed
        done(result)
      })
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  }
}

/** ECONNREFUSED and its like, an HTTP status, or the kind of error. */
function causeOf(error: Error | undefined): string {
  const code = (error as { code?: unknown } | undefined)?.code
  if (typeof code === 'string') return code
  return typeof code === 'number' ? `HTTP ${code}` : (error?.name ?? 'no cause was given')
}

export function logExporter(log: Log): SpanExporter {
  return {
    export(spans, done) {
      for (const span of spans) log.info('span', fieldsOf(span))
      done({ code: ExportResultCode.SUCCESS })
    },
    shutdown: () => Promise.resolve(),
  }
}

function fieldsOf(span: ReadableSpan) {
  const { traceId, spanId } = span.spanContext()
  return {
    ...{ span: span.name, kind: SpanKind[span.kind].toLowerCase(), traceId, spanId },
    parentSpanId: span.parentSpanContext?.spanId,
    ms: hrTimeToMilliseconds(span.duration),
    attributes: span.attributes,
  }
}
