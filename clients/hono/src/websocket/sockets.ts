/** All sockets of a service: the door they come in by, the limits they share, and sending to many of them. */
import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { Connection, type Gate } from './connection.ts'
import { defaultLimits, type Limits, type SocketsOptions } from './options.ts'
import { clientAddress } from './peer.ts'
import type { SocketServer, UpgradeServer } from './shapes.ts'

export class Sockets {
  readonly #limits: Limits
  readonly #server: SocketServer
  readonly #origins: ReadonlySet<string>
  readonly #all = new Set<Connection>()
  /** Those whose line is still there, closed ones too. */
  readonly #lines = new Set<Connection>()
  /** Those that nobody has signed in on yet, and from where. */
  readonly #waiting = new Map<Connection, string>()
  /** Those that somebody has signed in on, and as whom: never changes in the life of a connection. */
  readonly #members = new Map<Connection, Pick<Connection, 'userId' | 'tenantId'>>()
  readonly #ofUser = new Map<string, Set<Connection>>()
  readonly #ofTenant = new Map<string, Set<Connection>>()
  readonly #detach = new Set<() => void>()
  readonly #heart: ReturnType<typeof setInterval>
  readonly #gate: Gate
  #closing = false

  constructor(private readonly options: SocketsOptions) {
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#origins = new Set(options.allowedOrigins.map(exactOrigin))
    if (options.issuer.endsWith('/')) throw new TypeError('issuer is the portal’s public URL without a slash at the end')
    this.#server = new options.WebSocketServer({
      noServer: true,
      clientTracking: false,
      // A few bytes that unfold to megabytes are a way to be flooded; messages here are small.
      perMessageDeflate: false,
      maxPayload: this.#limits.messageBytes,
    })
    this.#gate = {
      options,
      limits: this.#limits,
      opened: (connection) => this.#opened(connection),
      closed: (connection) => this.#closed(connection),
    }
    this.#heart = setInterval(() => this.#beat(), this.#limits.pingEvery)
    this.#heart.unref()
  }

  /** Takes the sockets that come to this path of a server. Gives the way to stop. */
  attach(server: UpgradeServer, path = '/ws'): () => void {
    const listener = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (request.url?.split('?')[0] === path) this.upgrade(request, socket, head)
      // Node leaves a socket open that nobody takes.
      else if (server.listenerCount('upgrade') === 1) refuse(socket, 404)
    }
    server.on('upgrade', listener)
    const detach = () => void server.off('upgrade', listener)
    this.#detach.add(detach)
    return detach
  }

  /** Takes one upgrade request, for servers with a router of their own. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    let ip: string
    try {
      ip = clientAddress(request, this.options.isTrustedProxy ?? (() => false))
    } catch (error) {
      this.#failed(error)
      return refuse(socket, 500)
    }
    const trouble = this.#trouble(request, ip)
    if (trouble) {
      try {
        this.options.log?.({ event: 'refused', ip, ...trouble })
      } catch (error) {
        this.#failed(error)
      }
      return refuse(socket, trouble.status)
    }
    this.#server.handleUpgrade(request, socket, head, (opened) => {
      const connection = new Connection(opened, request, this.#gate)
      this.#all.add(connection)
      this.#lines.add(connection)
      this.#waiting.set(connection, ip)
      // Until the line is really gone it takes its place: a peer that ignores our closing must not get another.
      void connection.ended.then(() => {
        this.#lines.delete(connection)
        this.#waiting.delete(connection)
      })
    })
  }

  /** What is not our code may throw; the sockets go on. */
  #failed(error: unknown): void {
    const { onError = console.error } = this.options
    onError(error)
  }

  /** How many sockets there are, signed in or not. */
  get size(): number {
    return this.#all.size
  }

  /** The open connections, or those of one account. */
  connections(userId?: string): Connection[] {
    const some = userId === undefined ? this.#all : (this.#ofUser.get(userId) ?? [])
    return [...some].filter(({ isOpen }) => isOpen)
  }

  /**
   * Sends to every socket whose token acts in this tenant, and says to how many (req 123). People without a tenant are no
   * tenant: there is no broadcasting to all of them.
   */
  broadcastToTenant(tenantId: string, message: object): number {
    if (typeof tenantId !== 'string' || tenantId === '') throw new TypeError('broadcastToTenant wants the id of a tenant')
    return send(this.#ofTenant.get(tenantId) ?? [], message)
  }

  /**
   * Sends to every socket of an account, and says to how many. Name the tenant that the message is about (`null` for none): the same
   * person acting in another tenant must not see it.
   */
  broadcastToUser(userId: string, message: object, { tenantId }: { tenantId?: string | null } = {}): number {
    const own = [...(this.#ofUser.get(userId) ?? [])]
    return send(tenantId === undefined ? own : own.filter((connection) => connection.tenantId === tenantId), message)
  }

  /** Takes no more sockets and closes those there are (1001). Resolves when all are gone; those that do not answer are cut off. */
  async close(): Promise<void> {
    this.#closing = true
    clearInterval(this.#heart)
    for (const detach of this.#detach) detach()
    const gone = [...this.#all].map((connection) => connection.ended)
    for (const connection of [...this.#all]) connection.close(1001, 'Going away')
    await Promise.all(gone)
  }

  #trouble(request: IncomingMessage, ip: string): { status: number; reason: string } | null {
    const { origin } = request.headers
    const { connections, waiting, waitingPerAddress } = this.#limits
    if (this.#closing) return { status: 503, reason: 'closing' }
    if (origin !== undefined && !this.#origins.has(origin)) return { status: 403, reason: 'origin' }
    if (this.#lines.size >= connections || this.#waiting.size >= waiting) return { status: 503, reason: 'full' }
    const fromHere = [...this.#waiting.values()].filter((address) => address === ip).length
    return fromHere >= waitingPerAddress ? { status: 429, reason: 'too many from one address' } : null
  }

  #opened(connection: Connection): boolean {
    this.#waiting.delete(connection)
    const { userId, tenantId } = connection
    if ((this.#ofUser.get(userId)?.size ?? 0) >= this.#limits.connectionsPerUser) return false
    this.#members.set(connection, { userId, tenantId })
    addTo(this.#ofUser, userId, connection)
    if (tenantId !== null) addTo(this.#ofTenant, tenantId, connection)
    return true
  }

  #closed(connection: Connection): void {
    this.#all.delete(connection)
    const member = this.#members.get(connection)
    if (!member) return
    this.#members.delete(connection)
    removeFrom(this.#ofUser, member.userId, connection)
    if (member.tenantId !== null) removeFrom(this.#ofTenant, member.tenantId, connection)
  }

  #beat(): void {
    for (const connection of [...this.#all]) connection.beat()
  }
}

function send(connections: Iterable<Connection>, message: object): number {
  const text = JSON.stringify(message)
  return [...connections].filter((connection) => connection.sendText(text)).length
}

function addTo(index: Map<string, Set<Connection>>, key: string, connection: Connection): void {
  index.set(key, (index.get(key) ?? new Set()).add(connection))
}

function removeFrom(index: Map<string, Set<Connection>>, key: string, connection: Connection): void {
  const some = index.get(key)
  some?.delete(connection)
  if (some?.size === 0) index.delete(key)
}

function exactOrigin(text: string): string {
  if (!URL.canParse(text) || new URL(text).origin !== text) throw new TypeError(`not an origin as browsers write it: ${text}`)
  return text
}

function refuse(socket: Duplex, status: number): void {
  socket.on('error', () => {})
  // A peer that keeps its half open must not keep ours.
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
