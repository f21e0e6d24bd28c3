/** The words of this package: who is calling, and what became of a token. No code, so that every part may import it. */

/** What a handler reads with `c.get('user')`. Nothing in it was believed before the token's signature held. */
export interface User {
  /** The account (`sub`). Key your data by it: addresses change. */
  userId: string
  /** For display. `api@system` where an API key is calling and its token names nobody. */
  email: string
  /** A label for people. Rights come from `permissions` alone. */
  role: string
  /** Every right of the caller, complete, as `resource:action`. */
  permissions: readonly string[]
  /** The tenant the caller acts in. */
  tenantId: string | null
  /** The session behind the token (`sid`). */
  sessionId?: string
  /** The API key behind the token; then `role` is `api`. */
  keyId?: string
  /** When the person last proved a factor (`auth_time`), in seconds since 1970. */
  authTime?: number
  /** How they did (`amr`, RFC 8176). */
  methods?: readonly string[]
}

/** `new Hono<Env>()` makes `c.get('user')` a {@link User}. */
export type Env = { Variables: { user: User } }

/** With `optionalAuth` there may be nobody. */
export type OptionalEnv = { Variables: { user: User | undefined } }

/** The members of a good token's payload. Those named here have been checked to be of these types. */
export interface Claims {
  iss: string
  sub: string
  aud: string | string[]
  iat: number
  exp: number
  nbf?: number
  sid?: string
  keyId?: string
  epoch?: number
  role?: string
  tenantId?: string | null
  [claim: string]: unknown
}

/** Why a token was not taken (req 53). */
export type Reason =
  | 'expired'
  | 'not_before'
  /** Not a token of ours at all: signature, algorithm, issuer, audience, shape. */
  | 'invalid'
  /** The session, the API key or the signing key behind it has ended. */
  | 'revoked'
  /** Rights have changed since: fetch another token and go on. */
  | 'stale'
  /** Not the token's fault: keys or revocations are not known (any more). Answer 503. */
  | 'unavailable'

/** A token that was taken. Hand it to {@link Verifier.watch} to hear when it should not be any more. */
export interface Accepted {
  readonly ok: true
  readonly user: User
  readonly claims: Claims
  /** The `kid` of the signing key. */
  readonly kid: string
}

/** A token, or an API key, that was not. */
export interface Rejected {
  readonly ok: false
  readonly reason: Reason
  /** The error code of the portal's contract, such as `token_expired`. */
  readonly code: string
  /** One plain sentence. It says nothing about the token. */
  readonly message: string
  /** Seconds after which to try again; only with `unavailable`. */
  readonly retryAfter?: number
}

export type Verdict = Accepted | Rejected

/** What {@link Verifier.watch} tells: the reasons that come to a token from outside. Its `exp` is the holder's to watch. */
export type Ending = 'revoked' | 'stale' | 'unavailable'

/** Judges tokens. Its methods never throw and never reject, whatever they are given. */
export interface Verifier {
  /** Judges an access token. */
  verify(token: string): Promise<Verdict>
  /** Exchanges an API key for a token at the portal (or takes the one it has) and judges that. */
  verifyApiKey(key: string): Promise<Verdict>
  /** The claims of a good token, or `null` (req 59, 60). */
  verifyToken(token: string): Promise<Claims | null>
  /** Judges an accepted token again by what the feed says now; `null` while it stands. Costs no signature and no request. */
  recheck(accepted: Accepted): Ending | null
  /**
   * Calls `listener` once, as soon as the feed ends this token (at most a poll later). A token that has already ended is
   * reported at once, in a microtask. With `on-demand` news comes only while requests do, with `off` never. Returns the way to
   * stop listening.
   */
  watch(accepted: Accepted, listener: (why: Ending) => void): () => void
  /** Calls `listener` after every document of the feed that changed something. Returns the way to stop listening. */
  onRevoked(listener: () => void): () => void
  /** Stops polling and forgets everybody who listens. A closed verifier answers `unavailable`. */
  close(): void
}

/** What a portal may sign with. */
export type Algorithm = 'ES256' | 'EdDSA' | 'RS256'

/** How to follow the revocation feed. */
export type FeedMode =
  /** Ask every few seconds. */
  | 'poll'
  /** Hold a stream open; poll while it is not. */
  | 'stream'
  /** No timers: ask when a request comes and the last answer is a few seconds old. For Workers. */
  | 'on-demand'
  /** Do not follow it: a token then stays good until its `exp`, whatever happens. */
  | 'off'
