/** `stream: never`: no chunks are asked for, so that a stream has none and returns the value. */
import type { Layer } from './call.ts'

export const withoutChunks: Layer = next => request => next({ ...request, stream: undefined })
