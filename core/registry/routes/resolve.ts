/** What a capability resolves to, and per candidate left out the reason. */
import type { Context } from 'koa'
import Router from '@koa/router'
import validRange from 'semver/ranges/valid.js'
import { parseTags } from '../../manifest/parse-tags.ts'
import { consumersOf } from '../../model/consumer.ts'
import { MeshError } from '../../model/error.ts'
import type { ResolveAnswer } from '../../model/registry-api.ts'
import { exclusionsFor } from '../../resolver/explain.ts'
import type { Want } from '../../resolver/filter.ts'
import type { OffersOf } from '../../resolver/offer.ts'
import { endpointsFor } from '../../resolver/resolve.ts'
import { agentKey } from '../control/desired.ts'
import type { Mesh } from '../control/mesh.ts'
import { parameters } from '../parameters.ts'

const MAX_TERMS = 64

export function resolveRoutes(mesh: Mesh): Router {
  const router = new Router()
  router.get('/v1/resolve', async ctx => {
    const want = readWant(mesh, ctx)
    const offersOf: OffersOf = capability =>
      [...mesh.index.inAllNamespaces(capability)].flatMap(({ offers }) => [...offers])
    const answer: ResolveAnswer = {
      capability: want.capability,
      endpoints: endpointsFor(want, offersOf),
      excluded: exclusionsFor(want, offersOf),
    }
    ctx.body = answer
  })
  return router
}

/**
 * `?capability=date&version=^1&tags=a,+b,-c,d|e&namespace=default&expectedBy=greeter/hello/date/0`; throws
 * MESH_USAGE_INVALID, and MESH_RESOURCE_MISSING where no such dependency is wanted.
 */
function readWant(mesh: Mesh, ctx: Context): Want {
  const capability = parameters.capability.read(ctx)
  if (!capability) throw usage('no capability was given', 'write ?capability=<name>')
  const version = parameters.version.read(ctx) ?? '*'
  if (validRange(version) === null) {
    throw usage(`version "${version}" is no range`, 'write a range such as ^1.2, URL-encoded')
  }
  const tags = parseTags(readTerms(parameters.tags.read(ctx)))
  const namespace = parameters.namespace.read(ctx) ?? 'default'
  const consumer = parameters.expectedBy.read(ctx)
  const { expects, pins } = consumer === undefined ? {} : expectedBy(mesh, namespace, consumer)
  return { namespace, capability, version, tags, expects, pins }
}

/** What the dependency expects as its agent is wanted now: schemas and digests are too long for a query. */
function expectedBy(mesh: Mesh, namespace: string, consumer: string): Partial<Want> {
  // The key of a consumer may have slashes of its own.
  const parts = /^([^/]*)\/(.*)\/([A-Za-z_$][^/]*)(?:\/(\d+))?$/s.exec(consumer) ?? []
  const [, name = '', key, dependency, index = '0'] = parts
  const agent = mesh.desired.get(agentKey(namespace, name))?.desired?.agent
  const alternative = (agent ? consumersOf(agent) : [])
    .find(each => each.key === key)
    ?.dependencies.find(each => each.name === dependency)?.alternatives[Number(index)]
  if (alternative) return alternative
  throw new MeshError(
    'MESH_RESOURCE_MISSING',
    `there is no dependency "${consumer}" in namespace "${namespace}"`,
    'write expectedBy=agent/tool/dependency/0, of an agent that the registry lists',
  )
}

/** A `+` that was not encoded arrives as a space. */
function readTerms(texts: readonly string[]): (string | string[])[] {
  const terms = texts
    .flatMap(text => text.split(','))
    .map(term => term.replace(/^ /, '+').trim())
    .filter(term => term !== '')
  if (terms.length > MAX_TERMS) throw usage(`there are more than ${MAX_TERMS} tags`, 'write fewer')
  const word = /^[+-]?[A-Za-z0-9][A-Za-z0-9_.:/|-]*$/
  const odd = terms.find(term => !word.test(term))
  if (odd !== undefined)
    throw usage(`"${odd}" is no tag`, 'write t, +t, -t, or a|b for any of them')
  return terms.map(term => (term.includes('|') ? term.split('|') : term))
}

function usage(found: string, mend: string): MeshError {
  return new MeshError('MESH_USAGE_INVALID', found, mend)
}
