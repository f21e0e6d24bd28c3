/** The whole service as one function of its settings, whom it trusts, its store and its sockets; `main.ts` gives it the real ones. */
import type { Env, Gatehouse } from '@gatehouse/hono'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { answerError, Refusal } from './refusal.ts'
import type { Settings } from './settings.ts'
import type { Store } from './store.ts'
import type { Announce } from './updates.ts'
import { workflows } from './workflows.ts'

const largestBody = 64 * 1024

type Trust = Pick<Gatehouse, 'authenticate' | 'requirePermission'>

export function createApp(settings: Pick<Settings, 'allowedOrigins'>, auth: Trust, store: Store, announce: Announce) {
  const app = new Hono<Env>()

  app.onError(answerError)
  app.notFound((c) => answerError(new Refusal(404, 'not_found', 'Not found'), c))

  // Before `authenticate`: a preflight carries no token. No credentials: callers send Bearer, never a cookie.
  app.use(
    cors({
      origin: settings.allowedOrigins,
      allowMethods: ['GET', 'POST', 'DELETE'],
      allowHeaders: ['Authorization', 'Content-Type', 'X-API-Key'],
      exposeHeaders: ['WWW-Authenticate', 'Retry-After'],
      maxAge: 600,
    }),
  )
  app.get('/public/status', (c) => c.json({ status: 'ok' }))

  app.use('/api/*', async (c, next) => {
    c.header('Cache-Control', 'no-store')
    await next()
  })
  app.use('/api/*', auth.authenticate)
  app.use('/api/*', bodyLimit({ maxSize: largestBody, onError: tooLarge }))
  app.route('/api/workflows', workflows(store, auth, announce))
  return app
}

function tooLarge(): never {
  throw new Refusal(413, 'body_too_large', 'The body is larger than 64 KiB')
}
