/**
 * Who is calling, and what may they do.
 *
 * The token is all this service knows about a person: it is checked here, by itself, against the portal's public keys.
 * Nothing in the token is believed before its signature, algorithm, issuer, audience and times hold; no other header is
 * believed at all. Rights come from `permissions` alone: `role` is a label for people.
 */
import { createMiddleware } from 'hono/factory'
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { Refusal } from './refusal.ts'
import type { Settings } from './settings.ts'

export interface User {
  userId: string
  email: string
  role: string
  permissions: readonly string[]
  tenantId: string | null
}

export type Env = { Variables: { user: User } }

/** No token may live longer than this, whatever its `exp` says (seconds). */
const longestLife = 24 * 60 * 60

type Trust = Pick<Settings, 'issuer' | 'audience' | 'algorithm'>

/** The portal's keys, fetched once and kept: 10 minutes, or until a token names a key we have not seen. */
export function portalKeys(issuer: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), {
    cacheMaxAge: 600_000,
    cooldownDuration: 30_000,
    timeoutDuration: 5_000,
  })
}

export function authenticate(trust: Trust, keys: JWTVerifyGetKey) {
  return createMiddleware<Env>(async (c, next) => {
    c.set('user', userOf(await verify(bearer(c.req.header('Authorization')), trust, keys)))
    await next()
  })
}

/** All of these, or 403. Goes behind `authenticate`. */
export function requirePermission(...all: string[]) {
  return createMiddleware<Env>(async (c, next) => {
    const { permissions } = c.get('user')
    if (!all.every((permission) => permissions.includes(permission))) {
      throw new Refusal(403, 'insufficient_permissions', 'Insufficient permissions', {
        headers: challenge({ error: 'insufficient_scope', scope: all.join(' ') }),
      })
    }
    await next()
  })
}

function bearer(header: string | undefined): string {
  if (header === undefined) {
    throw new Refusal(401, 'authentication_required', 'Authentication required', { headers: challenge({}) })
  }
  const token = /^Bearer +([\w.~+/-]+=*) *$/i.exec(header)?.[1]
  if (!token) throw badToken('invalid_token', 'Invalid token')
  return token
}

async function verify(token: string, trust: Trust, keys: JWTVerifyGetKey): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: [trust.algorithm],
      issuer: trust.issuer,
      audience: trust.audience,
      typ: 'JWT',
      requiredClaims: ['sub', 'iat', 'exp'],
    })
    return payload
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw badToken('token_expired', 'Token expired')
    if (isAboutTheToken(error)) throw badToken('invalid_token', 'Invalid token')
    // The token may be perfect: it is we who cannot tell. A 401 here would sign everybody out.
    console.error('cannot load the signing keys:', error)
    throw new Refusal(503, 'keys_unavailable', 'The signing keys cannot be loaded', {
      headers: { 'Retry-After': '5' },
    })
  }
}

function isAboutTheToken(error: unknown): boolean {
  return (
    error instanceof errors.JOSEError &&
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid) &&
    error.code !== 'ERR_JOSE_GENERIC'
  )
}

function userOf(claims: JWTPayload): User {
  const { sub, iat, exp, email, role, permissions, tenantId = null } = claims
  const wellFormed =
    typeof sub === 'string' &&
    typeof email === 'string' &&
    typeof role === 'string' &&
    Array.isArray(permissions) &&
    permissions.every((permission) => typeof permission === 'string') &&
    (tenantId === null || typeof tenantId === 'string')
  if (!wellFormed || exp! - iat! > longestLife) throw badToken('invalid_token', 'Invalid token')
  return { userId: sub, email, role, permissions, tenantId }
}

function badToken(code: string, message: string): Refusal {
  return new Refusal(401, code, message, { headers: challenge({ error: 'invalid_token', error_description: message }) })
}

/** RFC 6750, section 3. */
function challenge(parameters: Record<string, string>): Record<string, string> {
  const all = Object.entries({ realm: 'workflow-api', ...parameters })
  return { 'WWW-Authenticate': `Bearer ${all.map(([name, value]) => `${name}="${value}"`).join(', ')}` }
}
