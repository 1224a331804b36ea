/** Prints rows in the form that was asked for: a table for people, json, yaml and name for programs. */
import { createRequire } from 'node:module'
import type * as Yaml from 'yaml'
import type { Io, Options } from '../command.ts'
import { paint, type Tone } from './paint.ts'

/** The YAML package takes longer to load than most commands take altogether, and few print YAML. */
export function yamlOf(
  value: unknown,
  options: Yaml.CreateNodeOptions & Yaml.SchemaOptions = {},
): string {
  const { stringify } = createRequire(import.meta.url)('yaml') as typeof Yaml
  return stringify(value, { lineWidth: 0, ...options }).trimEnd()
}

export interface Column<Row> {
  readonly head: string
  readonly of: (row: Row) => string
  /** Shown with `-o wide` only. */
  readonly wide?: boolean
  /** How a terminal shows it; as it is where there is none. */
  readonly tone?: (row: Row) => Tone | undefined
}

export interface Listing<Row> {
  readonly rows: readonly Row[]
  readonly columns: readonly Column<Row>[]
  /** `agent/hello-world`, for `-o name`. */
  readonly nameOf: (row: Row) => string
  /** What json and yaml print; by default `{ items: rows }`. */
  readonly value?: unknown
  /** Said to people where there are no rows. */
  readonly none: string
}

/** Prints a list as `-o` says. */
export function printList<Row>(io: Io, options: Options, list: Listing<Row>): void {
  const form = options.output
  if (printValue(io, options, list.value ?? { items: list.rows })) return
  if (form === 'name') return list.rows.forEach(row => io.out(list.nameOf(row)))
  if (list.rows.length === 0) return io.say(list.none)
  const columns = list.columns.filter(column => form === 'wide' || !column.wide)
  for (const line of tableOf(columns, list.rows, io.hasColor)) io.out(line)
}

/** Lines of a table of rows; with colours where the columns have them and a terminal takes them. */
export function tableOf<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  hasColor: boolean,
): string[] {
  const [head = '', ...lines] = table(
    columns.map(column => column.head),
    rows.map(row => columns.map(column => column.of(row))),
    hasColor ? (cell, row, column) => toned(cell, columns[column], rows[row]) : undefined,
  )
  return [hasColor ? paint(head, 'quiet') : head, ...lines]
}

function toned<Row>(cell: string, column: Column<Row> | undefined, row: Row | undefined): string {
  const tone = row === undefined ? undefined : column?.tone?.(row)
  return tone === undefined ? cell : paint(cell, tone)
}

/** Prints the head of a table, and gives back what prints a row more: one line, or one document. Columns are as wide as the rows that there are. */
export function printEach<Row>(
  io: Io,
  options: Options,
  { rows, columns: all, nameOf }: Listing<Row>,
): (row: Row) => void {
  const form = options.output
  if (form === 'json') return row => io.out(JSON.stringify(row))
  if (form === 'yaml') return row => io.out(`---\n${yamlOf(row)}`)
  if (form === 'name') return row => io.out(nameOf(row))
  const columns = all.filter(column => form === 'wide' || !column.wide)
  const cells = (row: Row) => columns.map(column => printable(column.of(row)) || '-')
  const heads = columns.map(column => column.head)
  const widths = heads.map((head, i) =>
    Math.max(head.length, ...rows.map(row => cells(row)[i]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    io.out(
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('   ')
        .trimEnd(),
    )
  line(heads)
  return row => line(cells(row))
}

/** Prints a value where `-o` is json or yaml, and says whether it did. */
export function printValue(io: Io, options: Options, value: unknown): boolean {
  if (options.output === 'json') io.out(JSON.stringify(value, null, 2))
  else if (options.output === 'yaml') io.out(yamlOf(value))
  else return false
  return true
}

/**
 * Lines of a table: columns as wide as their widest cell, three blanks between them, an empty cell is `-`. `dress` gets
 * each cell of a row when all widths are known.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  dress: (cell: string, row: number, column: number) => string = cell => cell,
): string[] {
  const lines = [head, ...rows.map(row => row.map(cell => printable(cell) || '-'))]
  const widths = head.map((_, i) => Math.max(...lines.map(line => line[i]?.length ?? 0)))
  return lines.map((line, row) => {
    const cells = line.map((cell, i) => {
      const fill = ' '.repeat(
        (i === line.length - 1 ? 0 : (widths[i] ?? 0)) - (i === line.length - 1 ? 0 : cell.length),
      )
      return (row === 0 ? cell : dress(cell, row - 1, i)) + fill
    })
    return cells.join('   ').trimEnd()
  })
}

/** Text without what could move a terminal's cursor: names come from other machines. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd')
}
