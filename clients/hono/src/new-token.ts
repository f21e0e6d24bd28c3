/**
 * `X-New-Token` (req 55, C28), for apps that cannot fetch a token themselves. A service holds nothing it could make a token of, and
 * must not: renewing a token on its own word would be a session nobody can end. So this works where portal, service and app
 * share one origin, and there alone: the browser then sends the portal's session cookie to the service too, and the service
 * asks the portal for a token with it, as the app would have. Everybody else fetches tokens from the portal (`./browser`).
 */
import type { Context } from 'hono'
import { download } from './download.ts'
import { Flights } from './flights.ts'
import { isText, objectOf } from './json.ts'
import type { Accepted, Verifier } from './types.ts'
import type { World } from './world.ts'

export interface NewTokenOptions {
  /** Seconds the caller's token has left when a new one is fetched; 10 to 600. */
  whenLeft: number
}

export class NewTokens {
  readonly #whenLeft: number
  readonly #issuer: string
  readonly #verifier: Verifier
  readonly #world: World
  readonly #running: Flights<string | null>

  constructor({ whenLeft }: NewTokenOptions, issuer: string, verifier: Verifier, world: World) {
    if (!(whenLeft >= 10 && whenLeft <= 600)) throw new TypeError(`@gatehouse/hono: newToken.whenLeft must be 10 to 600: ${whenLeft}`)
    this.#whenLeft = whenLeft
    this.#issuer = issuer
    this.#verifier = verifier
    this.#world = world
    this.#running = new Flights(world.now)
  }

  /** A newer token of the same person and session, or `null` for whatever reason. Never fails: the request was good as it was. */
  async for(c: Context, { claims, user }: Accepted): Promise<string | null> {
    if (claims.iss !== this.#issuer || user.keyId !== undefined || user.sessionId === undefined) return null
    if (claims.exp - this.#world.now() >= this.#whenLeft) return null
    const cookie = this.#cookieOf(c)
    if (!cookie) return null
    const token = await this.#running.join(`${user.userId} ${user.sessionId}`, () => this.#fetch(cookie).catch(() => null))
    return token && (await this.#continues(token, claims.exp, user)) ? token : null
  }

  /**
   * The portal's session cookie, of a request the app itself made from this very origin. Scripts cannot write `Sec-Fetch-Site`, and
   * a `__Host-` cookie is sent to the host alone that set it (RFC 6265bis, section 4.1.3.2).
   */
  #cookieOf(c: Context): string | null {
    if (c.req.header('Sec-Fetch-Site') !== 'same-origin') return null
    const name = this.#issuer.startsWith('https:') ? '__Host-gatehouse' : 'gatehouse'
    const pairs = (c.req.header('Cookie') ?? '').split(';').map((pair) => pair.trim())
    const cookies = pairs.filter((pair) => pair.startsWith(`${name}=`))
    return cookies.length === 1 && /^[\w-]+=[\w.~%+/=-]{1,512}$/.test(cookies[0]!) ? cookies[0]! : null
  }

  async #fetch(cookie: string): Promise<string | null> {
    // What the browser said of its request to us is true of this one: it is what the app would have sent from here.
    const headers = { Cookie: cookie, Origin: new URL(this.#issuer).origin, Accept: 'application/json' }
    const answer = await download(this.#world, `${this.#issuer}/api/auth/token`, { method: 'POST', headers, most: 32 * 1024 })
    const token = answer.status === 200 ? objectOf(answer.body)?.accessToken : null
    return isText(token) ? token : null
  }

  /** A cookie of somebody else must not turn one person into another. */
  async #continues(token: string, exp: number, { userId, sessionId }: Accepted['user']): Promise<boolean> {
    const verdict = await this.#verifier.verify(token)
    return verdict.ok && verdict.user.userId === userId && verdict.user.sessionId === sessionId && verdict.claims.exp > exp
  }
}
