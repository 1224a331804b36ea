/** Durations as manifests write them: a number and a unit, `250ms`, `2s`, `1.5m`, `1h`. */
import { MeshError } from './error.ts'

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

/** "250ms" to 250. Throws MESH_DURATION_INVALID for anything else, and for more than 24 days (a timer's limit). */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text)
  const ms = match ? Math.round(Number(match[1]) * unitMs[match[2] as keyof typeof unitMs]) : NaN
  if (!Number.isFinite(ms)) throw new MeshError('MESH_DURATION_INVALID', `"${text}" is no duration`)
  if (ms > 2_147_483_647) {
    throw new MeshError(
      'MESH_DURATION_INVALID',
      `"${text}" is longer than 24 days`,
      'write at most 596h',
    )
  }
  return ms
}

/** 90_000 to "1m30s": the largest units first, two at most; for people. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`
  const seconds = Math.floor(ms / 1_000)
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const
  const first = parts.findIndex(([n]) => n > 0)
  return parts
    .slice(first, first + 2)
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n}${unit}`)
    .join('')
}
