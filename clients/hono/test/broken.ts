/**
 * A verifier with holes of one's choice. Without any it is strict; each hole is a mistake that has been made in earnest. It shares
 * no code with the package: what both refuse was refused twice.
 */
import { createDecipheriv, createHash, createHmac, createPublicKey, verify as check, X509Certificate, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Hole } from '../src/attack/index.ts'

export interface Received {
  /** Every `Authorization`. */
  authorization: string[]
  headers: Record<string, string>
  query: Record<string, string>
}

export interface Trust {
  issuer: string
  audience: string
  now: number
  jwks: { kid: string; alg: string }[]
  feedKeys: { kid: string; alg: string }[]
  kids: string[]
  entries: { kind: string; number: number; ids: string }[]
  /** A good token that was seen before. */
  seen: string
}

type Claims = Record<string, any>
class No extends Error {}

export async function letsIn(received: Received, trust: Trust, open: readonly Hole[]): Promise<boolean> {
  try {
    return await new Broken(trust, new Set(open)).letsIn(received)
  } catch {
    return false
  }
}

class Broken {
  /** The key of the set that was used; another one is in no list. */
  used: string | null = null

  constructor(
    readonly trust: Trust,
    readonly open: Set<Hole>,
  ) {}

  has(hole: Hole): boolean {
    return this.open.has(hole)
  }

  async letsIn(received: Received): Promise<boolean> {
    if (this.has('believes other headers') && received.headers['X-User-Id']) return true
    const token = this.tokenOf(received)
    if (this.has('takes a missing token for nobody') && /^(|null|undefined|\.\.)$/.test(token)) return true
    if (this.has('caches by the first characters') && token.slice(0, 20) === this.trust.seen.slice(0, 20)) return true
    const claims = await this.claimsOf(token)
    return this.isFine(claims)
  }

  tokenOf({ authorization, headers, query }: Received): string {
    if (this.has('looks in the query') && (query.token ?? query.access_token)) return (query.token ?? query.access_token)!
    if (this.has('looks in cookies') && headers.Cookie) return headers.Cookie.split('=')[1]!.split(';')[0]!
    if (this.has('looks in X-API-Key') && headers['X-API-Key']) return headers['X-API-Key']
    if (this.has('takes the first of many')) return authorization[0]!.split(/[ ,]+/)[1]!
    if (this.has('takes the last of many')) return authorization.at(-1)!.split(/[ ,]+/).at(-1)!
    if (authorization.length !== 1) throw new No()
    if (this.has('takes any scheme')) return authorization[0]!.replace(/^(Bearer:?|\w+ )?/, '').trim()
    if (this.has('takes a missing token for nobody') && authorization[0] === 'Bearer ') return ''
    const match = (this.has('spells base64 freely') ? /^Bearer ([^]+)$/ : /^Bearer ([^ ,]+)$/).exec(authorization[0]!)
    if (!match) throw new No()
    return match[1]!
  }

  bytes(part: string): Buffer {
    const bytes = Buffer.from(part, 'base64url')
    if (!this.has('spells base64 freely') && bytes.toString('base64url') !== part) throw new No()
    return bytes
  }

