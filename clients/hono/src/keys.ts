/**
 * A published key set, kept: fresh for 10 minutes, then loaded again behind the back of whoever asks, so that a slow or stopped
 * portal delays nobody. A `kid` nobody has seen makes us look again, at most every 30 s: anybody can invent a `kid`.
 */
import { importJWK, type CryptoKey, type JWK } from 'jose'
import type { PublicKey } from './compact.ts'
import { download } from './download.ts'
import { Flights } from './flights.ts'
import { isObject, isText, objectOf } from './json.ts'
import type { Background, World } from './world.ts'

/** Seconds. */
const freshFor = 600
const pauseBetweenLooks = 30
const pauseAfterFailure = 1

/** Bytes of the largest set taken, and how many of its keys. */
const largestSet = 64 * 1024
const mostKeys = 100

export class KeySet {
  readonly #url: string
  readonly #algorithms: readonly string[]
  readonly #world: World
  #keys: ReadonlyMap<string, PublicKey> | null = null
  #loadedAt = -Infinity
  #askedAt = -Infinity
  #failing = false
  readonly #flights: Flights<void>
  readonly #background: Background

  /** Keys for another algorithm than these are not there. */
  constructor(url: string, algorithms: readonly string[], world: World, background: Background = () => {}) {
    this.#url = url
    this.#algorithms = algorithms
    this.#world = world
    this.#background = background
    this.#flights = new Flights(world.now)
  }

  /** `unavailable` until a set was loaded; `unknown` when the newest one we may ask for has no such key. */
  async find(kid: string): Promise<PublicKey | 'unknown' | 'unavailable'> {
    await this.#load()
    const known = this.#keys?.get(kid)
    if (known) {
      if (this.#age(this.#loadedAt) > freshFor && this.#mayLook()) await this.#background(this.#look())
      return known
    }
    if (this.#keys && (this.#isLooking() || this.#mayLook())) await this.#look()
    return this.#keys ? (this.#keys.get(kid) ?? 'unknown') : 'unavailable'
  }

  /** Loads the set if there is none yet. */
  async #load(): Promise<void> {
    if (!this.#keys && (this.#isLooking() || this.#age(this.#askedAt) >= pauseAfterFailure)) await this.#look()
  }

  #age(moment: number): number {
    const age = this.#world.now() - moment
    // A clock that was set back says nothing of how long ago it was.
    return age < 0 ? Infinity : age
  }

  #isLooking(): boolean {
    return this.#flights.isUnderWay(this.#url)
  }

  #mayLook(): boolean {
    return !this.#isLooking() && this.#age(this.#askedAt) >= pauseBetweenLooks
  }

  /** Never fails. */
  #look(): Promise<void> {
    return this.#flights.join(this.#url, async () => {
      this.#askedAt = this.#world.now()
      try {
        this.#keys = await this.#fetch()
        this.#loadedAt = this.#world.now()
        this.#failing = false
      } catch (error) {
        if (!this.#failing) this.#world.log(`cannot load ${this.#url}: ${String(error)}`)
        this.#failing = true
      }
    })
  }

  async #fetch(): Promise<ReadonlyMap<string, PublicKey>> {
    const headers = { Accept: 'application/jwk-set+json, application/json' }
    const { status, body } = await download(this.#world, this.#url, { headers, most: largestSet })
    const set = status === 200 ? objectOf(body) : null
    if (!set || !Array.isArray(set.keys)) throw new Error(`no key set, status ${status}`)
    const keys = new Map<string, PublicKey>()
    for (const jwk of set.keys.slice(0, mostKeys)) {
      const read = await readKey(jwk, this.#algorithms)
      if (read && !keys.has(read.kid)) keys.set(read.kid, read)
    }
    // A set none of whose keys we can use is an accident; the keys we have are better than none.
    if (keys.size === 0) throw new Error(`no key for ${this.#algorithms.join(', ')} in the set`)
    return keys
  }
}

/** `null` for whatever is no public signing key for one of the algorithms; a set may hold others. */
async function readKey(jwk: unknown, algorithms: readonly string[]): Promise<(PublicKey & { kid: string }) | null> {
  if (!isObject(jwk) || !isText(jwk.kid) || 'd' in jwk || (jwk.use !== undefined && jwk.use !== 'sig')) return null
  const alg = jwk.alg ?? algorithmOf(jwk)
  if (typeof alg !== 'string' || alg !== algorithmOf(jwk) || !algorithms.includes(alg)) return null
  try {
    return { kid: jwk.kid, alg, key: (await importJWK(jwk as JWK, alg)) as CryptoKey }
  } catch {
    return null
  }
}

/** What a key can be for at all: an `alg` beside it that says another thing is a mistake or a trap. */
function algorithmOf({ kty, crv }: Record<string, unknown>): string | null {
  if (kty === 'EC') return crv === 'P-256' ? 'ES256' : null
  if (kty === 'OKP') return crv === 'Ed25519' ? 'EdDSA' : null
  return kty === 'RSA' ? 'RS256' : null
}
