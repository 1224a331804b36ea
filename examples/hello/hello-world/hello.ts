/** Plain functions: no import of ours, no decorator. What `date` is, mesh.yaml says; who fills it, the mesh. */

interface Dependencies {
  date?: ((args?: Record<string, unknown>) => Promise<unknown>) | undefined
}

export async function hello(_args: Record<string, unknown>, { date }: Dependencies) {
  if (!date) return 'Hello from MCP Mesh! (date service not available yet)'
  return `Hello from MCP Mesh! Today is ${String(await date())}`
}
