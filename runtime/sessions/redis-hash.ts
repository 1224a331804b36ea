/** The fields of a hash as Redis answers with them: names and values in turn, or a map of them, as the client's protocol has it. */
export function hashOf(reply: unknown): Map<string, string> {
  if (reply instanceof Map) return reply as Map<string, string>
  const flat = Array.isArray(reply) ? (reply as string[]) : Object.entries(reply ?? {}).flat()
  const hash = new Map<string, string>()
  for (let i = 0; i < flat.length; i += 2) hash.set(String(flat[i]), String(flat[i + 1]))
  return hash
}
