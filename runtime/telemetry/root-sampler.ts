/**
 * The sampler of `OTEL_TRACES_SAMPLER` for spans of calls, asked without a context of the API: a parent's decision is in its
 * flags. Same rules as the SDK, which reads the variables for spans of handlers by itself.
 * https://opentelemetry.io/docs/specs/otel/trace/sdk/#sampling
 */
import { ROOT_CONTEXT, TraceFlags, type SpanContext } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace-base'
import type { Environment } from '../secrets.ts'
import type { SpanDescription } from './span-attributes.ts'

export interface CallSampler {
  /** Decides for a span without a parent, and for each where parents do not decide. */
  root: Sampler
  /** A span with a parent is recorded if that is. */
  isParentBased: boolean
}

/** What is set wrongly counts as unset; trace-settings.ts has said so. */
export function samplerOf(env: Environment): CallSampler {
  const name = env['OTEL_TRACES_SAMPLER']?.trim() ?? ''
  const [, parent, kind] = /^(parentbased_)?(always_on|always_off|traceidratio)$/.exec(name) ?? []
  if (kind === undefined) return { root: new AlwaysOnSampler(), isParentBased: true }
  return { root: rootOf(kind, env), isParentBased: parent !== undefined }
}

function rootOf(kind: string, env: Environment): Sampler {
  if (kind === 'always_on') return new AlwaysOnSampler()
  if (kind === 'always_off') return new AlwaysOffSampler()
  const text = env['OTEL_TRACES_SAMPLER_ARG']?.trim()
  const ratio = text ? Number(text) : NaN
  return new TraceIdRatioBasedSampler(ratio >= 0 && ratio <= 1 ? ratio : 1)
}

export function isSampled(
  { root, isParentBased }: CallSampler,
  { name, kind }: SpanDescription,
  traceId: string,
  parent: SpanContext | undefined,
): boolean {
  if (parent && isParentBased) return (parent.traceFlags & TraceFlags.SAMPLED) !== 0
  const { decision } = root.shouldSample(ROOT_CONTEXT, traceId, name, kind, {}, [])
  return decision === SamplingDecision.RECORD_AND_SAMPLED
}
