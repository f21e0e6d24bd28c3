/** A browser in miniature: tabs that share locks and channels, a portal and an API behind `fetch`, clocks that are moved. */
import { AuthService, type AuthServiceOptions, type Channel, type Locks, type Surroundings } from '../src/browser/index.ts'

export const portalUrl = 'http://localhost:3000'
export const apiUrl = 'http://localhost:3013'
export const appOrigin = 'http://localhost:5173'

export interface Call {
  method: string
  url: string
  headers: Headers
  credentials: string | undefined
  body: unknown
}

/** Unsigned: a browser does not verify, it only carries. */
export function jwt(claims: Record<string, unknown>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'ES256', typ: 'JWT' })}.${part(claims)}.c2lnbmF0dXJl`
}

type Answer = (call: Call) => Response | Promise<Response>

export class World {
  readonly calls: Call[] = []
  /** Who the portal's cookie stands for; `null` if nobody is signed in. */
  session: { sub: string; sid: string } | null = { sub: 'ada', sid: 's1' }
  expiresIn = 900
  /** Milliseconds that have passed: by both clocks, and by the wall clock alone (sleep, or a clock that was set). */
  time = 0
  asleep = 0
  /** Of the server's own clock: what `iat` and `exp` are counted from. */
  serverSkew = 0
  readonly #routes = new Map<string, Answer>()
  readonly #queues = new Map<string, Promise<unknown>>()
  readonly #channels = new Map<string, Set<FakeChannel>>()
  #issued = 0

  constructor() {
    this.on(`POST ${portalUrl}/api/auth/token`, () => {
      const accessToken = this.session && this.issue()
      return accessToken ? json(200, { accessToken, tokenType: 'Bearer', expiresIn: this.expiresIn }) : refusal(401, 'authentication_required')
    })
    this.on(`POST ${portalUrl}/api/auth/logout`, () => {
      const wasThere = this.session !== null
      this.session = null
      return wasThere ? json(200, { success: true }) : refusal(401, 'authentication_required')
    })
  }

  on(route: string, answer: Answer): void {
    this.#routes.set(route, answer)
  }

  /** Another token of whoever is signed in. */
  issue(): string {
    this.#issued += 1
    const iat = Math.floor((Date.now() + this.time + this.serverSkew) / 1000)
    return jwt({ ...this.session, tenantId: null, jti: String(this.#issued), iat, exp: iat + this.expiresIn })
  }

  to(route: string): Call[] {
    return this.calls.filter(({ method, url }) => `${method} ${url}` === route)
  }

  get tokenFetches(): number {
    return this.to(`POST ${portalUrl}/api/auth/token`).length
  }

  tab(more: Partial<Surroundings> = {}, options: Partial<AuthServiceOptions> = {}): AuthService {
    return new AuthService({ portalUrl, apiUrl, ...options, surroundings: { ...this.surroundings(), ...more } })
  }

  surroundings(): Partial<Surroundings> {
    return {
      fetch: (url, request) => this.#fetch(String(url), request),
      locks: this.locks,
      channel: (name) => this.channel(name),
      monotonic: () => this.time,
      wall: () => 1_000_000 + this.time + this.asleep,
      page: undefined,
    }
  }

  readonly locks: Locks = {
    request: <T>(name: string, _: { signal?: AbortSignal }, held: () => Promise<T>) => {
      const turn = (this.#queues.get(name) ?? Promise.resolve()).then(held)
      this.#queues.set(name, turn.catch(() => {}))
      return turn
    },
  }

  channel(name: string): FakeChannel {
    const all = this.#channels.get(name) ?? new Set()
    this.#channels.set(name, all)
    const channel = new FakeChannel(all)
    all.add(channel)
    return channel
  }

  async #fetch(url: string, request: RequestInit = {}): Promise<Response> {
    const { method = 'GET', credentials, body } = request
    const call = { method, url, credentials, headers: new Headers(request.headers), body: readBody(body) }
    this.calls.push(call)
    await new Promise((later) => setImmediate(later))
    const answer = this.#routes.get(`${method} ${url}`)
    if (!answer) throw new TypeError(`no route ${method} ${url}`)
    return answer(call)
  }
}

class FakeChannel implements Channel {
  readonly #listeners: ((event: { data: unknown }) => void)[] = []

  constructor(private readonly all: Set<FakeChannel>) {}

  postMessage(message: unknown): void {
    const copy = structuredClone(message)
    for (const other of this.all) {
      if (other !== this) setImmediate(() => other.#listeners.forEach((listener) => listener({ data: copy })))
    }
  }

  addEventListener(_: 'message', listener: (event: { data: unknown }) => void): void {
    this.#listeners.push(listener)
  }

  close(): void {
    this.all.delete(this)
  }
}

function readBody(body: unknown): unknown {
  return typeof body === 'string' ? JSON.parse(body) : body
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } })
}

export function refusal(status: number, code: string, headers: Record<string, string> = {}): Response {
  return json(status, { code, detail: `Refused: ${code}`, error: { status, code, message: code } }, headers)
}

/** Lets promises and messages go on, which no mocked timer holds up. */
export async function soon(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await new Promise((later) => setImmediate(later))
}
