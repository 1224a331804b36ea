/** What a request by the SDK is a part of, where its `_meta` does not say it. */
import type { IncomingHttpHeaders } from 'node:http'

const names = ['traceparent', 'tracestate', 'baggage']

export function traceHeadersOf(request: Request | undefined): IncomingHttpHeaders {
  return Object.fromEntries(names.map(name => [name, request?.headers.get(name) ?? undefined]))
}
