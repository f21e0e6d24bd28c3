/** What a service says about the portal it trusts, checked once: a wrong setting stops the start with one sentence. */
import type { Algorithm, FeedMode } from './types.ts'

/** How to trust a portal. */
export interface VerifierOptions {
  /** The portal's public URL, exactly its tokens' `iss`: no slash at the end. https, unless it is on loopback. */
  issuer: string
  /** What `aud` must contain. */
  audience: string
  /** What the portal signs with; a token with any other `alg` is invalid. Default `['ES256']`. */
  algorithms?: readonly Algorithm[]
  /** How to learn of revocations. Default `'poll'`. */
  feed?: FeedMode
  /** Seconds between two polls. Default 5. */
  pollSeconds?: number
  /** How long to go on, in seconds after the last good document, while the feed is down. Default 900; `Infinity` for ever. */
  maxStale?: number
}
