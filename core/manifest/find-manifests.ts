/**
 * Paths as people type them to manifest files: a file is taken as it is, a folder gives the manifests below it, a
 * pattern what it matches. node_modules and hidden folders are not searched.
 */
import { readdirSync, statSync, type Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { MeshError } from '../model/error.ts'
import { nearest } from './suggest.ts'

const manifestName = /(^|\.)mesh\.ya?ml$/

/**
 * The manifest files, sorted within each path and each once. Throws MESH_FILE_MISSING for a path that does not exist,
 * a folder without any manifest, and a pattern that matches nothing.
 */
export async function findManifests(paths: readonly string[]): Promise<string[]> {
  const found = new Set<string>()
  for (const path of paths) for (const file of await expand(path)) found.add(file)
  return [...found]
}

async function expand(path: string): Promise<string[]> {
  const stats = await stat(path).catch(() => undefined)
  if (stats?.isDirectory()) return inFolder(path)
  if (stats) return [path]
  if (/[*?{[]/.test(path)) return matching(path)
  const near = await neighbour(path)
  throw new MeshError(
    'MESH_FILE_MISSING',
    `"${path}" does not exist`,
    near ? `write ${near}` : 'write the path of a manifest, or of a folder that holds some',
  )
}

function inFolder(folder: string): string[] {
  const files = filesBelow(folder).filter(file =>
    manifestName.test(file.split(/[\\/]/).at(-1) ?? ''),
  )
  if (files.length > 0) return files
  throw new MeshError(
    'MESH_FILE_MISSING',
    `the folder "${folder}" holds no manifest`,
    `add ${join(folder, 'mesh.yaml')}; manifests are named mesh.yaml, mesh.yml or *.mesh.yaml`,
  )
}

function matching(pattern: string): string[] {
  const segments = pattern.split('/')
  const fixed = segments
    .slice(
      0,
      segments.findIndex(segment => /[*?{[]/.test(segment)),
    )
    .join('/')
  const root = fixed || (pattern.startsWith('/') ? '/' : '.')
  const wanted = globToRegExp(relativePattern(pattern, fixed))
  const files = filesBelow(root).filter(file =>
    wanted.test(relative(root, file).replaceAll('\\', '/')),
  )
  if (files.length > 0) return files
  throw new MeshError(
    'MESH_FILE_MISSING',
    `the pattern "${pattern}" matches no file`,
    'write a pattern that matches, such as "agents/**/mesh.yaml"',
  )
}

function relativePattern(pattern: string, fixed: string): string {
  return pattern.slice(fixed === '' ? 0 : fixed.length).replace(/^\/+|^\.\//, '')
}

/** All files below, sorted, as `folder` joined with their path. */
function filesBelow(folder: string): string[] {
  return entriesOf(folder)
    .flatMap(entry => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : filesBelow(path)
      }
      return entry.isFile() || (entry.isSymbolicLink() && isFile(path)) ? [path] : []
    })
    .sort()
}

/** A folder that is not there holds nothing; one that cannot be read may hold what is looked for. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    const found = `the folder "${path}" cannot be read (${code})`
    throw new MeshError('MESH_FILE_MISSING', found, 'give the folder to this user', {
      cause: error,
    })
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false // a link that leads nowhere
  }
}

/** What the last name of the path may have been meant to be. */
async function neighbour(path: string): Promise<string | undefined> {
  const folder = join(path, '..')
  const names = await readdir(folder).catch(() => [])
  const name = nearest(path.split(/[\\/]/).at(-1) ?? '', names)
  return name && join(folder, name)
}

/** `**`, `*`, `?`, `[abc]` and `{a,b}`, as shells know them. */
function globToRegExp(pattern: string): RegExp {
  const tokens = /\*\*\/|\*\*|\*|\?|\[!?[^\]/]+\]|\{[^{}]*\}|[^*?[{]+|[\s\S]/g
  const source = (text: string): string =>
    (text.match(tokens) ?? [])
      .map(token => {
        if (token === '**/') return '(?:[^/]+/)*'
        if (token === '**') return '.*'
        if (token === '*') return '[^/]*'
        if (token === '?') return '[^/]'
        if (/^\[.+\]$/.test(token)) return token.replace(/^\[!/, '[^').replaceAll('\\', '\\\\')
        if (/^\{.*\}$/.test(token))
          return `(?:${token.slice(1, -1).split(',').map(source).join('|')})`
        return token.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
      })
      .join('')
  return new RegExp(`^${source(pattern)}$`)
}
