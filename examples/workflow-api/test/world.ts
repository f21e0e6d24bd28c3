/** A portal in miniature (one signing key, a revocation feed, tickets) and the real app over an empty database. */
import { createHash } from 'node:crypto'
import { after } from 'node:test'
import type { World } from '@gatehouse/hono'
import { CompactSign, exportJWK, generateKeyPair, SignJWT, type JWTHeaderParameters, type JWTPayload } from 'jose'
import { createApp } from '../src/app.ts'
import { settingsFrom } from '../src/settings.ts'
import { Store, type Owner } from '../src/store.ts'
import { trust } from '../src/trust.ts'
import type { Update } from '../src/updates.ts'

export const settings = settingsFrom({ DATABASE_FILE: ':memory:', ALLOWED_ORIGINS: 'http://app.example' })
const kid = 'key-1'
const pair = await generateKeyPair('ES256', { extractable: true })
export const publicJwk = { ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256', use: 'sig' }
export const { privateKey, publicKey } = pair
export const allRights = ['workflow:read', 'workflow:create', 'workflow:delete', 'workflow:execute']

export const now = () => Math.floor(Date.now() / 1000)

export function claims(more: JWTPayload = {}): JWTPayload {
  return {
    iss: settings.issuer,
    aud: [settings.audience, settings.issuer],
    sub: 'ada',
    userId: more.sub ?? 'ada',
    sid: 'session-1',
    epoch: 1,
    iat: now() - 5,
    exp: now() + 895,
    email: 'ada@example.com',
    role: 'user',
    permissions: allRights,
    tenantId: null,
    ...more,
  }
}

/** A member given as `undefined` is left out of the token. */
export function token(more: JWTPayload = {}, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
  return new SignJWT(claims(more)).setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid, ...header }).sign(privateKey)
}

/** What the portal publishes: its keys, and a feed that its tests write. */
export class Portal {
  reachable = true
  /** Which paths were asked for. */
  readonly asked: string[] = []
  #seq = 1
  readonly #entries: object[] = []
  readonly #tickets = new Map<string, string>()
  readonly #apiKeys = new Map<string, string>()

  readonly world: World = {
    fetch: async (input, request) => this.#answer(new URL(String(input)), request),
    now: () => Date.now() / 1000,
    log: () => {},
  }

  /** Ends a session for everybody who follows the feed. */
  endSession(sid: string): void {
    this.#publish('session', sid)
  }

  /** An API key, and the token it is exchanged for. */
  addKey(key: string, token: string): void {
    this.#apiKeys.set(key, token)
  }

  /** Revokes a key: here at once, for others by the feed. */
  revokeKey(key: string, id: string): void {
    this.#apiKeys.delete(key)
    this.#publish('key', id)
  }

  ticket(token: string): string {
    const ticket = `ticket-${this.#tickets.size}`
    this.#tickets.set(ticket, token)
    return ticket
  }

  async #answer({ pathname }: URL, request?: RequestInit): Promise<Response> {
    this.asked.push(pathname)
    if (!this.reachable) throw new TypeError('the portal cannot be reached')
    if (pathname === '/.well-known/jwks.json') return Response.json({ keys: [publicJwk] })
    if (pathname === '/.well-known/revocation-keys.json') return Response.json({ keys: [{ ...publicJwk, kid: 'feed-1' }] })
    if (pathname === '/.well-known/revocations') return new Response(await this.#document())
    if (pathname === '/api/keys/exchange') return this.#exchange(new Headers(request?.headers).get('X-API-Key') ?? '')
    if (pathname === '/api/auth/ws-ticket/redeem') return this.#redeem(JSON.parse(String(request?.body)))
    return new Response('{}', { status: 404 })
  }

  #document(): Promise<string> {
    const times = { issuedAt: now(), expiresAt: now() + 30 }
    const payload = { iss: settings.issuer, stream: 's', since: 0, seq: this.#seq, ...times, kids: [kid], entries: this.#entries }
    return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
      .setProtectedHeader({ alg: 'ES256', typ: 'gatehouse-revocations', kid: 'feed-1' })
      .sign(privateKey)
  }

  #publish(kind: string, subject: string): void {
    this.#seq += 1
    const ids = createHash('sha256').update(`${kind}:${subject}`).digest().subarray(0, 16).toString('base64url')
    this.#entries.push({ kind, number: this.#seq, until: now() + 960, ids })
  }

  #exchange(key: string): Response {
    const accessToken = this.#apiKeys.get(key)
    if (!accessToken) return Response.json({ code: 'invalid_api_key' }, { status: 401 })
    return Response.json({ accessToken, tokenType: 'Bearer', expiresIn: 895 })
  }

  #redeem({ ticket, audience }: { ticket: string; audience: string }): Response {
    const accessToken = this.#tickets.get(ticket)
    this.#tickets.delete(ticket)
    if (!accessToken || audience !== settings.audience) return Response.json({ code: 'invalid_token' }, { status: 401 })
    return Response.json({ accessToken, tokenType: 'Bearer', expiresIn: 895 })
  }
}

export function world(portal = new Portal()) {
  const store = new Store(':memory:')
  const auth = trust(settings, portal.world)
  // The timer of the feed would keep the tests running.
  after(() => auth.close())
  const announced: { owner: Owner; update: Update }[] = []
  const app = createApp(settings, auth, store, ({ userId, tenantId }, update) => {
    announced.push({ owner: { userId, tenantId }, update })
  })

  async function call(method: string, path: string, bearer?: string, body?: unknown) {
    const headers: Record<string, string> = {}
    if (bearer !== undefined) headers.Authorization = `Bearer ${bearer}`
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    const response = await app.request(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) }
  }

  return { app, call, announced }
}

export const greeting = {
  name: 'Greeting',
  definition: {
    steps: [
      { type: 'set', name: 'who', value: 'world' },
      { type: 'text', name: 'greeting', template: 'Hello {{who}}' },
      { type: 'log', message: 'said {{greeting}}' },
    ],
  },
}
