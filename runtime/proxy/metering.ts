/** Counts what a call comes to. It is outermost, so that what any layer refuses is counted too. */
import { MeshError } from '../../core/model/error.ts'
import type { Layer } from './call.ts'
import type { Edge } from './edge.ts'

export const metering =
  (edge: Edge): Layer =>
  next =>
  async request => {
    const began = performance.now()
    edge.calls++
    edge.inFlight++
    try {
      const result = await next(request)
      if (result.isError === true) edge.failed('MESH_TOOL_FAILED')
      return result
    } catch (error) {
      edge.failed(error instanceof MeshError ? error.code : 'MESH_INTERNAL_FAILED')
      throw error
    } finally {
      edge.inFlight--
      edge.latency.observe(performance.now() - began)
    }
  }
