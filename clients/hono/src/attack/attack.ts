/** One hostile request. */

/** What a verifier has to be missing for an attack to get in. The tests have one broken verifier for each. */
export const holes = [
  'believes alg none',
  'takes the public key for an HMAC secret',
  'ignores the header’s alg',
  'checks no signature',
  'takes an empty secret',
  'takes r = s = 0',
  'takes DER signatures',
  'looks at the first 64 bytes of a signature',
  'spells base64 freely',
  'drops extra parts',
  'trusts jwk in the header',
  'fetches jku',
  'fetches x5u',
  'trusts x5c',
  'reads kid as a path',
  'puts kid into SQL',
  'fetches kid',
  'looks kid up among an object’s members',
  'takes any key for an unknown kid',
  'compares kid loosely',
  'checks no typ',
  'ignores crit',
  'ignores b64',
  'unwraps nested tokens unchecked',
  'decrypts with a zero key',
  'shares keys with the feed',
  'checks no exp',
  'wants no exp',
  'checks no nbf',
  'checks no iat',
  'has no ceiling',
  'checks no iss',
  'checks no aud',
  'compares aud by prefix',
  'cuts text at NUL',
  'folds Unicode',
  'checks no types',
  'takes the last of two members',
  'reads JSON loosely',
  'replaces broken UTF-8',
  'follows no feed',
  'has no size limit',
  'takes any scheme',
  'takes the first of many',
  'takes the last of many',
  'takes a missing token for nobody',
  'looks in the query',
  'looks in cookies',
  'looks in X-API-Key',
  'believes other headers',
  'caches by the first characters',
] as const
export type Hole = (typeof holes)[number]

/** Who could send it. */
export type Maker =
  /** Any caller, some with a token of their own: an ended one, one for another service, one that is spelt otherwise. */
  | 'caller'
  /** Nobody but the issuer, by a mistake or by a thief of its key: what lets it in has one guard less. */
  | 'issuer'

/** Holes that let in only what the issuer signed. */
const guarded: ReadonlySet<Hole> = new Set<Hole>([
  'ignores the header’s alg',
  'takes any key for an unknown kid',
  'compares kid loosely',
  'cuts text at NUL',
  'folds Unicode',
  'checks no typ',
  'ignores crit',
  'ignores b64',
  'unwraps nested tokens unchecked',
  'shares keys with the feed',
  'wants no exp',
  'checks no iat',
  'has no ceiling',
  'checks no iss',
  'checks no types',
  'takes the last of two members',
  'reads JSON loosely',
  'replaces broken UTF-8',
  'has no size limit',
])

export interface Attack {
  name: string
  /** What it tries, in a few words. */
  tries: string
  /** All of these have to be open. */
  holes: readonly Hole[]
  maker: Maker
  send: Sending
}

export type Sending =
  /** In the place where tokens go. */
  | { token: string }
  /** The whole value of `Authorization`, or of several. */
  | { authorization: string | string[] }
  | { query: Record<string, string> }
  | { headers: Record<string, string> }

export interface Good {
  name: string
  tries: string
  send: { token: string }
}

/** Shorthand of the lists. */
export function by(hole: Hole | readonly Hole[], name: string, tries: string, token: string): Attack {
  return sent(hole, name, tries, { token })
}

export function sent(hole: Hole | readonly Hole[], name: string, tries: string, send: Sending): Attack {
  const holes = typeof hole === 'string' ? [hole] : hole
  return { name, tries, holes, maker: holes.some((one) => guarded.has(one)) ? 'issuer' : 'caller', send }
}
