/**
 * API keys. The portal alone knows them: it exchanges one for a token of 15 minutes, which is judged like any other and kept
 * until it is nearly over. So the portal is asked once in a quarter of an hour and key, and the feed ends a revoked key's token as it ends any.
 */
import { download, type Answer } from './download.ts'
import { Flights } from './flights.ts'
import { isText, objectOf } from './json.ts'
import type { Accepted, Verdict, Verifier } from './types.ts'
import { badKey, unavailable } from './verdicts.ts'
import type { World } from './world.ts'

/** Entries; the one used longest ago goes first. */
const mostKept = 10_000
const mostRefused = 10_000
/** At once, over all keys: made-up keys must not become a flood at the portal. */
const mostExchanges = 50
/** Of them beside those, for keys that were good before: a flood of made-up ones must not keep them out. */
const keptFree = 10
/** Seconds for which a refused key is refused without asking, and before `exp` at which another token is fetched. */
const refusedFor = 10
const fetchedBefore = 30

export class ApiKeys {
  readonly #url: string
  readonly #verifier: Pick<Verifier, 'verify' | 'recheck'>
  readonly #ready: () => Promise<void>
  readonly #world: World
  /** By SHA-256 of the whole key: a part of it, or the key itself, would be a way in or a leak. */
  readonly #kept = new Map<string, Accepted>()
  readonly #refused = new Map<string, number>()
  /** Keys that were good once. */
  readonly #known = new Map<string, true>()
  readonly #exchanges: Flights<Verdict>

  /** `ready`: to be awaited before a kept token is judged again. */
  constructor(issuer: string, verifier: Pick<Verifier, 'verify' | 'recheck'>, ready: () => Promise<void>, world: World) {
    this.#url = `${issuer}/api/keys/exchange`
    this.#verifier = verifier
    this.#ready = ready
    this.#world = world
    this.#exchanges = new Flights(world.now)
  }

  /** Never fails. */
  async verify(key: string): Promise<Verdict> {
    if (!isApiKey(key)) return badKey
    const name = await digest(key)
    const refusedUntil = this.#refused.get(name)
    if (refusedUntil !== undefined && this.#world.now() < refusedUntil) return badKey
    await this.#ready()
    const kept = this.#current(name)
    if (kept && this.#lives(kept, fetchedBefore)) return kept
    const verdict = await this.#once(name, key)
    // The portal is down, but what it said last still holds for a moment.
    if (verdict.ok || verdict.reason !== 'unavailable' || !kept || !this.#lives(kept, 0)) return verdict
    // Asking took its time: the key may have been revoked meanwhile.
    return this.#verifier.recheck(kept) === null ? kept : verdict
  }

  clear(): void {
    this.#kept.clear()
    this.#refused.clear()
    this.#known.clear()
  }

  /** The token kept for a key, unless something has ended it. */
  #current(name: string): Accepted | null {
    const kept = this.#kept.get(name)
    if (!kept) return null
    this.#kept.delete(name)
    const ending = this.#verifier.recheck(kept)
    if ((ending !== null && ending !== 'unavailable') || !this.#lives(kept, 0)) return null
    keep(this.#kept, name, kept, mostKept)
    return ending === null ? kept : null
  }

  #lives({ claims }: Accepted, seconds: number): boolean {
    return claims.exp - seconds > this.#world.now()
  }

  /** One exchange a key at a time; whoever comes meanwhile gets the same answer. */
  async #once(name: string, key: string): Promise<Verdict> {
    const most = mostExchanges + (this.#known.has(name) ? keptFree : 0)
    if (!this.#exchanges.isUnderWay(name) && this.#exchanges.size >= most) return unavailable('exchange', 1)
    const verdict = await this.#exchanges.join(name, async () => {
      try {
        return await this.#exchange(name, key)
      } catch (error) {
        this.#world.log(`cannot exchange an API key: ${error instanceof Error ? error.message : 'unknown error'}`)
        return unavailable('exchange')
      }
    })
    return verdict ?? unavailable('exchange')
  }

  async #exchange(name: string, key: string): Promise<Verdict> {
    const headers = { 'X-API-Key': key, Accept: 'application/json' }
    const answer = await download(this.#world, this.#url, { method: 'POST', headers, most: 32 * 1024 })
    if (answer.status === 401 || answer.status === 403) {
      this.#known.delete(name)
      keep(this.#refused, name, this.#world.now() + refusedFor, mostRefused)
      return badKey
    }
    if (answer.status !== 200) return unavailable('exchange', retryAfter(answer))
    const token = objectOf(answer.body)?.accessToken
    const verdict = isText(token) ? await this.#verifier.verify(token) : null
    if (verdict && !verdict.ok && (verdict.reason === 'revoked' || verdict.reason === 'stale')) return verdict
    // A token that is not good, or not one of a key: our portal is not what we think it is.
    if (!verdict?.ok || verdict.user.keyId === undefined) return unavailable('exchange')
    const accepted = { ...verdict, user: { ...verdict.user, role: 'api' } }
    keep(this.#kept, name, accepted, mostKept)
    keep(this.#known, name, true, mostKept)
    return accepted
  }
}

/**
 * Whether a text is written as a key is: prefix, 64 hex digits, and the CRC-32 of both as eight. What is not never costs the portal
 * an exchange. Says nothing about whether there is such a key.
 */
export function isApiKey(text: unknown): text is string {
  if (typeof text !== 'string' || !/^wks_(live|test)_[0-9a-f]{72}$/.test(text)) return false
  return crc32(text.slice(0, -8)).toString(16).padStart(8, '0') === text.slice(-8)
}

/** The CRC-32 of zip and PNG, over ASCII. */
function crc32(text: string): number {
  let crc = 0xffffffff
  for (let at = 0; at < text.length; at++) {
    crc ^= text.charCodeAt(at)
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}

function keep<T>(map: Map<string, T>, name: string, value: T, most: number): void {
  map.delete(name)
  map.set(name, value)
  if (map.size > most) map.delete(map.keys().next().value!)
}

/** What a busy portal asks for, within reason. */
function retryAfter({ headers }: Answer): number {
  const seconds = Number(headers.get('Retry-After'))
  return Number.isInteger(seconds) && seconds >= 1 && seconds <= 3600 ? seconds : 5
}

async function digest(key: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
