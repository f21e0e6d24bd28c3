/** Makes tokens, good ones and any other: whatever bytes are wanted, signed by whichever key. Nothing here checks anything. */
import { createHash, createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

export interface ForgeKey {
  kid: string
  publicKey: KeyObject
  privateKey: KeyObject
  /** As it stands in a key set. */
  jwk: Record<string, unknown> & { kid: string; alg: string; x?: string; y?: string }
}

export interface Lore {
  /** What the consumer under test trusts: `iss` and where its keys are. */
  issuer: string
  audience: string
  permissions: readonly string[]
  /** Seconds since 1970. */
  now: number
}

/** The number of the newest change. Good tokens were read at it. */
export const newest = 100

export class Forge {
  readonly lore: Lore
  /** Signs the good tokens. */
  readonly current = ecKey()
  /** Still in the key set, but no longer in the feed's list. */
  readonly withdrawn = ecKey()
  /** Signs the feed, and is published for that alone. */
  readonly feed = ecKey()
  /** Nobody trusts it. */
  readonly stranger = ecKey()

  constructor(lore: Lore) {
    this.lore = lore
  }

  /** A member given as `undefined` is left out. */
  claims(more: Record<string, unknown> = {}): Record<string, unknown> {
    const { issuer, audience, permissions, now } = this.lore
    return {
      iss: issuer,
      aud: [audience, issuer],
      sub: 'ada',
      userId: 'ada',
      sid: 'a-living-session',
      jti: 'token-1',
      iat: now - 5,
      exp: now + 3600,
      auth_time: now - 30,
      amr: ['pwd', 'otp'],
      email: 'ada@example.com',
      email_verified: true,
      role: 'user',
      permissions,
      tenantId: null,
      epoch: newest,
      ...more,
    }
  }

  header(more: Record<string, unknown> = {}): Record<string, unknown> {
    return { alg: 'ES256', typ: 'JWT', kid: this.current.kid, ...more }
  }

  /** Signed in earnest, whatever it says. */
  token(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}, key = this.current): string {
    return this.signed(this.header({ kid: key.kid, ...header }), this.claims(claims), key)
  }

  /** Header and payload as they are given: an object, or the very text or bytes. */
  signed(header: unknown, payload: unknown, key = this.current): string {
    const input = `${part(header)}.${part(payload)}`
    return `${input}.${signature(input, key).toString('base64url')}`
  }

  /** The good claims under another signature. */
  with(header: Record<string, unknown>, signer: (input: string) => string, claims: Record<string, unknown> = {}): string {
    const input = `${part(this.header(header))}.${part(this.claims(claims))}`
    return `${input}.${signer(input)}`
  }
}

export function part(value: unknown): string {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
  return bytes.toString('base64url')
}

/** By the key's own algorithm. Of an EC key: r and s, of equal length (RFC 7518, section 3.4). */
export function signature(input: string, key: ForgeKey, encoding: 'ieee-p1363' | 'der' = 'ieee-p1363'): Buffer {
  return sign(`sha${key.jwk.alg.slice(2)}`, Buffer.from(input), { key: key.privateKey, dsaEncoding: encoding })
}

export function hmac(secret: string | Buffer, hash = 'sha256'): (input: string) => string {
  return (input) => createHmac(hash, secret).update(input).digest('base64url')
}

export function ecKey(curve = 'P-256', alg = 'ES256'): ForgeKey {
  return named(generateKeyPairSync('ec', { namedCurve: curve }), alg)
}

export function rsaKey(bits: number): ForgeKey {
  return named(generateKeyPairSync('rsa', { modulusLength: bits }), 'RS256')
}

function named({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }, alg: string): ForgeKey {
  const bare = publicKey.export({ format: 'jwk' }) as Record<string, string>
  // RFC 7638: the required members alone, in the order of their names.
  const members = bare.kty === 'RSA' ? ['e', 'kty', 'n'] : ['crv', 'kty', 'x', 'y']
  const kid = createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(members.map((name) => [name, bare[name]]))))
    .digest('base64url')
  return { kid, publicKey, privateKey, jwk: { ...bare, kid, alg, use: 'sig' } }
}
