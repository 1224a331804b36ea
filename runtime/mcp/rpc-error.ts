/** A call that is answered with a JSON-RPC error in place of a result: a refusal, or what a wrapped server answered. */
export class RpcError extends Error {
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.name = 'RpcError'
    this.code = code
    this.data = data
  }
}
