/** `meshctl get KIND [NAME]`: what the registry knows, a kind at a time. */
import { MeshError } from '../../model/error.ts'
import {
  agentColumns,
  capabilityColumns,
  capabilityRows,
  edgeColumns,
  edgesOf,
  instanceColumns,
  instancesOf,
} from '../agents/agents-view.ts'
import type { Command, Context } from '../command.ts'
import { readSessions, sessionColumns, sessionRows, silentOf } from '../instances/read-sessions.ts'
import { matchName } from '../line/name-match.ts'
import { missing } from '../line/nearest.ts'
import { agentNamed } from '../agents/one-agent.ts'
import { allNamespacesOption, outputOption, scopeOf, selectorOption } from '../line/options.ts'
import { printList, type Column } from '../output/output.ts'
import { watchAgents } from '../agents/watch-agents.ts'
import { agentListOptions, listAgents } from './list.ts'

const kinds = {
  agents: { one: 'agent' },
  instances: { one: 'instance' },
  capabilities: { one: 'capability' },
  edges: { one: 'edge' },
  sessions: { one: 'session' },
} as const

export const get: Command = {
  name: 'get',
  summary: 'Show agents, instances, capabilities, edges or sessions',
  usage: 'meshctl get {agents | instances | capabilities | edges | sessions} [name]',
  about:
    'Sessions are asked of the instances that own them, with MESH_TOKEN where they want a token; what is shown names a session and ' +
    'cannot be used to call it.',
  takes: [1, 2],
  options: [
    outputOption,
    allNamespacesOption,
    selectorOption,
    ...agentListOptions,
    { flags: '-w, --watch', about: 'of agents: go on with those that change, until ctrl-C' },
  ],
  examples: [
    { command: 'meshctl get agent hello-world -o yaml', about: 'manifest and status of one agent' },
    { command: 'meshctl get instances -o wide', about: 'every running process' },
    { command: 'meshctl get capabilities', about: 'what is offered, by whom' },
    { command: 'meshctl get agents -w', about: 'and what becomes of them' },
    { command: 'meshctl get edges', about: 'which dependency is filled by whom' },
    { command: 'meshctl get sessions -o wide', about: 'who owns which, and until when' },
  ],
  completes: ([word, name]) => {
    if (word === undefined) return Object.keys(kinds)
    if (name !== undefined) return undefined
    const kind = Object.entries(kinds).find(([kind, { one }]) => word === kind || word === one)
    const one = kind?.[1].one
    return one === 'edge' || one === 'session' ? undefined : one
  },
  async run([word = '', name], context) {
    const kind = kindOf(word)
    if (context.options.watch) {
      if (kind === 'agents') return watchAgents(name, context)
      const found = `-w watches agents, not ${kind}`
      throw new MeshError('MESH_USAGE_INVALID', found, 'write meshctl get agents -w')
    }
    if (kind === 'agents') {
      return name === undefined ? listAgents(context) : showAgent(name, context)
    }
    const { items } = await (await context.registry()).agents(scopeOf(context))
    if (kind === 'sessions') {
      const found = await readSessions(items, context)
      for (const line of silentOf(found)) context.io.err(line)
      const rows = sessionRows(found)
      return show(name, context, { kind, rows, columns: sessionColumns, keyOf: row => row.id })
    }
    if (kind === 'instances') {
      return show(name, context, {
        kind,
        rows: instancesOf(items),
        columns: instanceColumns,
        keyOf: row => row.id,
      })
    }
    if (kind === 'capabilities') {
      return show(name, context, {
        kind,
        rows: capabilityRows(items),
        columns: capabilityColumns,
        keyOf: row => row.capability,
      })
    }
    return show(name, context, {
      kind,
      rows: edgesOf(items),
      columns: edgeColumns,
      keyOf: row => `${row.agent}:${row.tool}/${row.dependency}`,
    })
  },
}

async function showAgent(name: string, context: Context): Promise<number> {
  const agent = await agentNamed(name, context)
  printList(context.io, context.options, {
    rows: [agent],
    columns: agentColumns,
    nameOf: ({ metadata }) => `agent/${metadata.name}`,
    value: agent,
    none: '',
  })
  return 0
}

interface Shown<Row> {
  kind: keyof typeof kinds
  rows: readonly Row[]
  columns: readonly Column<Row>[]
  keyOf: (row: Row) => string
}

function show<Row>(given: string | undefined, context: Context, shown: Shown<Row>): number {
  const { kind, columns, keyOf } = shown
  const one = kinds[kind].one
  const known = shown.rows.map(keyOf)
  const name = given === undefined ? undefined : matchName(given, known, context.io)
  const rows = shown.rows.filter(row => name === undefined || keyOf(row) === name)
  if (name !== undefined && rows.length === 0) {
    throw missing({
      found: `no ${one} "${name}" in namespace "${context.namespace}"`,
      name,
      known: [...new Set(known)],
      see: `meshctl get ${kind}`,
    })
  }
  printList(context.io, context.options, {
    rows,
    columns,
    nameOf: row => `${one}/${keyOf(row)}`,
    none: `no ${kind} in namespace "${context.namespace}"; -A looks in all`,
  })
  return 0
}

function kindOf(word: string): keyof typeof kinds {
  for (const [kind, { one }] of Object.entries(kinds)) {
    if (word === kind || word === one) return kind as keyof typeof kinds
  }
  const known = Object.keys(kinds)
  throw missing(
    { found: `"${word}" is no kind of thing to get`, name: word, known, see: get.usage },
    'MESH_USAGE_INVALID',
  )
}
