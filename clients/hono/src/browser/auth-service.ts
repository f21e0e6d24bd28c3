/**
 * Signing in and calling an API from a browser app.
 *
 * The names are those of the older `AuthService`; what they do differs where the old way was unsafe:
 *
 * - Nothing is written to `localStorage`. The portal's session is a cookie that no script can read; the access token stays
 *   in memory, and a page that is loaded again asks for another. There is no refresh token in a browser.
 * - So `isAuthenticated()` is `false` until a first token was fetched: call `restore()` when the app starts.
 * - `refreshAccessToken()` signs out only when the portal says that the session is over, not when the network is.
 * - `login()` and `register()` send a password only to the page's own origin. On any other origin the portal's pages do it.
 */
import { errorOf, GatehouseError, isRecord, jsonOf } from './errors.ts'
import { Keeper } from './keeper.ts'
import { callAll } from './listeners.ts'
import { LiveConnection } from './live.ts'
import { PortalCalls } from './portal.ts'
import { signInElsewhere, signInHere, type LoginOutcome, type RegisterOutcome, type Registration } from './sign-in.ts'
import { browser, type Surroundings } from './surroundings.ts'
import { HeldToken, lifeInside } from './token.ts'

export interface AuthServiceOptions {
  /** The portal's public URL, without a slash at the end. Must be of the same site as the app: its cookie is `SameSite=Lax`. */
  portalUrl: string
  /** The API that is called with the token, without a slash at the end. The token is sent to no other origin. */
  apiUrl: string
  /** Where the API takes WebSockets: a path under `apiUrl`. */
  socketPath?: string
  /** The audience that tickets are made for; the portal's default if it is left out. */
  audience?: string
  /** What to use of the browser: for tests and unusual places. */
  surroundings?: Partial<Surroundings>
}

/** `signed-in` and `signed-out`: in this tab, in another, or because the portal says so. */
export type AuthEvent = 'signed-in' | 'signed-out'

/** Work that takes long begins with a token that lasts this many milliseconds more (req 63). */
const forLongWork = 60_000

/** The codes of a 401 that another token can heal. */
const healable = new Set(['token_expired', 'token_stale', 'token_revoked', 'invalid_token'])

export class AuthService {
  readonly #surroundings: Surroundings
  readonly #portal: PortalCalls
  readonly #keeper: Keeper
  readonly #apiUrl: URL
  readonly #listeners = new Map<AuthEvent, Set<() => void>>()
  readonly #connections = new Set<LiveConnection>()

