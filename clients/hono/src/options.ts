/** What a service says about whom it trusts, checked once: a wrong setting stops the start with one sentence. */
import type { Algorithm, Claims, FeedMode, User } from './types.ts'

/** How to trust a portal. */
export interface VerifierOptions {
  /** The portal's public URL, exactly its tokens' `iss`: no slash at the end. https, unless it is on loopback (req 58). */
  issuer: string
  /** What `aud` must contain. */
  audience: string
  /** What the portal signs with; a token with any other `alg` is invalid. Default `['ES256']`. */
  algorithms?: readonly Algorithm[]
  /** How to learn of revocations. Default `'poll'`. With `'off'` an ended session goes on until its token's `exp`. */
  feed?: FeedMode
  /** Seconds between two polls, 1 to 60. Default 5. */
  pollSeconds?: number
  /** How long to go on, in seconds after the last good document, while the feed is down. Default 900; `Infinity` for ever. */
  maxStale?: number
  /**
   * For Workers: `waitUntil` of `cloudflare:workers`. With `feed: 'on-demand'` a request that finds the news a few seconds old then
   * fetches it behind its own answer; without, it waits for it, up to 2 s.
   */
  waitUntil?(work: Promise<unknown>): void
  /** Whether API keys are taken, by exchange at the portal. Default `true`. */
  apiKeys?: boolean
  /** Others whose tokens are taken too. Which one is to judge is told by `iss` alone (req 170). */
  alsoTrust?: readonly OtherIssuer[]
}

/** An issuer that is no Gatehouse portal, such as Clerk. It has no revocation feed: its tokens are good until their `exp`. */
export interface OtherIssuer {
  /** Exactly the tokens' `iss`. */
  issuer: string
  /** Where its public keys are. */
  jwksUrl: string
  /** Default `['RS256']`. */
  algorithms?: readonly Algorithm[]
  /** What `aud` must contain. This or `authorizedParties` has to be given: otherwise a token for anybody would open here. */
  audience?: string
  /** Values of which `azp` must be one: the origins of your apps, with Clerk. */
  authorizedParties?: readonly string[]
  /**
   * What the claims say over `{ userId: sub, email, role: 'user', permissions: [], tenantId: null }`. Ids of two issuers may
   * be equal: where that matters, put a prefix before `userId`. If it throws, the token is invalid.
   */
  user?(claims: Claims): Partial<User>
}

const algorithms: readonly string[] = ['ES256', 'EdDSA', 'RS256'] satisfies Algorithm[]
const feedModes: readonly string[] = ['poll', 'stream', 'on-demand', 'off'] satisfies FeedMode[]

/** Throws a sentence about the first setting that cannot be meant. */
export function checkOptions(options: VerifierOptions): void {
  const { issuer, audience, feed, pollSeconds, maxStale, alsoTrust = [] } = options
  requireThat(isSafe(issuer) && !/[/?#]$/.test(issuer), `issuer must be the portal's https URL without a slash at the end: ${issuer}`)
  requireThat(typeof audience === 'string' && audience !== '', 'audience must be a text')
  requireThat(feed === undefined || feedModes.includes(feed), `feed must be one of ${feedModes.join(', ')}: ${feed}`)
  requireThat(pollSeconds === undefined || (pollSeconds >= 1 && pollSeconds <= 60), `pollSeconds must be 1 to 60: ${pollSeconds}`)
  requireThat(maxStale === undefined || maxStale >= 0, `maxStale must be a number of seconds, or Infinity: ${maxStale}`)
  checkAlgorithms(options.algorithms)
  for (const other of alsoTrust) checkOther(other)
  const issuers = [issuer, ...alsoTrust.map((other) => other.issuer)]
  requireThat(new Set(issuers).size === issuers.length, 'an issuer is trusted twice')
}

function checkOther({ issuer, jwksUrl, audience, authorizedParties, algorithms }: OtherIssuer): void {
  requireThat(typeof issuer === 'string' && issuer !== '', 'alsoTrust: issuer must be a text')
  requireThat(isSafe(jwksUrl), `alsoTrust: jwksUrl must be an https URL: ${jwksUrl}`)
  requireThat(Boolean(audience) || Boolean(authorizedParties?.length), `alsoTrust: ${issuer} needs audience or authorizedParties`)
  checkAlgorithms(algorithms)
}

function checkAlgorithms(given: readonly string[] | undefined): void {
  const known = given === undefined || (given.length > 0 && given.every((name) => algorithms.includes(name)))
  requireThat(known, `algorithms must be some of ${algorithms.join(', ')}: ${given}`)
}

/** https, or http that does not leave the machine. */
function isSafe(url: unknown): boolean {
  if (typeof url !== 'string' || !URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  const loopback = hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
  return protocol === 'https:' || (protocol === 'http:' && loopback)
}

function requireThat(holds: boolean, sentence: string): void {
  if (!holds) throw new TypeError(`@gatehouse/hono: ${sentence}`)
}
