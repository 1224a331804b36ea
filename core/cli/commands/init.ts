/** `meshctl init FOLDER`: an agent that runs at once, with the unit test of its handler. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { MeshError } from '../../model/error.ts'
import type { Command } from '../command.ts'
import { textOf } from '../line/options.ts'
import { scaffold, templates, type Template } from '../authoring/scaffold.ts'
import { packageVersion } from './version.ts'

const shown = templates.join(' | ')

export const init: Command = {
  name: 'init',
  summary: 'Write a new agent that runs at once',
  usage: 'meshctl init <folder> [-- <program> [argument]...]',
  takes: [1, Infinity],
  about:
    'A manifest, a handler with its unit test, types, and a package.json. With the template "server" the agent wraps an MCP server ' +
    'on standard input and output: a small one that is written too, or the program behind --. A file that is there is never ' +
    'overwritten: then nothing is written.',
  options: [
    {
      flags: '--template <name>',
      about: 'what it is made of',
      choices: templates,
      default: 'typescript',
    },
    { flags: '--name <name>', about: "the agent's name (default: that of the folder)" },
  ],
  examples: [
    { command: 'meshctl init agents/greeter', about: 'in TypeScript' },
    { command: 'meshctl init agents/greeter --template javascript', about: 'in JavaScript' },
    {
      command: 'meshctl init agents/search -- uvx my-search-server',
      about: 'around an MCP server that is there',
    },
  ],
  completes: args => (args.length === 0 ? 'path' : undefined),
  async run([folder = '', ...program], context) {
    const { io, options, cwd } = context
    const root = resolve(cwd, folder)
    const template = templateOf(textOf(options, 'template'), program)
    const name = textOf(options, 'name') ?? nameOf(basename(root))
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
      const mend = 'write --name with small letters, digits and dashes, at most 63'
      throw new MeshError('MESH_USAGE_INVALID', `"${name}" is no name of an agent`, mend)
    }
    const files = scaffold({ name, template, program, version: await packageVersion() })
    const there = Object.keys(files).filter(file => existsSync(join(root, file)))
    if (there.length > 0) {
      const found = `${folder} has ${there.join(', ')} already, and nothing is overwritten`
      throw new MeshError('MESH_USAGE_INVALID', found, 'name a folder that is new')
    }
    for (const [file, text] of Object.entries(files)) {
      const path = join(root, file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
      io.out(relative(cwd, path))
    }
    if (template === 'typescript') await writeTypes(root)
    io.say(`run it:  meshctl start ${folder}`)
    if (program.length === 0) io.say(`call it: meshctl call ${name}:greet '{"name":"Ada"}'`)
    if (program.length === 0) io.say(`test it: cd ${folder} && npm install && npm test`)
    return 0
  },
}

function templateOf(text: string | undefined, program: readonly string[]): Template {
  const template = templates.find(each => each === text) ?? 'typescript'
  if (program.length === 0) return template
  if (template === 'javascript') {
    const found = `the template "javascript" has no program, but "${program[0]}" was given`
    throw new MeshError(
      'MESH_USAGE_INVALID',
      found,
      `leave one of the two out; templates are ${shown}`,
    )
  }
  return 'server'
}

/** As `meshctl types` does it. */
async function writeTypes(root: string): Promise<void> {
  const { loadManifests } = await import('../../manifest/load.ts')
  const { handlerTypes } = await import('../authoring/handler-types.ts')
  const { manifests, diagnostics } = await loadManifests([join(root, 'mesh.yaml')])
  if (manifests.length === 0)
    throw new Error(`the scaffold is no manifest: ${diagnostics[0]?.message}`)
  const agents = manifests.map(({ agent }) => agent)
  writeFileSync(join(root, 'mesh.d.ts'), handlerTypes(agents, agents))
}

/** A folder's name as an agent may be called. */
const nameOf = (folder: string) =>
  folder
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63)
