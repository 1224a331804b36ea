/** Whether entries of lists are as MCP has them: clients refuse a whole list for the sake of one that is not. */
import { isSpecType } from '@modelcontextprotocol/server'

export const isSpecEntry = {
  // Results may have any schema since 2026-07-28; the SDK's type still says object.
  tool: ({ outputSchema, ...entry }: Readonly<Record<string, unknown>>): boolean =>
    isSpecType.Tool({ ...entry, ...(outputSchema !== undefined && { outputSchema: anyObject }) }),
  prompt: (entry: unknown): boolean => isSpecType.Prompt(entry),
  resource: (entry: unknown): boolean => isSpecType.Resource(entry),
  template: (entry: unknown): boolean => isSpecType.ResourceTemplate(entry),
}

const anyObject = { type: 'object' }
