/** A portal in miniature, over real HTTP on loopback: keys, feed, stream, key exchange, and every way to fail at them. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CompactSign, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { nameOf, type NamedKind } from '../src/feed/document.ts'

export const audience = 'workflow-api'

export interface SigningKey {
  kid: string
  privateKey: CryptoKey
  jwk: JWK
}

export async function makeKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

const [signing, next, feedKey] = await Promise.all([makeKey('key-1'), makeKey('key-2'), makeKey('feed-1')])

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => void | Promise<void>
interface FeedEntry {
  kind: string
  number: number
  until: number
  ids: string
}

export class Portal {
  issuer = ''
  /** Seconds. Moves by itself, and by `pass`. */
  #ahead = 0
  keys: SigningKey[] = [signing]
  kids: string[] = [signing.kid, next.kid]
  stream = 'first'
  seq = 10
  entries: FeedEntry[] = []
  /** Good API keys, and the claims of their tokens. */
  apiKeys = new Map<string, Record<string, unknown>>()
  /** Answers instead of the portal; by path. */
  readonly instead = new Map<string, Handler>()
  /** What was asked for, in order. */
  readonly asked: string[] = []
  readonly logged: string[] = []
  readonly #streams = new Set<ServerResponse>()
  readonly #server = createServer((request, response) => void this.#answer(request, response))

  static async open(): Promise<Portal> {
    const portal = new Portal()
    await new Promise<void>((resolve) => portal.#server.listen(0, '127.0.0.1', resolve))
    portal.issuer = `http://127.0.0.1:${(portal.#server.address() as AddressInfo).port}`
    return portal
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  readonly world = {
    fetch: (input: string | URL | Request, init?: RequestInit) => fetch(input, init),
    now: () => Date.now() / 1000 + this.#ahead,
    log: (sentence: string) => void this.logged.push(sentence),
  }

  now(): number {
    return Math.floor(this.world.now())
  }

  /** Moves the clock of everybody. */
  pass(seconds: number): void {
    this.#ahead += seconds
  }

  count(path: string): number {
    return this.asked.filter((asked) => asked === path).length
  }

  claims(more: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      iss: this.issuer,
      aud: [audience, this.issuer],
      sub: 'ada',
      userId: 'ada',
      sid: 'session-of-ada',
      iat: this.now() - 5,
      exp: this.now() + 895,
      auth_time: this.now() - 30,
      amr: ['pwd'],
      email: 'ada@example.com',
      role: 'user',
      permissions: ['workflow:read'],
      tenantId: null,
      epoch: this.seq,
      ...more,
    }
  }

  /** A member given as `undefined` is left out. */
  token(more: Record<string, unknown> = {}, header: Record<string, unknown> = {}, key = signing): Promise<string> {
    const full = { alg: key.jwk.alg!, typ: 'JWT', kid: key.kid, ...header }
    return new SignJWT(this.claims(more)).setProtectedHeader(full).sign(key.privateKey)
  }

  /** Tells the feed that something ended. */
  async end(kind: NamedKind | 'all', id = ''): Promise<void> {
    this.seq += 1
    const ids = kind === 'all' ? '' : await nameOf(kind, id)
    this.entries.push({ kind, number: this.seq, until: this.now() + 960, ids })
    for (const stream of this.#streams) stream.write(await this.#event(this.seq - 1))
  }

  async document(since = 0, more: Record<string, unknown> = {}): Promise<string> {
    const [seq, stream, kids, iss] = [this.seq, this.stream, this.kids, this.issuer]
    const entries = this.entries.filter(({ number }) => number > since)
    const payload = { iss, stream, since, seq, issuedAt: this.now(), expiresAt: this.now() + 30, kids, entries, ...more }
    return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
      .setProtectedHeader({ alg: 'ES256', typ: 'gatehouse-revocations', kid: feedKey.kid })
      .sign(feedKey.privateKey)
  }

  async #event(since: number): Promise<string> {
    return `event: revocations\nid: ${this.stream}.${this.seq}\ndata: ${await this.document(since)}\n\n`
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.issuer)
    this.asked.push(url.pathname)
    const handler = this.instead.get(url.pathname) ?? routes[url.pathname]
    await (handler ? handler.call(this, request, response, url) : response.writeHead(404).end())
  }

  async feed(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const since = Number(url.searchParams.get('since') ?? 0)
    const tag = `"${this.stream}.${this.seq}.${since}"`
    if (since > this.seq) response.writeHead(410).end()
    else if (request.headers['if-none-match'] === tag) response.writeHead(304).end()
    else response.writeHead(200, { 'Content-Type': 'application/jose', ETag: tag }).end(await this.document(since))
  }

  async hold(_: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    this.#streams.add(response)
    response.on('close', () => this.#streams.delete(response))
    response.write(await this.#event(Number(url.searchParams.get('since') ?? 0)))
  }

  async exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const claims = this.apiKeys.get(String(request.headers['x-api-key']))
    if (!claims) return void response.writeHead(401).end('{}')
    const accessToken = await this.token({ sid: undefined, role: 'api', email: undefined, ...claims })
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ accessToken, expiresIn: 895 }))
  }
}

const routes: Record<string, (this: Portal, request: IncomingMessage, response: ServerResponse, url: URL) => void | Promise<void>> = {
  '/.well-known/jwks.json'(_, response) {
    response.end(JSON.stringify({ keys: this.keys.map(({ jwk }) => jwk) }))
  },
  '/.well-known/revocation-keys.json'(_, response) {
    response.end(JSON.stringify({ keys: [feedKey.jwk] }))
  },
  '/.well-known/revocations': Portal.prototype.feed,
  '/.well-known/revocations/stream': Portal.prototype.hold,
  '/api/keys/exchange': Portal.prototype.exchange,
}

export { next, signing }

/** A port nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export const jwks = '/.well-known/jwks.json'
export const feed = '/.well-known/revocations'
export const stream = '/.well-known/revocations/stream'
export const exchange = '/api/keys/exchange'
