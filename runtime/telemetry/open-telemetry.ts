/**
 * Sets OpenTelemetry up for this process: the SDK, an OTLP exporter, and what a handler needs that uses the API by itself.
 * Endpoint, headers, sampler, limits and batches are read from `OTEL_*` by the packages; headers are secrets and pass nowhere
 * else. Only start-tracing.ts imports this module, and only when something is to be recorded.
 */
import { context, diag, DiagLogLevel, propagation, trace } from '@opentelemetry/api'
import {
  CompositePropagator,
  W3CBaggagePropagator,
  W3CTraceContextPropagator,
} from '@opentelemetry/core'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources'
import {
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import type { Log } from './log.ts'
import { createAmbient } from './ambient.ts'
import { mayUseApi } from './may-use-api.ts'
import { BatchedSpans } from './otlp/batched-spans.ts'
import { otlpExporter } from './otlp/exporter.ts'
import { frameOf } from './otlp/span-batch.ts'
import { createRecorder } from './recorder.ts'
import { samplerOf } from './root-sampler.ts'
import { logExporter, reportingExporter } from './span-exporters.ts'
import { spanTracing } from './span-tracing.ts'
import type { TracedService } from './start-tracing.ts'
import { batchNumber, type BatchNumber, type TraceSettings } from './trace-settings.ts'
import type { Tracing } from './tracing.ts'
import { WallClock } from './wall-clock.ts'

const scope = { name: 'mcp-mesh' }
/** How long the end of an agent waits for its last spans to be taken. */
const closeMs = 2_000

export async function startOpenTelemetry(
  settings: TraceSettings,
  service: TracedService,
  log: Log,
): Promise<Tracing> {
  hearWarnings(log)
  const spanProcessors: SpanProcessor[] = []
  const resource = resourceOf(service)
  if (settings.otlp) spanProcessors.push(await otlp(settings.otlp, resource, log))
  if (settings.isLogged) spanProcessors.push(new SimpleSpanProcessor(logExporter(log)))
  const provider = new BasicTracerProvider({ resource, spanProcessors })
  const ambient = createAmbient()
  if (isPrepared() || (await mayUseApi(service.modules))) ambient.turnOn()
  // For handlers. Where the process was set up by someone else (node --import), theirs stays in force.
  trace.setGlobalTracerProvider({
    getTracer(name, version, options) {
      ambient.turnOn()
      return provider.getTracer(name, version, options)
    },
  })
  const propagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()]
  propagation.setGlobalPropagator(new CompositePropagator({ propagators }))
  const means = {
    ...{ resource, processors: spanProcessors, scope, clock: new WallClock() },
    keeper: new BasicTracerProvider({ sampler: new AlwaysOnSampler() }).getTracer('mcp-mesh'),
    isLimited: limits.some(name => process.env[name] !== undefined),
  }
  const record = createRecorder(means, samplerOf(process.env))
  return spanTracing({ record, ambient }, () => close(provider, log))
}

/** Whether modules were loaded before this program, as those that instrument it are. */
const isPrepared = () =>
  /(^|\s)(--import|--require|-r|--loader|--experimental-loader)\b/.test(
    [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' '),
  )

/** Those that could cut what the mesh says of a call. */
const limits = ['ATTRIBUTE_COUNT', 'ATTRIBUTE_VALUE_LENGTH'].flatMap(name => [
  `OTEL_${name}_LIMIT`,
  `OTEL_SPAN_${name}_LIMIT`,
])

async function otlp(
  { protocol, endpoint }: NonNullable<TraceSettings['otlp']>,
  resource: Resource,
  log: Log,
): Promise<SpanProcessor> {
  const numberOf = (name: BatchNumber) => batchNumber(process.env, name)
  const exporter = await otlpExporter(protocol, numberOf('EXPORT_TIMEOUT'))
  const { origin, pathname } = new URL(endpoint) // without user and password, which may stand in it
  const to = origin + pathname
  log.info('spans are exported', { to, protocol })
  const reporting = reportingExporter(exporter, to, log)
  const others = new BatchSpanProcessor(reporting)
  if (protocol === 'http/json') return others
  const queue = numberOf('MAX_QUEUE_SIZE')
  const limits = {
    queue,
    batch: Math.min(numberOf('MAX_EXPORT_BATCH_SIZE'), queue),
    delayMs: numberOf('SCHEDULE_DELAY'),
  }
  return new BatchedSpans(reporting, others, frameOf(resource, scope), limits)
}

/** The environment's word counts over the manifest's. */
function resourceOf({ name, namespace, version, instance }: TracedService) {
  const ours = resourceFromAttributes({
    'service.name': name,
    'service.namespace': namespace,
    'service.version': version,
    'service.instance.id': instance,
  })
  return defaultResource()
    .merge(ours)
    .merge(detectResources({ detectors: [envDetector] }))
}

/** One line a minute at most. What it calls errors are failed exports, which reportingExporter words. */
function hearWarnings(log: Log): void {
  const silence = () => undefined
  let quietUntil = 0
  const warn = (warning: string) => {
    if (performance.now() < quietUntil) return
    quietUntil = performance.now() + 60_000
    log.warn('OpenTelemetry warns', { warning })
  }
  const logger = { warn, error: silence, info: silence, debug: silence, verbose: silence }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
}

async function close(provider: BasicTracerProvider, log: Log): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>(resolve => {
    timer = setTimeout(() => resolve('late'), closeMs)
  })
  const done = provider.shutdown().then(
    () => 'done' as const,
    () => 'failed' as const, // said by reportingExporter
  )
  if ((await Promise.race([done, late])) === 'late') {
    log.warn('the last spans were left behind', { waitedMs: closeMs })
  }
  clearTimeout(timer)
  trace.disable()
  context.disable()
  propagation.disable()
  diag.disable()
}
