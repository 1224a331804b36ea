/** An agent as kubectl users write it: `hello-world`, or `agent/hello-world`. */
export function agentNameOf(text: string): string {
  return text.replace(/^agents?\//, '')
}