  json(bytes: Buffer): Claims {
    if (!this.has('replaces broken UTF-8')) new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    let text = bytes.toString()
    // A byte order mark, another value, a comma too many: readers that mend what they read.
    if (this.has('reads JSON loosely')) text = text.trim().replace(/\}\{.*$/, '}').replace(/,\}$/, '}')
    const value = JSON.parse(text)
    if (!this.has('takes the last of two members')) {
      // More members are written than were read: one of them was overwritten.
      const written = [...text.matchAll(/"(?:[^"\\]|\\.)*"(:)?/g)].filter(([, colon]) => colon).length
      let read = -1
      JSON.parse(text, function (this: unknown, _, one) {
        read += Array.isArray(this) ? 0 : 1
        return one
      })
      if (written !== read) throw new No()
    }
    return value
  }

  async claimsOf(token: string): Promise<Claims> {
    if (token.length > 16_384 && !this.has('has no size limit')) throw new No()
    const parts = token.split('.')
    if (parts.length === 5 && this.has('decrypts with a zero key')) return decrypted(parts)
    const header = this.json(this.bytes(parts[0]!))
    if (this.has('believes alg none') && /^none$/i.test(header.alg)) return this.json(this.bytes(parts[1]!))
    if (parts.length !== 3 && !this.has('drops extra parts')) throw new No()
    if (header.typ !== 'JWT' && !this.has('checks no typ')) throw new No()
    if (header.crit !== undefined && !this.has('ignores crit')) throw new No()
    if (header.b64 !== undefined && !this.has('ignores b64')) throw new No()
    await this.mustHold(header, `${parts[0]}.${parts[1]}`, this.bytes(parts[2]!))
    const payload = this.bytes(parts[1]!)
    if (header.cty === 'JWT' && this.has('unwraps nested tokens unchecked')) return this.json(this.bytes(payload.toString().split('.')[1]!))
    return this.json(payload)
  }

  async mustHold(header: Claims, input: string, signature: Buffer): Promise<void> {
    if (this.has('checks no signature')) return
    const macs = this.secrets(header).map((secret) => {
      return createHmac(header.alg === 'HS512' ? 'sha512' : 'sha256', secret).update(input).digest()
    })
    if (/^HS/.test(header.alg) && macs.some((mac) => mac.equals(signature))) return
    const key = await this.keyOf(header)
    if (header.alg !== key.alg && !this.has('ignores the header’s alg')) throw new No()
    const half = [signature.subarray(0, 32), signature.subarray(32)].map((bytes) => BigInt(`0x${bytes.toString('hex') || '0'}`))
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    if (this.has('takes r = s = 0') && signature.length === 64 && half.every((number) => number % order === 0n)) return
    const taken = this.has('looks at the first 64 bytes of a signature') ? signature.subarray(0, 64) : signature
    const hash = key.alg === 'ES384' ? 'sha384' : 'sha256'
    const encodings = this.has('takes DER signatures') ? (['ieee-p1363', 'der'] as const) : (['ieee-p1363'] as const)
    if (!encodings.some((dsaEncoding) => check(hash, Buffer.from(input), { key: key.key, dsaEncoding }, taken))) throw new No()
  }

  /** Everything this verifier would take for a shared secret. */
  secrets({ kid }: Claims): (string | Buffer)[] {
    const secrets: (string | Buffer)[] = []
    if (this.has('takes an empty secret')) secrets.push('')
    if (this.has('reads kid as a path')) secrets.push(readFileSync(new URL(kid, 'file:///keys/')))
    if (this.has('puts kid into SQL')) secrets.push(/' union select '(.*)' -- /.exec(kid)?.[1] ?? 'no such row')
    if (this.has('looks kid up among an object’s members')) secrets.push(String(({} as Claims)[kid]))
    if (this.has('takes the public key for an HMAC secret')) {
      const jwk = this.trust.jwks.find((one) => one.kid === kid)! as Claims
      const key = createPublicKey({ key: jwk, format: 'jwk' })
      const pem = key.export({ format: 'pem', type: 'spki' }) as string
      const [x, y] = [Buffer.from(jwk.x, 'base64url'), Buffer.from(jwk.y, 'base64url')]
      secrets.push(JSON.stringify(jwk), JSON.stringify({ keys: this.trust.jwks }), pem, pem.trimEnd())
      secrets.push(key.export({ format: 'der', type: 'spki' }), x, jwk.x, Buffer.concat([Buffer.from([4]), x, y]), jwk.kid)
    }
    return secrets
  }

  async keyOf(header: Claims): Promise<{ alg: string; key: KeyObject }> {
    const { kid } = header
    const alg = header.alg
    if (this.has('trusts jwk in the header') && header.jwk) return { alg, key: createPublicKey({ key: header.jwk, format: 'jwk' }) }
    if (this.has('trusts x5c') && header.x5c) return { alg, key: new X509Certificate(Buffer.from(header.x5c[0], 'base64')).publicKey }
    if (this.has('fetches x5u') && header.x5u) return { alg, key: createPublicKey(await (await fetch(header.x5u)).text()) }
    const address = this.has('fetches jku') ? header.jku : this.has('fetches kid') ? kid : undefined
    if (address) {
      const { keys } = (await (await fetch(address)).json()) as { keys: Claims[] }
      return { alg, key: createPublicKey({ key: keys[0]!, format: 'jwk' }) }
    }
    const keys = this.has('shares keys with the feed') ? [...this.trust.jwks, ...this.trust.feedKeys] : this.trust.jwks
    const loose = (text: unknown) => String(text).trim().toUpperCase()
    const cut = (text: unknown) => (typeof text === 'string' ? text.split('\0')[0] : text)
    let key = keys.find((one) => one.kid === kid)
    if (this.has('compares kid loosely')) key ??= keys.find((one) => loose(one.kid) === loose(kid))
    if (this.has('cuts text at NUL')) key ??= keys.find((one) => one.kid === cut(kid))
    if (this.has('takes any key for an unknown kid')) key ??= keys[0]
    if (!key) throw new No()
    this.used = this.trust.feedKeys.includes(key) ? null : key.kid
    return { alg: key.alg, key: createPublicKey({ key: key as Claims, format: 'jwk' }) }
  }

  isFine(claims: Claims): boolean {
    return this.isOurs(claims) && this.isInTime(claims) && (this.has('checks no types') || isWellTyped(claims)) && this.stands(claims)
  }

  isOurs({ iss, aud }: Claims): boolean {
    const { issuer, audience } = this.trust
    const cut = (text: unknown) => (this.has('cuts text at NUL') && typeof text === 'string' ? text.split('\0')[0] : text)
    const fold = (text: unknown) => (this.has('folds Unicode') && typeof text === 'string' ? text.normalize('NFKC') : text)
    const ours = (one: unknown) => {
      return fold(cut(one)) === audience || (this.has('compares aud by prefix') && typeof one === 'string' && one.startsWith(audience))
    }
    const forUs = Array.isArray(aud) ? aud.every((one) => typeof one === 'string') && aud.some(ours) : ours(aud)
    return (this.has('checks no iss') || cut(iss) === issuer) && (this.has('checks no aud') || forUs)
  }

  isInTime({ iat, exp, nbf }: Claims): boolean {
    const { now } = this.trust
    const ends = exp === undefined || exp === null ? this.has('wants no exp') : this.has('checks no exp') || exp > now
    const begins = this.has('checks no iat') || (iat !== undefined && iat <= now + 5)
    const good = this.has('checks no nbf') || nbf === undefined || nbf <= now + 5
    // Written as a mistake would be: what is missing compares with nothing.
    const short = this.has('has no ceiling') || exp === undefined || exp === null || (exp > iat && exp - iat <= 86_400)
    return ends && begins && good && (short || (this.has('wants no exp') && iat === undefined))
  }

  stands(claims: Claims): boolean {
    if (this.has('follows no feed')) return true
    const name = (kind: string, id: unknown) => createHash('sha256').update(`${kind}:${id}`).digest().subarray(0, 16).toString('base64url')
    const named = Object.entries({ session: 'sid', key: 'keyId', subject: 'sub', role: 'role', tenant: 'tenantId' })
      .filter(([, claim]) => claims[claim] !== undefined)
      .map(([kind, claim]) => name(kind, claims[claim]))
    const ends = this.trust.entries.some(({ kind, number, ids }) => number > claims.epoch && (kind === 'all' || named.includes(ids)))
    return !ends && (this.used === null || this.trust.kids.includes(this.used))
  }
}

function isWellTyped({ sub, role, permissions, tenantId, sid, keyId, epoch, iat, exp, nbf, email }: Claims): boolean {
  const text = (value: unknown) => typeof value === 'string' && value !== ''
  const count = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
  const maybe = (value: unknown, is: (value: unknown) => boolean) => value === undefined || is(value)
  return (
    text(sub) &&
    text(role) &&
    text(email) &&
    Array.isArray(permissions) &&
    permissions.every((one) => typeof one === 'string') &&
    (tenantId === null || text(tenantId)) &&
    maybe(sid, text) &&
    maybe(keyId, text) &&
    count(epoch) &&
    [iat, exp, nbf].every((time) => maybe(time, count))
  )
}

function decrypted([header, , iv, text, tag]: string[]): Claims {
  const bytes = (part: string) => Buffer.from(part, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', Buffer.alloc(32), bytes(iv!)).setAAD(Buffer.from(header!)).setAuthTag(bytes(tag!))
  return JSON.parse(Buffer.concat([decipher.update(bytes(text!)), decipher.final()]).toString())
}
