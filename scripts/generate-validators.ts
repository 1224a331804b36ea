/**
 * The schemas as code: compiled when they change and not in every process, which would cost each of them the loading of
 * Ajv and 200 ms of work. The alternatives of an `anyOf` in our schemas differ by type, so each is compiled as "if it has
 * that type": then only the faults of the one that was meant are found, and no guess is needed.
 */
import { readFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import standalone from 'ajv/dist/standalone/index.js'

type Schema = Readonly<Record<string, unknown>>

const head = `// @ts-nocheck
/* eslint-disable */
/* Generated from schemas/ by \`npm run generate\`: change the schema, not this file. */
import type { ErrorObject } from 'ajv'
import equal from 'ajv/dist/runtime/equal.js'
import ucs2length from 'ajv/dist/runtime/ucs2length.js'

/** True for a sound value; otherwise \`errors\` has every fault of the value given last. */
export interface Validator {
  (value: unknown): boolean
  errors?: ErrorObject[] | null
}
`
const foot = `
/** By kind; JsonSchema is the meta-schema of draft 2020-12. */
export const validators = { Agent, CallPolicy, Gateway, JsonSchema } as unknown as Record<
  'Agent' | 'CallPolicy' | 'Gateway' | 'JsonSchema',
  Validator
>
`

/** The text of core/model/generated/validators.ts. */
export async function validatorsModule(root: URL): Promise<string> {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: false,
    validateSchema: false,
    code: { source: true, esm: true },
  })
  const ids: Record<string, string> = { JsonSchema: 'https://json-schema.org/draft/2020-12/schema' }
  for (const [kind, file] of [
    ['Agent', 'agent'],
    ['CallPolicy', 'call-policy'],
    ['Gateway', 'gateway'],
  ] as const) {
    const text = await readFile(new URL(`schemas/${file}.schema.json`, root), 'utf8')
    const schema = JSON.parse(text) as Schema
    ids[kind] = `mesh:${kind}`
    ajv.addSchema({ ...(chooseByType(schema, schema) as Schema), $id: ids[kind] })
  }
  const code = standalone
    .default(ajv, ids)
    .replace(/^"use strict";/, '')
    .replaceAll('require("ajv/dist/runtime/equal")', 'equal')
    .replaceAll('require("ajv/dist/runtime/ucs2length")', 'ucs2length')
    .replaceAll(/export const (\w+) = /g, 'const $1 = ')
  if (code.includes('require(')) throw new Error('Ajv wrote a require that is not replaced')
  return `${head}${code}${foot}`
}

/** The schema with each `anyOf` as `type: [...]` and one `if type, then` for each alternative. */
function chooseByType(node: unknown, root: Schema): unknown {
  if (Array.isArray(node)) return node.map(child => chooseByType(child, root))
  if (typeof node !== 'object' || node === null) return node
  const copy: Record<string, unknown> = {}
  for (const [key, child] of Object.entries(node)) copy[key] = chooseByType(child, root)
  const { anyOf: alternatives, ...rest } = copy
  if (!Array.isArray(alternatives)) return copy
  const types = (alternatives as Schema[]).map(alternative => typeOf(alternative, root))
  const choices = (alternatives as Schema[]).map((then, i) => ({ if: { type: types[i] }, then }))
  return { ...rest, type: types, allOf: choices }
}

function typeOf(node: Schema, root: Schema): unknown {
  if (node.type !== undefined || typeof node.$ref !== 'string') return node.type
  const definitions = root.$defs as Record<string, Schema>
  return definitions[node.$ref.replace('#/$defs/', '')]?.type
}
