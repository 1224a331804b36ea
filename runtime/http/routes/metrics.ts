/** `/metrics`, for Prometheus. It names tools and dependencies, so it asks for the token that tools/list asks for. */
import type { ServerResponse } from 'node:http'
import { metricsType } from '../../../core/model/prometheus.ts'

export function serveMetrics(response: ServerResponse, text: string): void {
  response.writeHead(200, {
    'content-type': metricsType,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  response.end(response.req.method === 'HEAD' ? undefined : text)
}
