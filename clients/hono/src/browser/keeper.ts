/**
 * Keeps the one access token of this tab, and gets another when it is needed: from another tab, else from the portal.
 * However many callers ask at once, in however many tabs, one request reaches the portal.
 */
import { GatehouseError } from './errors.ts'
import type { Surroundings } from './surroundings.ts'
import { Tabs } from './tabs.ts'
import type { HeldToken, Holder } from './token.ts'

export interface KeeperEvents {
  /** A token came where there was none, or one of somebody else. */
  signedIn(): void
  /** There is no token any more, and none is to be had without signing in. */
  signedOut(): void
}

/** What a token must still last for an ordinary call, in milliseconds. */
const ordinary = 30_000

export class Keeper {
  #token: HeldToken | null = null
  /** Who is signed in as far as this tab knows; also while it has no token for a moment. */
  #holder: Holder | null = null
  #flight: Promise<void> | null = null
  /** Raised by every sign-out: what was fetched before it is not kept. */
  #era = 0
  /** The last token that an API refused. Other tabs may still offer it. */
  #refused: HeldToken | null = null
  readonly #tabs: Tabs

  constructor(
    portalUrl: string,
    surroundings: Surroundings,
    private readonly fetchToken: () => Promise<HeldToken>,
    private readonly events: KeeperEvents,
  ) {
    this.#tabs = new Tabs(portalUrl, surroundings, {
      offered: (token) => this.#offered(token),
      asked: () => this.#token?.lasts(ordinary) && this.#tabs.offer(this.#token),
      signedOut: () => this.forget(),
    })
  }

  /** The token that is held, as long as it lives. */
  get current(): HeldToken | null {
    return this.#token && this.#token.remaining() > 0 ? this.#token : null
  }

  /** A token that lasts for `wanted` milliseconds, if the portal gives such long ones. Rejects with a {@link GatehouseError}. */
  async get(wanted = ordinary): Promise<string> {
    // Twice: the first flight may have been somebody's who wanted less.
    for (let flights = 0; flights < 2 && !this.#token?.lasts(wanted); flights += 1) {
      await (this.#flight ??= this.#obtain(wanted).finally(() => (this.#flight = null)))
    }
    if (!this.#token) throw signedOut()
    return this.#token.value
  }

  /** Another token than this one, which an API did not take. */
  async replace(refused: string): Promise<string> {
    if (this.#token?.value === refused) {
      this.#refused = this.#token
      this.#token = null
    }
    return this.get()
  }

  /** Takes a token that was got from the portal, and offers it to the other tabs. */
  take(token: HeldToken): void {
    this.#hold(token)
    this.#tabs.offer(token)
  }

  /** Forgets the token here. */
  forget(): void {
    this.#era += 1
    this.#drop()
  }

  /** Forgets it here and in every tab. */
  forgetEverywhere(): void {
    this.forget()
    this.#tabs.saySignedOut()
  }

  close(): void {
    this.#tabs.close()
  }

  async #obtain(wanted: number): Promise<void> {
    const era = this.#era
    const satisfied = () => this.#token?.lasts(wanted) ?? false
    await this.#tabs.exclusively(async () => {
      if (satisfied() || (await this.#tabs.ask(satisfied))) return
      const token = await this.#fetch()
      if (era !== this.#era) throw signedOut()
      this.take(token)
    })
  }

  async #fetch(): Promise<HeldToken> {
    try {
      return await this.fetchToken()
    } catch (error) {
      // Only the portal's own word ends a sign-in, never a lost connection.
      if (error instanceof GatehouseError && error.status === 401) this.forget()
      throw error
    }
  }

  #offered(token: HeldToken): void {
    if (token.remaining() <= 0) return
    if (this.#refused && (token.value === this.#refused.value || token.age() >= this.#refused.age())) return
    if (!this.#holder) {
      // Only while this tab wants one: after a sign-out a late offer must not sign in again.
      if (this.#flight) this.#hold(token)
    } else if (!token.belongsTo(this.#holder)) {
      // Somebody else has signed in. A message must not decide who this tab acts as: the portal will say.
      this.#drop()
    } else if (token.remaining() > (this.#token?.remaining() ?? 0)) {
      this.#hold(token)
    }
  }

  #hold(token: HeldToken): void {
    const before = this.#holder
    this.#token = token
    this.#holder = token.holder
    if (before && token.belongsTo(before)) return
    if (before) this.events.signedOut()
    this.events.signedIn()
  }

  #drop(): void {
    const before = this.#holder
    this.#token = null
    this.#holder = null
    if (before) this.events.signedOut()
  }
}

function signedOut(): GatehouseError {
  return new GatehouseError(401, 'authentication_required', 'Nobody is signed in.')
}
