/**
 * Whether spans are exported and where to, by the variables that OpenTelemetry has for it and nothing else. The SDK reads most
 * of them by itself; here stands what it must know before it is loaded, and what it would pass over in silence. Unlike the
 * SDK's own default, nothing is exported unless a variable asks for it.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
import type { Environment } from '../secrets.ts'

export interface TraceSettings {
  /** To an OTLP receiver; absent where spans only go to the log. */
  otlp: { protocol: 'http/protobuf' | 'http/json'; endpoint: string } | undefined
  /** Each span as a line of the log (`OTEL_TRACES_EXPORTER=console`). */
  isLogged: boolean
}

export interface ReadSettings {
  /** Undefined: nothing is recorded. */
  settings: TraceSettings | undefined
  /** What is set to something that has no effect, for people. */
  faults: string[]
}

export function readTraceSettings(env: Environment): ReadSettings {
  const faults: string[] = []
  const value = (name: string) => env[name]?.trim() || undefined
  const endpoint =
    value('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? below(value('OTEL_EXPORTER_OTLP_ENDPOINT'))
  const asked = value('OTEL_TRACES_EXPORTER') ?? (endpoint === undefined ? 'none' : 'otlp')
  const exporters = asked.split(',').map(name => name.trim())
  const isDisabled = value('OTEL_SDK_DISABLED')?.toLowerCase() === 'true'
  if (isDisabled || exporters.every(name => name === 'none')) return { settings: undefined, faults }

  for (const name of exporters) {
    if (name === 'otlp' || name === 'console' || name === 'none') continue
    faults.push(`OTEL_TRACES_EXPORTER names "${name}"; an agent knows otlp, console and none`)
  }
  const isLogged = exporters.includes('console')
  const otlp = exporters.includes('otlp') ? otlpOf(endpoint, value, faults) : undefined
  if (!otlp && !isLogged) return { settings: undefined, faults }
  checkSampler(value, faults)
  checkBatches(value, faults)
  return { settings: { otlp, isLogged }, faults }
}

type Value = (name: string) => string | undefined

function otlpOf(
  endpoint: string | undefined,
  value: Value,
  faults: string[],
): TraceSettings['otlp'] {
  const [name, protocol] = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']
    .map(name => [name, value(name)] as const)
    .find(([, text]) => text !== undefined) ?? ['', 'http/protobuf']
  const to = endpoint ?? 'http://localhost:4318/v1/traces'
  const isHttp = URL.canParse(to) && /^https?:$/.test(new URL(to).protocol)
  if (!isHttp) {
    const own = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
    const name = value(own) === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : own
    // What it says may hold a password: not shown.
    faults.push(`${name} is no URL like http://localhost:4318, so no spans are exported`)
    return undefined
  }
  if (protocol === 'http/protobuf' || protocol === 'http/json') return { protocol, endpoint: to }
  faults.push(
    `${name} is "${protocol}"; an agent speaks http/protobuf and http/json, so no spans are exported`,
  )
  return undefined
}

/** The path that OTLP has for traces, below the endpoint of all signals. */
const below = (endpoint: string | undefined) =>
  endpoint === undefined ? undefined : `${endpoint.replace(/\/$/, '')}/v1/traces`

const samplers = ['always_on', 'always_off', 'traceidratio'].flatMap(name => [
  name,
  `parentbased_${name}`,
])

function checkSampler(value: Value, faults: string[]): void {
  const sampler = value('OTEL_TRACES_SAMPLER')
  if (sampler === undefined) return
  if (!samplers.includes(sampler)) {
    faults.push(
      `OTEL_TRACES_SAMPLER is "${sampler}", none of ${samplers.join(', ')}; parentbased_always_on applies`,
    )
  }
  if (!sampler.endsWith('ratio')) return
  const ratio = Number(value('OTEL_TRACES_SAMPLER_ARG') ?? NaN)
  if (!(ratio >= 0 && ratio <= 1)) {
    faults.push('OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1; 1 applies')
  }
}

/** Of `OTEL_BSP_*`, with OpenTelemetry's defaults: spans and milliseconds. */
const batchNumbers = {
  SCHEDULE_DELAY: 5_000,
  EXPORT_TIMEOUT: 30_000,
  MAX_QUEUE_SIZE: 2_048,
  MAX_EXPORT_BATCH_SIZE: 512,
}
export type BatchNumber = keyof typeof batchNumbers
const isWhole = (text: string) => /^[1-9]\d*$/.test(text)

/** What is set wrongly counts as unset. */
export function batchNumber(env: Environment, name: BatchNumber): number {
  const text = env[`OTEL_BSP_${name}`]?.trim() ?? ''
  return isWhole(text) ? Number(text) : batchNumbers[name]
}

function checkBatches(value: Value, faults: string[]): void {
  for (const name of Object.keys(batchNumbers).map(name => `OTEL_BSP_${name}`)) {
    const text = value(name)
    if (text === undefined || isWhole(text)) continue
    faults.push(`${name} is "${text}", no whole number above 0`)
  }
}
