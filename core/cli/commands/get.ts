/** `meshctl get KIND [NAME]`: what the registry knows, a kind at a time. */
import type { AgentResource } from '../../model/registry-api.ts'
import { hasCode, MeshError } from '../../model/error.ts'
import {
  agentColumns,
  capabilityColumns,
  capabilityRows,
  edgeColumns,
  edgesOf,
  instanceColumns,
  instancesOf,
} from '../agents-view.ts'
import type { Command, Context } from '../command.ts'
import { missing } from '../nearest.ts'
import { allNamespacesOption, outputOption, scopeOf, selectorOption } from '../options.ts'
import { printList, type Column } from '../output.ts'
import { watchAgents } from '../watch-agents.ts'
import { listAgents } from './list.ts'

const kinds = {
  agents: { one: 'agent' },
  instances: { one: 'instance' },
  capabilities: { one: 'capability' },
  edges: { one: 'edge' },
} as const

export const get: Command = {
  name: 'get',
  summary: 'Show agents, instances, capabilities or edges',
  usage: 'meshctl get {agents | instances | capabilities | edges} [name]',
  takes: [1, 2],
  options: [
    outputOption,
    allNamespacesOption,
    selectorOption,
    { flags: '-w, --watch', about: 'of agents: go on with those that change, until ctrl-C' },
  ],
  examples: [
    { command: 'meshctl get agent hello-world -o yaml', about: 'manifest and status of one agent' },
    { command: 'meshctl get instances -o wide', about: 'every running process' },
    { command: 'meshctl get capabilities', about: 'what is offered, by whom' },
    { command: 'meshctl get agents -w', about: 'and what becomes of them' },
    { command: 'meshctl get edges', about: 'which dependency is filled by whom' },
  ],
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
  const agent = await oneAgent(name, context)
  printList(context.io, context.options, {
    rows: [agent],
    columns: agentColumns,
    nameOf: ({ metadata }) => `agent/${metadata.name}`,
    value: agent,
    none: '',
  })
  return 0
}

/** An agent of the namespace by its name; an unknown one is MESH_RESOURCE_MISSING with the name that was perhaps meant. */
export async function oneAgent(
  name: string,
  { registry, namespace }: Context,
): Promise<AgentResource> {
  const client = await registry()
  try {
    return await client.agent(namespace, name)
  } catch (error) {
    if (!hasCode(error, 'MESH_RESOURCE_MISSING')) throw error
    const { items } = await client.agents()
    const elsewhere = items.find(({ metadata }) => metadata.name === name)
    const found = `no agent "${name}" in namespace "${namespace}"`
    if (elsewhere) {
      const { namespace } = elsewhere.metadata
      throw new MeshError(
        'MESH_RESOURCE_MISSING',
        found,
        `it is in "${namespace}": add -n ${namespace}`,
      )
    }
    const here = items.filter(({ metadata }) => metadata.namespace === namespace)
    const known = here.map(({ metadata }) => metadata.name)
    throw missing({ found, name, known, see: 'meshctl list' })
  }
}

interface Shown<Row> {
  kind: keyof typeof kinds
  rows: readonly Row[]
  columns: readonly Column<Row>[]
  keyOf: (row: Row) => string
}

function show<Row>(name: string | undefined, context: Context, shown: Shown<Row>): number {
  const { kind, columns, keyOf } = shown
  const one = kinds[kind].one
  const rows = shown.rows.filter(row => name === undefined || keyOf(row) === name)
  if (name !== undefined && rows.length === 0) {
    throw missing({
      found: `no ${one} "${name}" in namespace "${context.namespace}"`,
      name,
      known: [...new Set(shown.rows.map(keyOf))],
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
