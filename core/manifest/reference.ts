/** References as manifests write them. Only the runtime resolves them (runtime/secrets.ts). */
const reference = /^\$\{(env:[A-Za-z_]\w*(:-[^{}]*)?|file:\/[^{}]+)\}$/

/** True for `${env:NAME}`, `${env:NAME:-default}` and `${file:/path}`, with nothing beside it. */
export function isReference(text: string): boolean {
  return reference.test(text)
}
