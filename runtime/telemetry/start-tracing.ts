/**
 * Turns recording on where `OTEL_*` variables ask for it. The packages of OpenTelemetry are loaded then and only then: they
 * cost as much as the rest of a start.
 */
import type { Environment } from '../secrets.ts'
import type { Log } from './log.ts'
import { readTraceSettings } from './trace-settings.ts'
import { passOn, type Tracing } from './tracing.ts'

/** Who speaks, where `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` do not say it. */
export interface TracedService {
  name: string
  namespace: string
  version: string
  instance: string
  /** Absolute paths of the handlers' modules. */
  modules: readonly string[]
}

/** `env` is process.env: the SDK reads the rest of it by itself. What is set wrongly is logged, and nobody's start fails by it. */
export async function startTracing(
  env: Environment,
  service: TracedService,
  log: Log,
): Promise<Tracing> {
  const { settings, faults } = readTraceSettings(env)
  for (const fault of faults) log.warn('a variable of OpenTelemetry has no effect', { fault })
  if (!settings) return passOn
  const { startOpenTelemetry } = await import('./open-telemetry.ts')
  return startOpenTelemetry(settings, service, log)
}
