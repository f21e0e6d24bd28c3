/** The middleware: `const auth = gatehouse({ issuer, audience })`, then `app.use('/api/*', auth.authenticate)`. */
import type { Context, MiddlewareHandler } from 'hono'
import { credentialOf, isSecure, verdictOf, type HttpsRule } from './credentials.ts'
import { guards, type Guards } from './guards.ts'
import type { VerifierOptions } from './options.ts'
import { NewTokens, type NewTokenOptions } from './new-token.ts'
import { ambiguous, anonymous, insecure, refusalOf, type ErrorShape, type Refusal } from './refusal.ts'
import { atMost } from './time.ts'
import type { Accepted, Env, OptionalEnv, User, Verifier } from './types.ts'
import { createVerifier } from './verifier.ts'
import { realWorld, type World } from './world.ts'

export interface GatehouseOptions extends VerifierOptions {
  /** The shape of error answers. Default `'problem'`. */
  errors?: ErrorShape
  /** Answers instead of us, for a shape of your own. */
  onRefusal?(refusal: Refusal, c: Context): Response | Promise<Response>
  /**
   * Refuses credentials that came over plain http (req 58). Off by default, because behind a proxy that ends TLS every request
   * looks like http: only you know which of the two rules is true of your service. The portal itself is asked over https in any case.
   */
  requireHttps?: HttpsRule | false
  /**
   * Answers carry `X-New-Token` when the caller's token is nearly over (C28): only where portal, service and app share one origin
   * and the browser sends the portal's session cookie along. Default: never.
   */
  newToken?: NewTokenOptions
}

export interface Gatehouse extends Guards {
  /** Sets `c.get('user')`, or answers 400, 401, 403 or 503. */
  readonly authenticate: MiddlewareHandler<Env>
  /** The same for whoever brings a credential; without one `c.get('user')` is `undefined` (req 99). A wrong one is still 401. */
  readonly optionalAuth: MiddlewareHandler<OptionalEnv>
  /** Who is calling, inside a handler without middleware; `null` for whatever is no good credential. Never throws (req 182). */
  verifyAuthRequest(c: Context): Promise<User | null>
  /** As {@link Verifier.verify}: with the reason (req 53). */
  readonly verify: Verifier['verify']
  /** As {@link Verifier.verifyToken}: the claims or `null`. */
  readonly verifyToken: Verifier['verifyToken']
  /** For whatever else judges tokens, such as the WebSocket helper. */
  readonly verifier: Verifier
  /** Stops polling. */
  close(): void
}

/** Throws for options that cannot be meant. Fetches nothing before the first request. `world` is for tests. */
export function gatehouse(options: GatehouseOptions, world: World = realWorld): Gatehouse {
  const { issuer, audience, errors: shape = 'problem', onRefusal, requireHttps = false } = options
  const verifier = createVerifier(options, world)
  const rendering = { shape, realm: audience, types: `${issuer}/errors/` }
  const newTokens = options.newToken ? new NewTokens(options.newToken, issuer, verifier, world) : null
  const answer = (refusal: Refusal, c: Context) => (onRefusal ? onRefusal(refusal, c) : refusal.toResponse(rendering))

  /** `null`: nobody says who they are. */
  async function identify(c: Context): Promise<Accepted | Refusal | null> {
    const credential = credentialOf(c)
    if (credential.kind === 'none') return null
    if (requireHttps && !isSecure(c, requireHttps)) return insecure
    if (credential.kind === 'several') return ambiguous
    const verdict = await verdictOf(credential, verifier)
    return verdict.ok ? verdict : refusalOf(verdict)
  }

  const authenticate: MiddlewareHandler<Env> = async (c, next) => {
    const caller = (await identify(c)) ?? anonymous
    if (!('ok' in caller)) return answer(caller, c)
    c.set('user', caller.user)
    // Beside the handler, and for a second longer: a portal that hangs must not make every answer hang.
    const renewed = newTokens?.for(c, caller)
    await next()
    const token = renewed && (await atMost(1, renewed))
    if (!token) return
    c.header('X-New-Token', token)
    c.header('Cache-Control', 'no-store')
  }

  const optionalAuth: MiddlewareHandler<OptionalEnv> = async (c, next) => {
    const caller = await identify(c)
    if (caller && !('ok' in caller)) return answer(caller, c)
    c.set('user', caller?.user)
    await next()
  }

  return {
    ...guards(answer, world.now),
    authenticate,
    optionalAuth,
    verifyAuthRequest: async (c) => {
      const caller = await identify(c)
      return caller && 'ok' in caller ? caller.user : null
    },
    verify: (token) => verifier.verify(token),
    verifyToken: (token) => verifier.verifyToken(token),
    verifier,
    close: () => verifier.close(),
  }
}
