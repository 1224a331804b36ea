/** A query parameter that the route does not take is refused: misspelled, it would be ignored, and the answer not the one asked for. */
import type Router from '@koa/router'
import type { Middleware } from 'koa'
import { nearest } from '../manifest/suggest.ts'
import { MeshError } from '../model/error.ts'
import { operations } from './operations.ts'

/** Throws MESH_USAGE_INVALID, naming the parameter that was perhaps meant. */
export function knownQuery(routers: readonly Router[]): Middleware {
  return (ctx, next) => {
    if (ctx.querystring === '') return next()
    const method = ctx.method === 'HEAD' ? 'GET' : ctx.method
    const [layer] = routers.flatMap(router => router.match(ctx.path, method).pathAndMethod)
    const operation = layer && operations[`${method} ${String(layer.path)}`]
    if (!operation) return next() // no route: what follows says so
    const known = operation.query?.map(({ name }) => name) ?? []
    const odd = Object.keys(ctx.query).find(name => !known.includes(name))
    if (odd === undefined) return next()
    const near = nearest(odd, known)
    throw new MeshError(
      'MESH_USAGE_INVALID',
      `${method} ${String(layer.path)} takes no parameter "${odd.slice(0, 100)}"`,
      near === undefined
        ? `it takes ${known.length > 0 ? known.join(', ') : 'none'}`
        : `did you mean "${near}"?`,
    )
  }
}
