/** The whole service as one function of its settings, its keys and its store; `main.ts` gives it the real ones. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import type { JWTVerifyGetKey } from 'jose'
import { authenticate, type Env } from './auth.ts'
import { answerError, Refusal } from './refusal.ts'
import type { Settings } from './settings.ts'
import type { Store } from './store.ts'
import { workflows } from './workflows.ts'

const largestBody = 64 * 1024

export function createApp(settings: Settings, keys: JWTVerifyGetKey, store: Store) {
  const app = new Hono<Env>()

  app.onError(answerError)
  app.notFound((c) => answerError(new Refusal(404, 'not_found', 'Not found'), c))

  // Before `authenticate`: a preflight carries no token. No credentials: callers send Bearer, never a cookie.
  app.use(
    cors({
      origin: settings.allowedOrigins,
      allowMethods: ['GET', 'POST', 'DELETE'],
      allowHeaders: ['Authorization', 'Content-Type'],
      exposeHeaders: ['WWW-Authenticate', 'Retry-After'],
      maxAge: 600,
    }),
  )
  app.get('/public/status', (c) => c.json({ status: 'ok' }))

  app.use('/api/*', async (c, next) => {
    c.header('Cache-Control', 'no-store')
    await next()
  })
  app.use('/api/*', authenticate(settings, keys))
  app.use('/api/*', bodyLimit({ maxSize: largestBody, onError: tooLarge }))
  app.route('/api/workflows', workflows(store))
  return app
}

function tooLarge(): never {
  throw new Refusal(413, 'body_too_large', 'The body is larger than 64 KiB')
}
