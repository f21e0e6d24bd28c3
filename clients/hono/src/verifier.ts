/**
 * Is this token good, by itself, now? The portal is asked for keys and revocations, never about a token. The order: shape,
 * issuer, `typ`, algorithm, key, signature, audience, times, claims, revocations (req 56). Nothing of a token is believed before
 * its signature holds, but for the `iss` that says whose key to try.
 */
import { ApiKeys } from './api-keys.ts'
import { isSignedBy, readCompact, type Compact } from './compact.ts'
import { bearingOf } from './feed/bearing.ts'
import type { Bearing, FeedVerdict } from './feed/state.ts'
import { claimsOf, otherOf, portalOf, type Issuer } from './issuer.ts'
import { isText } from './json.ts'
import { checkOptions, type VerifierOptions } from './options.ts'
import type { Accepted, Claims, Ending, Rejected, Verdict, Verifier } from './types.ts'
import { badKey, rejected, unavailable } from './verdicts.ts'
import { realWorld, type World } from './world.ts'

/** What the feed needs to judge again. Travels with the verdict, copies included. */
const judgedBy = Symbol('judged by')
type Remembering = Accepted & { readonly [judgedBy]?: { issuer: Issuer; bearing: Bearing } }

const endings: Record<Exclude<FeedVerdict, 'ok'>, Ending> = {
  token_revoked: 'revoked',
  token_stale: 'stale',
  unavailable: 'unavailable',
}

/**
 * Trusts a portal. Nothing is fetched before the first token comes. Throws for options that cannot be meant, and never again.
 * `world` is for tests: another network, another clock.
 */
export function createVerifier(options: VerifierOptions, world: World = realWorld): Verifier {
  checkOptions(options)
  const portal = portalOf(options, world)
  const issuers = new Map([portal, ...(options.alsoTrust ?? []).map((other) => otherOf(other, options, world))].map((one) => [one.issuer, one]))
  return new IndependentVerifier(portal, issuers, options.apiKeys ?? true, world)
}

class IndependentVerifier implements Verifier {
  readonly #portal: Issuer
  readonly #issuers: ReadonlyMap<string, Issuer>
  readonly #apiKeys: ApiKeys | null
  readonly #world: World
  readonly #stops = new Set<() => void>()
  #closed = false

  constructor(portal: Issuer, issuers: ReadonlyMap<string, Issuer>, apiKeys: boolean, world: World) {
    this.#portal = portal
    this.#issuers = issuers
    this.#world = world
    this.#apiKeys = apiKeys ? new ApiKeys(portal.issuer, this, async () => portal.follower?.ready(), world) : null
  }

  async verify(token: string): Promise<Verdict> {
    try {
      if (this.#closed) return unavailable('keys')
      const compact = readCompact(token)
      const issuer = compact && isText(compact.payload.iss) ? this.#issuers.get(compact.payload.iss) : undefined
      return issuer ? await this.#judge(compact!, issuer) : rejected('invalid')
    } catch (error) {
      // Nothing above should throw. If it does, the fault is ours, and a fault must not open the door.
      this.#world.log(`a token could not be judged: ${error instanceof Error ? error.name : typeof error}`)
      return rejected('invalid')
    }
  }

  async #judge(compact: Compact, issuer: Issuer): Promise<Verdict> {
    if (compact.typ !== 'JWT' || !issuer.algorithms.includes(compact.alg)) return rejected('invalid')
    const [key] = await Promise.all([issuer.keys.find(compact.kid), issuer.follower?.ready()])
    if (key === 'unavailable') return unavailable('keys')
    // The portal says it signs with this key, and we have not got it: not the token's fault.
    if (key === 'unknown') return issuer.follower?.state.accepts(compact.kid) ? unavailable('keys') : rejected('invalid')
    if (!(await isSignedBy(compact, key)) || !issuer.isForUs(compact.payload)) return rejected('invalid')
    const claims = claimsOf(compact.payload, this.#world.now())
    if (typeof claims === 'string') return rejected(claims)
    return this.#accept(claims, compact.kid, issuer)
  }

  async #accept(claims: Claims, kid: string, issuer: Issuer): Promise<Verdict> {
    const user = callerOf(claims, issuer)
    const bearing = await bearingOf(claims, kid)
    // Without a feed nobody compares the change number, but a portal's token that lacks it is no token of a portal.
    if (!user || (issuer === this.#portal && !bearing)) return rejected('invalid')
    const accepted: Remembering = { ok: true, user, claims, kid, ...(bearing && { [judgedBy]: { issuer, bearing } }) }
    const ending = this.recheck(accepted)
    return ending === null ? accepted : rejection(ending)
  }

  async verifyApiKey(key: string): Promise<Verdict> {
    if (this.#closed) return unavailable('exchange')
    return this.#apiKeys ? this.#apiKeys.verify(key) : badKey
  }

  async verifyToken(token: string): Promise<Claims | null> {
    const verdict = await this.verify(token)
    return verdict.ok ? verdict.claims : null
  }

  recheck(accepted: Accepted): Ending | null {
    if (this.#closed) return 'unavailable'
    const { issuer, bearing } = (accepted as Remembering)[judgedBy] ?? {}
    if (!issuer?.follower || !bearing) return null
    const verdict = issuer.follower.state.judge(bearing, this.#world.now())
    return verdict === 'ok' ? null : endings[verdict]
  }

  watch(accepted: Accepted, listener: (why: Ending) => void): () => void {
    let watching = true
    const look = () => {
      const why = watching && !this.#closed ? this.recheck(accepted) : null
      if (why === null) return
      stop()
      listener(why)
    }
    const off = this.#listen(look)
    const stop = () => {
      watching = false
      off()
    }
    queueMicrotask(look)
    return stop
  }

  onRevoked(listener: () => void): () => void {
    const state = this.#portal.follower?.state
    let version = state?.version ?? 0
    return this.#listen(() => {
      if (!state || state.version === version) return
      version = state.version
      listener()
    })
  }

  /** Listens until told to stop; what was stopped is not called any more, not even by a round that is under way. */
  #listen(listener: () => void): () => void {
    let listening = !this.#closed
    const off = listening ? this.#portal.follower?.onNews(() => listening && listener()) : undefined
    const stop = () => {
      listening = false
      off?.()
      this.#stops.delete(stop)
    }
    this.#stops.add(stop)
    return stop
  }

  close(): void {
    this.#closed = true
    for (const stop of [...this.#stops]) stop()
    this.#portal.follower?.close()
    this.#apiKeys?.clear()
  }
}

function callerOf(claims: Claims, issuer: Issuer) {
  try {
    return issuer.userOf(claims)
  } catch {
    return null
  }
}

function rejection(ending: Ending): Rejected {
  return ending === 'unavailable' ? unavailable('revocations') : rejected(ending)
}
