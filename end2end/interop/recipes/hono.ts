import { Hono, type Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { jwk } from 'hono/jwk'
import { decode } from 'hono/jwt'
import type { HonoJsonWebKey } from 'hono/utils/jwt/jws'

interface Claims {
  sub: string
  permissions: string[]
  tenantId: string | null
}
export type Env = { Variables: { jwtPayload: Claims } }

/** The portal's keys, kept for 10 minutes; sooner, but at most twice a minute, when a token names one we lack. */
export function cachedKeys(issuer: string) {
  let keys: HonoJsonWebKey[] = []
  let loadedAt = -Infinity
  let loading: Promise<void> | null = null

  async function load() {
    try {
      const answer = await fetch(`${issuer}/.well-known/jwks.json`, { signal: AbortSignal.timeout(5000) })
      if (!answer.ok) throw new Error(`the portal answered ${answer.status}`)
      keys = ((await answer.json()) as { keys: HonoJsonWebKey[] }).keys
      loadedAt = Date.now()
    } catch (cause) {
      // A plain Error goes to app.onError; any other class would become a 401 and sign everybody out.
      throw new Error('cannot load the signing keys', { cause })
    }
  }

  return async (c: Context) => {
    const age = Date.now() - loadedAt
    const known = keys.some(({ kid }) => kid === kidOf(c))
    if (age > 600_000 || (!known && age > 30_000)) await (loading ??= load().finally(() => (loading = null)))
    return keys
  }
}

function kidOf(c: Context): unknown {
  try {
    return (decode(c.req.header('Authorization')!.split(' ')[1]!).header as { kid?: unknown }).kid
  } catch {
    return undefined // not a token: jwk() refuses it in a moment
  }
}

export function authenticate(issuer: string, audience: string) {
  return jwk({
    keys: cachedKeys(issuer),
    alg: ['ES256'],
    verification: { iss: issuer, aud: audience },
    realm: audience,
  })
}

export const requirePermission = (...all: string[]) =>
  createMiddleware<Env>(async (c, next) => {
    const { permissions } = c.get('jwtPayload')
    if (!all.every((permission) => permissions.includes(permission))) {
      return c.json({ error: { message: 'Insufficient permissions', status: 403, code: 'insufficient_permissions' } }, 403)
    }
    await next()
  })

export function createApp(issuer: string, audience = 'workflow-api') {
  const app = new Hono<Env>()
  app.use('/api/*', authenticate(issuer, audience))
  app.get('/api/workflows', requirePermission('workflow:read'), (c) => c.json({ userId: c.get('jwtPayload').sub }))
  return app
}