  constructor(private readonly options: AuthServiceOptions) {
    this.#surroundings = { ...browser(), ...options.surroundings }
    this.#apiUrl = baseUrl('apiUrl', options.apiUrl)
    this.#portal = new PortalCalls(trimmed(baseUrl('portalUrl', options.portalUrl)), this.#surroundings)
    this.#keeper = new Keeper(this.#portal.url, this.#surroundings, () => this.#portal.token(), {
      signedIn: () => this.#tell('signed-in'),
      signedOut: () => {
        for (const connection of this.#connections) connection.close()
        this.#tell('signed-out')
      },
    })
  }

  /** Calls `listener` at every such event. Gives the way to stop listening. */
  on(event: AuthEvent, listener: () => void): () => void {
    const all = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, all.add(listener))
    return () => all.delete(listener)
  }

  /** Whether somebody is signed in at the portal. For the start of the app; rejects only if the portal cannot say. */
  async restore(): Promise<boolean> {
    try {
      await this.#keeper.get()
      return true
    } catch (error) {
      if (error instanceof GatehouseError && error.status === 401) return false
      throw error
    }
  }

  /** Whether this tab holds a token that still lives. Says nothing about the session: only the portal can. */
  isAuthenticated(): boolean {
    return this.#keeper.current !== null
  }

  /**
   * An access token that lasts a while: the one in memory, another tab's, or a new one. Any number of calls at once make
   * one request. Rejects with a {@link GatehouseError}, of status 401 if nobody is signed in.
   */
  getAccessToken(): Promise<string> {
    return this.#keeper.get()
  }

  /** Another token than the one in memory. Rejects with `Token refresh failed`; if the session is over, everything is forgotten. */
  async refreshAccessToken(): Promise<string> {
    return this.#refreshed(this.#keeper.current?.value ?? '')
  }

  /**
   * Takes an access token that was got in another way (a native shell, a test). Without `expiresIn` (seconds) its own times say how
   * long it lives. There is no place for a refresh token here: whatever can read it could stay signed in for weeks.
   */
  setTokens(accessToken: string, { expiresIn = lifeInside(accessToken) }: { expiresIn?: number } = {}): void {
    const token = HeldToken.from(accessToken, (expiresIn ?? NaN) * 1000, this.#surroundings)
    if (!token) throw new TypeError('setTokens wants an access token of the portal, and { expiresIn } in seconds or nothing')
    this.#keeper.take(token)
  }

  /**
   * Signs in. On the portal's own origin: with an address (or a username) and a password by JSON, or, without them, on the
   * portal's page, which leads back here. On any other origin the portal's page opens in another tab, since only pages of the portal may
   * take a password; call it from a click. It resolves when the person has signed in and comes back.
   */
  async login(identifier?: string, password?: string): Promise<LoginOutcome> {
    const { page } = this.#surroundings
    const ready = () => this.restore()
    if (page && page.origin !== new URL(this.#portal.url).origin) {
      return signInElsewhere(page, `${this.#portal.url}/login`, ready)
    }
    if (identifier !== undefined && password !== undefined) {
      const outcome = await signInHere(this.#portal, identifier, password)
      if (outcome.status === 'signed_in') await this.#keeper.get()
      return outcome
    }
    return this.#leaveFor(`/login?next=${encodeURIComponent(page?.path ?? '/')}`)
  }

  /** Registers, in the same two ways as {@link login}. The portal mails a letter; its link or code finishes the registration. */
  async register(who?: Registration): Promise<RegisterOutcome> {
    const { page } = this.#surroundings
    if (page && page.origin !== new URL(this.#portal.url).origin) {
      return signInElsewhere(page, `${this.#portal.url}/register`, () => this.restore())
    }
    if (!who) return this.#leaveFor('/register')
    const { body } = await this.#portal.attempt('/api/auth/register', { ...who })
    if (typeof body.registrationToken === 'string') {
      return { status: 'verification_sent', registrationToken: body.registrationToken }
    }
    await this.#keeper.get()
    return { status: 'signed_in' }
  }

  /**
   * Signs out: here, in the other tabs, and at the portal. What is held in memory is gone even if it rejects; then the
   * session at the portal may still be alive, and the person should be told.
   */
  async logout(scope: 'local' | 'others' | 'global' = 'local'): Promise<void> {
    if (scope !== 'others') this.#keeper.forgetEverywhere()
    try {
      await this.#portal.post('/api/auth/logout', { scope })
    } catch (error) {
      // Nobody is signed in: that is what was wanted.
      if (!(error instanceof GatehouseError && error.status === 401)) throw error
    } finally {
      // Again: until the portal had answered, somebody here or in another tab could still be given a token.
      if (scope !== 'others') this.#keeper.forgetEverywhere()
    }
  }

  /**
   * `fetch` with the access token, for a path under `apiUrl` (or an address of its origin). If the API does not take the token, it is tried
   * once more with a new one; a body that is a stream cannot be sent twice, and gets its 401. No cookies: the portal's would be a
   * second credential.
   */
  async makeAuthenticatedRequest(path: string | URL, request: RequestInit = {}): Promise<Response> {
    return this.#call(this.#apiAddress(path), request, await this.#keeper.get())
  }

  /** Runs a workflow (req 167) with a token that lasts a minute, and gives what the API says of the run. */
  async executeWorkflow(workflow: { id: string; input?: Record<string, unknown> }): Promise<Record<string, unknown>> {
    const token = await this.#keeper.get(forLongWork)
    const answer = await this.#call(
      this.#apiAddress(`/api/workflows/${encodeURIComponent(workflow.id)}/execute`),
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(workflow.input === undefined ? {} : { input: workflow.input }),
      },
      token,
    )
    if (!answer.ok) throw await errorOf(answer)
    const run = (await jsonOf(answer))?.run
    if (!isRecord(run)) throw new GatehouseError(answer.status, 'unexpected_answer', 'The API answered without a run.')
    return run
  }

  /** Opens a WebSocket to the API. It signs in by ticket, renews itself, and comes back after a loss; see {@link LiveConnection}. */
  connectWebSocket(): LiveConnection {
    const url = this.#apiAddress(this.options.socketPath ?? '/ws')
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    const connection = new LiveConnection(url.href, this.#surroundings.socket, () => this.#ticket())
    this.#connections.add(connection)
    connection.on('closed', ({ code }) => {
      this.#connections.delete(connection)
      // The session has ended, or rights have: what the token in memory is worth the portal knows.
      if (code === 4401) this.refreshAccessToken().catch(() => {})
    })
    return connection
  }

  /** Forgets the token and closes every connection of this object. Does not sign out. */
  close(): void {
    for (const connection of this.#connections) connection.close()
    this.#keeper.close()
  }

  async #call(url: URL, request: RequestInit, token: string): Promise<Response> {
    const answer = await this.#send(url, request, token)
    if (!(await isHealable(answer)) || request.body instanceof ReadableStream) return answer
    return this.#send(url, request, await this.#refreshed(token))
  }

  async #send(url: URL, request: RequestInit, token: string): Promise<Response> {
    const headers = new Headers(request.headers)
    headers.set('Authorization', `Bearer ${token}`)
    try {
      return await this.#surroundings.fetch(url.href, { redirect: 'error', ...request, headers, credentials: 'omit' })
    } catch (cause) {
      if (request.signal?.aborted) throw cause
      throw new GatehouseError(0, 'unreachable', 'The API cannot be reached.', { cause })
    }
  }

  async #refreshed(refused: string): Promise<string> {
    try {
      return await this.#keeper.replace(refused)
    } catch (error) {
      const { status, code, more } = error as GatehouseError
      throw new GatehouseError(status, code, 'Token refresh failed', { ...more, cause: error })
    }
  }

  async #ticket(): Promise<string> {
    try {
      return await this.#portal.ticket(this.options.audience)
    } catch (error) {
      if (error instanceof GatehouseError && error.status === 401) this.#keeper.forget()
      throw error
    }
  }

  #apiAddress(path: string | URL): URL {
    const text = String(path)
    const url = /^[a-z][a-z\d+.-]*:/i.test(text) ? new URL(text) : new URL(trimmed(this.#apiUrl) + text.replace(/^\/?/, '/'))
    if (url.origin !== this.#apiUrl.origin) throw new TypeError(`The token is only sent to ${this.#apiUrl.origin}`)
    return url
  }

  #leaveFor(path: string): Promise<never> {
    const { page } = this.#surroundings
    if (!page) throw new TypeError('Only a page can show the portal’s pages')
    page.go(this.#portal.url + path)
    return new Promise(() => {}) // the page is going away
  }

  #tell(event: AuthEvent): void {
    callAll(this.#listeners.get(event) ?? [])
  }
}

async function isHealable(answer: Response): Promise<boolean> {
  return answer.status === 401 && healable.has((await errorOf(answer.clone())).code)
}

function baseUrl(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password) {
    throw new TypeError(`${name} must be an http(s) URL without query and fragment`)
  }
  return url
}

function trimmed({ origin, pathname }: URL): string {
  return origin + pathname.replace(/\/+$/, '')
}
