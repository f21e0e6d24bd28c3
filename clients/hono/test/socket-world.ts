/** A portal in miniature that makes tokens and redeems tickets, a service with sockets behind Hono, and clients on loopback. */
import { serve, type ServerType } from '@hono/node-server'
import { Hono } from 'hono'
import { generateKeyPair, jwtVerify, SignJWT, type JWTPayload } from 'jose'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import type { Accepted, Claims, Ending, Rejected } from '../src/types.ts'
import { messageKind, Sockets, type SocketEvent, type SocketsOptions } from '../src/websocket/index.ts'

export const origin = 'http://localhost:5173'
export const audience = 'workflow-api'
const issuerName = 'http://portal.test'
const pair = await generateKeyPair('ES256')
const stranger = await generateKeyPair('ES256')

export const now = () => Math.floor(Date.now() / 1000)

export interface Closing {
  code: number
  reason: string
}

/** One client: what it hears is kept in order. */
export class Client {
  readonly messages: Record<string, unknown>[] = []
  readonly closing: Promise<Closing>
  #wake = () => {}

  constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)))
      this.#wake()
    })
    socket.on('error', () => {})
    this.closing = new Promise((done) =>
      socket.on('close', (code, reason) => {
        done({ code, reason: String(reason) })
        this.#wake()
      }),
    )
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message))
  }

  /** The next message that was not read yet. */
  async hears(): Promise<Record<string, unknown>> {
    while (this.messages.length === 0) {
      if (this.socket.readyState >= WebSocket.CLOSING) throw new Error('the socket was closed instead')
      await new Promise<void>((wake) => (this.#wake = wake))
    }
    return this.messages.shift()!
  }

  async signsIn(token: string): Promise<this> {
    this.say({ type: 'auth', token })
    const answer = await this.hears()
    if (answer.type !== 'auth:success') throw new Error(`not signed in: ${JSON.stringify(answer)}`)
    return this
  }
}

export class Service {
  readonly options: SocketsOptions
  readonly sockets: Sockets
  readonly log: SocketEvent[] = []
  /** Everything that was written to the console or thrown to us. */
  readonly errors: unknown[] = []
  readonly received: unknown[] = []
  /** How the portal answers a redemption: as it should, or with this status. */
  portalStatus: number | null = null
  readonly redeemed: { ticket: string; audience: string }[] = []
  life = 900
  /** The portal without a network in between: `fetch` has timers of its own, which a clock that stands still confuses. */
  portal: typeof fetch = fetch
  #tickets = new Map<string, string>()
  #watchers = new Set<{ accepted: Accepted; listener: (why: Ending) => void }>()
  #refusing: Rejected | null = null

  private constructor(
    private readonly servers: ServerType[],
    readonly url: string,
    portal: string,
    more: Partial<SocketsOptions>,
  ) {
    this.options = {
      WebSocketServer,
      verifier: { verify: (token) => this.#verify(token), watch: (...given) => this.#watch(...given) },
      issuer: portal,
      audience,
      allowedOrigins: [origin],
      log: (event) => this.log.push(event),
      onError: (error) => this.errors.push(error),
      messages: {
        note: messageKind({
          read: ({ text }) => (typeof text === 'string' ? text : null),
          handle: (connection, text) => {
            this.received.push(text)
            connection.send({ type: 'noted', text })
          },
        }),
        boom: messageKind({
          read: () => 'x',
          handle: () => {
            throw new Error('a handler of mine')
          },
        }),
      },
      ...more,
    }
    this.sockets = new Sockets(this.options)
    this.sockets.attach(servers[0]! as Parameters<Sockets['attach']>[0])
  }

  static async start(more: Partial<SocketsOptions> = {}): Promise<Service> {
    const app = new Hono().get('/', (c) => c.text('ok'))
    let service: Service | undefined
    const portal = new Hono().post('/api/auth/ws-ticket/redeem', async (c) => service!.#redeem(await c.req.json()))
    const servers = await Promise.all([listen(app.fetch), listen(portal.fetch)])
    const [url, portalUrl] = servers.map((server) => `localhost:${(server.address() as AddressInfo).port}`)
    service = new Service(servers, `ws://${url}`, `http://${portalUrl}`, more)
    service.portal = async (address, request) => portal.request(String(address), request)
    return service
  }

  async stop(): Promise<void> {
    await this.sockets.close()
    for (const server of this.servers) {
      server.close()
      if ('closeAllConnections' in server) server.closeAllConnections()
    }
  }

  token(more: JWTPayload = {}, key = pair.privateKey): Promise<string> {
    const person = { sub: 'ada', sid: 's1', email: 'ada@example.com', role: 'user', tenantId: 'acme' }
    const claims = { ...person, permissions: ['workflow:read', 'workflow:execute'], epoch: 1, iat: now() - 5, exp: now() + this.life, ...more }
    return new SignJWT({ iss: issuerName, aud: audience, ...claims }).setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: 'k' }).sign(key)
  }

  forged(): Promise<string> {
    return this.token({}, stranger.privateKey)
  }

  async ticket(more: JWTPayload = {}): Promise<string> {
    const ticket = `ticket-${crypto.randomUUID()}`
    this.#tickets.set(ticket, await this.token(more))
    return ticket
  }

  /** A socket that is open and has said nothing. */
  async client(path = '/ws', options: { origin?: string; headers?: Record<string, string> } = { origin }): Promise<Client> {
    const client = new Client(new WebSocket(this.url + path, options))
    await once(client.socket, 'open')
    return client
  }

  async signedIn(more: JWTPayload = {}): Promise<Client> {
    return (await this.client()).signsIn(await this.token(more))
  }

  /** The status that a socket is refused with before it opens. */
  refusedWith(path: string, options: { origin?: string; headers?: Record<string, string> }): Promise<number> {
    const socket = new WebSocket(this.url + path, options)
    return new Promise((done, failed) => {
      socket.on('unexpected-response', (_, answer) => done(answer.statusCode!))
      socket.on('open', () => failed(new Error('it was opened')))
      socket.on('error', () => {})
    })
  }

  /** What the feed would say of everybody's tokens in this session. */
  ends(sid: string, why: Ending): void {
    for (const watcher of [...this.#watchers].filter(({ accepted }) => accepted.claims.sid === sid)) {
      this.#watchers.delete(watcher)
      watcher.listener(why)
    }
  }

  /** How many connections the service holds, of any kind. */
  lines(): Promise<number> {
    return new Promise((done) => this.servers[0]!.getConnections((_, count) => done(count)))
  }

  get watched(): number {
    return this.#watchers.size
  }

  /** From now on the verifier cannot say. */
  loseFeed(): void {
    this.#refusing = { ok: false, reason: 'unavailable', code: 'database_unavailable', message: '' }
  }

  findFeed(): void {
    this.#refusing = null
  }

  #redeem(body: { ticket: string; audience: string }): Response {
    this.redeemed.push(body)
    if (this.portalStatus !== null) return new Response('{}', { status: this.portalStatus })
    const accessToken = this.#tickets.get(body.ticket)
    this.#tickets.delete(body.ticket)
    if (!accessToken || body.audience !== audience) return Response.json({ code: 'invalid_token' }, { status: 401 })
    return Response.json({ accessToken, tokenType: 'Bearer', expiresIn: this.life })
  }

  async #verify(token: string): Promise<Accepted | Rejected> {
    if (this.#refusing) return this.#refusing
    try {
      const { payload } = await jwtVerify(token, pair.publicKey, { issuer: issuerName, audience, currentDate: new Date(Date.now()) })
      const { sub, email, role, permissions, tenantId } = payload as Claims & { email: string; permissions: string[] }
      const user = { userId: sub, email, role: role!, permissions, tenantId: tenantId ?? null }
      return { ok: true, claims: payload as Claims, user, kid: 'k' }
    } catch {
      return { ok: false, reason: 'invalid', code: 'invalid_token', message: 'Invalid token' }
    }
  }

  #watch(accepted: Accepted, listener: (why: Ending) => void): () => void {
    const watcher = { accepted, listener }
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
}

async function listen(fetch: Hono['fetch']): Promise<ServerType> {
  const server = serve({ fetch, hostname: '127.0.0.1', port: 0 })
  if (!server.listening) await once(server, 'listening')
  return server
}
