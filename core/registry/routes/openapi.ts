/** What the registry serves, for programs. */
import Router from '@koa/router'
import { openApiDocument } from '../openapi.ts'

export function openApiRoutes(): Router {
  const router = new Router()
  let text: string | undefined
  router.get('/openapi.json', async ctx => {
    ctx.body = text ??= JSON.stringify(openApiDocument())
    ctx.type = 'application/json'
  })
  return router
}
