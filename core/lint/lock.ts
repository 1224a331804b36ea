/** What `meshctl lock` writes: every tool of a mesh as it is, and which tool fills each dependency. */
import { lockedTool, type Lock, type LockedTool } from '../manifest/lock-file.ts'
import { isRecord } from '../manifest/record.ts'
import type { SetMember } from '../manifest/check-set.ts'
import { leadingOf } from './ambiguous-providers.ts'
import { meshOf, nameOf } from './mesh-view.ts'

export function lockOf(members: readonly SetMember[]): Lock {
  const { nodes, consumers } = meshOf(members)
  const tools = nodes.map((node): [string, LockedTool] => [nameOf(node), lockedTool(node.tool)])
  const uses = consumers.flatMap(node =>
    node.filled.map((edge): [string, string[]] => {
      const leading = leadingOf(edge).map(each => `${nameOf(each)}@${each.tool.version}`)
      return [`${nameOf(node)}/${edge.dependency.name}`, leading.sort()]
    }),
  )
  return { lockVersion: 1, tools: sorted(tools), uses: sorted(uses) }
}

function sorted<T>(entries: readonly [string, T][]): Record<string, T> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
}

export function lockText(lock: Lock): string {
  const { lockVersion, tools, uses } = lock
  const bySortedKeys = (_: string, value: unknown) =>
    isRecord(value) ? sorted(Object.entries(value)) : value
  return `${JSON.stringify({ lockVersion, tools, uses }, bySortedKeys, 2)}\n`
}
