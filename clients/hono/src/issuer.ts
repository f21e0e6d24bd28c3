/** One trusted issuer: its keys, what its tokens must say, and who its caller is. */
import { Follower } from './feed/follower.ts'
import { isCount, isText, isTexts } from './json.ts'
import { KeySet } from './keys.ts'
import type { OtherIssuer, VerifierOptions } from './options.ts'
import type { Claims, User } from './types.ts'
import { atMost } from './time.ts'
import type { Background, World } from './world.ts'

export interface Issuer {
  readonly issuer: string
  readonly algorithms: readonly string[]
  readonly keys: KeySet
  /** `null`: no feed to ask. */
  readonly follower: Follower | null
  /** Whether the token is meant for this service. */
  isForUs(payload: Record<string, unknown>): boolean
  /** The caller, or `null` when the claims are not of the right types. May throw. */
  userOf(claims: Claims): User | null
}

/** What revocation keys may be for: the key says, not the service's settings (docs/revocation-feed.md). */
const feedAlgorithms = ['ES256', 'EdDSA', 'RS256']

export function portalOf(options: VerifierOptions, world: World): Issuer {
  const { issuer, audience, algorithms = ['ES256'], feed = 'poll', pollSeconds = 5, maxStale = 900 } = options
  const background = backgroundOf(options)
  const feedKeys = () => new KeySet(`${issuer}/.well-known/revocation-keys.json`, feedAlgorithms, world, background)
  return {
    issuer,
    algorithms,
    keys: new KeySet(`${issuer}/.well-known/jwks.json`, algorithms, world, background),
    follower: feed === 'off' ? null : new Follower({ issuer, mode: feed, pollSeconds, maxStale }, feedKeys(), world, background),
    isForUs: ({ aud }) => isMeantFor(aud, audience),
    userOf: portalUser,
  }
}

/** Where work goes on by itself nobody waits; where it would be dropped with the request, somebody has to. */
function backgroundOf({ feed, waitUntil }: VerifierOptions): Background {
  if (waitUntil) return (work) => waitUntil(work)
  return feed === 'on-demand' ? (work) => atMost(2, work) : () => {}
}

export function otherOf(other: OtherIssuer, options: VerifierOptions, world: World): Issuer {
  const { issuer, jwksUrl, algorithms = ['RS256'], audience, authorizedParties, user } = other
  return {
    issuer,
    algorithms,
    keys: new KeySet(jwksUrl, algorithms, world, backgroundOf(options)),
    follower: null,
    isForUs: ({ aud, azp }) =>
      (!audience || isMeantFor(aud, audience)) && (!authorizedParties || (isText(azp) && authorizedParties.includes(azp))),
    userOf: (claims) => {
      const email = isText(claims.email) ? claims.email : ''
      return { userId: claims.sub, email, role: 'user', permissions: [], tenantId: null, ...user?.(claims) }
    },
  }
}

function isMeantFor(aud: unknown, audience: string): boolean {
  return aud === audience || (isTexts(aud) && aud.includes(audience))
}

function portalUser(claims: Claims): User | null {
  const { sub, userId = sub, sid, keyId, role, permissions, tenantId = null, auth_time: authTime, amr } = claims
  const { email = keyId === undefined ? undefined : 'api@system' } = claims
  const wellFormed =
    userId === sub &&
    typeof email === 'string' &&
    isText(role) &&
    isTexts(permissions) &&
    (tenantId === null || isText(tenantId)) &&
    (sid === undefined || isText(sid)) &&
    (keyId === undefined || isText(keyId)) &&
    (authTime === undefined || isCount(authTime)) &&
    (amr === undefined || isTexts(amr))
  if (!wellFormed) return null
  return {
    userId,
    email: email as string,
    role,
    permissions,
    tenantId,
    ...(sid !== undefined && { sessionId: sid }),
    ...(keyId !== undefined && { keyId }),
    ...(authTime !== undefined && { authTime: authTime as number }),
    ...(amr !== undefined && { methods: amr as string[] }),
  }
}

/** Seconds that clocks may be apart. The portal sets `iat` back by as much for verifiers that allow nothing. */
const leeway = 5
/** No token may live longer than this, whatever its `exp` says (req 45). */
const longestLife = 24 * 60 * 60

/** The payload as claims whose times and subject are of the right types and hold now; otherwise why not. */
export function claimsOf(payload: Record<string, unknown>, now: number): Claims | 'invalid' | 'expired' | 'not_before' {
  const { sub, iat, exp, nbf = 0 } = payload
  if (!isText(sub) || !isCount(iat) || !isCount(exp) || !isCount(nbf)) return 'invalid'
  if (exp <= iat || exp - iat > longestLife) return 'invalid'
  if (exp <= now - leeway) return 'expired'
  if (nbf > now + leeway || iat > now + leeway) return 'not_before'
  return payload as Claims
}
