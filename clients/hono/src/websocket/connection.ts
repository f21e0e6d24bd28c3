/**
 * One socket, from its first message to its end.
 *
 * It waits for `auth`, checks it, and is then open for as long as the token behind it is good:
 *
 * - Before the token's `exp` the peer is asked to renew (`auth:renew-required`) and sends another ticket or token of the same
 *   account, session and tenant. Without one the socket closes with the token: 1008.
 * - A revoked token closes it at once: 4401.
 * - A stale one (rights have changed) means: ask for a renewal, keep back what would be sent, take no messages, and close after a few
 *   seconds without one: 4401. A renewal that lacks a permission the socket needs: 4403.
 * - If nobody knows whether the token still is good: 1013, try again later.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { canonical } from '../permission.ts'
import type { Accepted, Ending, Rejected, Verdict } from '../types.ts'
import { Rate, readMessage, secretIn, type Message } from './message.ts'
import type { Limits, SocketEvent, SocketsOptions } from './options.ts'
import { clientAddress, userAgent } from './peer.ts'
import type { ServerSocket } from './shapes.ts'
import { redeem } from './ticket.ts'
import { Timers } from './timers.ts'

/** What the connections of one server share. */
export interface Gate {
  readonly options: SocketsOptions
  readonly limits: Limits
  /** `false` if this account has as many as it may. */
  opened(connection: Connection): boolean
  closed(connection: Connection): void
}

export interface Metadata {
  connectedAt: Date
  /** The client's address, or `unknown`. */
  ip: string
  userAgent: string
}

const policy = 1008
const unsupported = 1003
const tryLater = 1013
const ended = 4401
const forbidden = 4403
const byPeer = 'closed by the peer'

export class Connection {
  readonly id: string = randomUUID()
  readonly metadata: Readonly<Metadata>
  /** Resolves when the socket is gone for good. */
  readonly ended: Promise<void>
  #state: 'waiting' | 'checking' | 'open' | 'closed' = 'waiting'
  #accepted: Accepted | null = null
  /** What a renewal must not lack. */
  #needed: readonly string[] = []
  #stale = false
  #held: string[] = []
  #renewing = false
  #invalid = 0
  #alive = true
  #stopWatching = () => {}
  readonly #timers = new Timers<'deadline' | 'renew' | 'again' | 'end' | 'grace' | 'terminate'>()
  readonly #rate: Rate

  /** @internal Made by `Sockets` alone. */
  constructor(
    private readonly socket: ServerSocket,
    request: IncomingMessage,
    private readonly gate: Gate,
  ) {
    const { options, limits } = gate
    const ip = clientAddress(request, options.isTrustedProxy ?? (() => false))
    this.metadata = { connectedAt: new Date(), ip, userAgent: userAgent(request) }
    this.#rate = new Rate(limits.messageBurst, limits.messagesPerSecond, () => performance.now())
    this.#timers.set('deadline', limits.authWithin, () => this.#fail('Authentication required', policy))
    socket.on('message', (data, isBinary) => this.#hear(data, isBinary))
    this.ended = new Promise((done) => {
      socket.on('close', (code) => {
        this.#gone(code, byPeer)
        this.#timers.stop('terminate')
        done()
      })
    })
    socket.on('pong', () => (this.#alive = true))
    // A frame against the protocol, a message too long: ws closes by itself, and `close` follows.
    socket.on('error', () => {})
    const token = options.allowTokenInUrl ? new URLSearchParams(request.url?.split('?')[1]).get('token') : null
    if (token) void this.#authenticate({ type: 'auth', token })
  }

  get userId(): string {
    return this.#whose.userId
  }

  /** A label for people. */
  get role(): string {
    return this.#whose.role
  }

  /** The rights of the newest token. */
  get permissions(): readonly string[] {
    return this.#whose.permissions
  }

  get tenantId(): string | null {
    return this.#whose.tenantId
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** The connection as plain data (req 122): for a list of who is there. */
  record() {
    const { id, userId, role, permissions, tenantId, metadata } = this
    return { id, userId, role, permissions: [...permissions], tenantId, metadata: { ...metadata } }
  }

  /** Sends a message as JSON. `false` if the socket is not open (any more). */
  send(message: object): boolean {
    return this.sendText(JSON.stringify(message))
  }

  /** @internal The same for text that is JSON already: a broadcast is written once. */
  sendText(text: string): boolean {
    if (this.#state !== 'open') return false
    const { heldMessages, bufferedBytes } = this.gate.limits
    if (this.#stale) {
      // Rights have changed, and which are left is not known: nothing leaves until a renewal says.
      if (this.#held.length < heldMessages) return this.#held.push(text) > 0
      this.#fail('Too slow', tryLater)
      return false
    }
    if (this.socket.bufferedAmount + text.length > bufferedBytes) {
      // A closing frame would queue behind everything else that is not read.
      this.socket.terminate()
      this.#gone(1006, 'the peer does not read')
      return false
    }
    this.socket.send(text)
    return true
  }

  /** Closes the socket. `reason` goes to the peer, at most 123 bytes. */
  close(code = 1000, reason = ''): void {
    if (this.#state === 'closed') return
    this.socket.close(code, reason)
    this.#gone(code, reason)
  }

  /** @internal Pings; ends the socket if the last ping had no answer. */
  beat(): void {
    if (this.#state === 'closed') return
    if (!this.#alive) {
      this.socket.terminate()
      return this.#gone(1006, 'no answer to a ping')
    }
    this.#alive = false
    this.socket.ping()
  }

  get #whose() {
    if (!this.#accepted) throw new Error('nobody has signed in on this connection')
    return this.#accepted.user
  }

  #hear(data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean): void {
    if (this.#state === 'closed') return
    if (!this.#rate.allows()) return this.#fail('Too many messages', policy)
    const message = isBinary ? null : readMessage(String(data))
    if (this.#state === 'open') {
      if (isBinary) return this.#fail('Text only', unsupported)
      return message ? this.#take(message) : this.#refuse('Invalid message')
    }
    // Nothing may come while the first message is checked, and nothing else may be first.
    if (this.#state === 'checking' || message?.type !== 'auth') return this.#fail('Authentication required', policy)
    void this.#authenticate(message)
  }

  async #authenticate(message: Message): Promise<void> {
    this.#state = 'checking'
    const verdict = await this.#judge(message)
    if (this.#state !== 'checking') return
    if (!verdict.ok) {
      const later = verdict.reason === 'unavailable'
      return later ? this.#fail('Temporarily unavailable', tryLater) : this.#fail('Invalid token', policy)
    }
    const { permissions } = this.gate.options
    this.#needed = permissions?.map(canonical) ?? verdict.user.permissions
    if (!this.#mayStay(verdict)) return this.#fail('Insufficient permissions', forbidden)
    this.#accepted = verdict
    if (!this.gate.opened(this)) return this.#fail('Too many connections', tryLater)
    this.#state = 'open'
    this.#timers.stop('deadline')
    // Before anybody else's code runs: from here on it ends with its token, whatever that code does.
    this.#hold(verdict)
    const { userId, id, metadata } = this
    this.#guarded(() => this.gate.options.log?.({ event: 'opened', connectionId: id, userId, ip: metadata.ip }))
    this.send({ type: 'auth:success', userId })
    this.#guarded(() => this.gate.options.onOpen?.(this))
  }

  async #renew(message: Message): Promise<void> {
    if (this.#renewing) return this.#fail('Too many messages', policy)
    this.#renewing = true
    const verdict = await this.#judge(message)
    this.#renewing = false
    if (this.#state !== 'open') return
    // The old token is as good as it was: the peer may try again until it ends.
    if (!verdict.ok && verdict.reason === 'unavailable') return this.#whisper({ error: 'Temporarily unavailable' })
    if (!verdict.ok) return this.#fail('Invalid token', verdict.reason === 'revoked' ? ended : policy)
    if (!sameCaller(this.#accepted!, verdict)) return this.#fail('Invalid token', policy)
    if (!this.#mayStay(verdict)) return this.#fail('Insufficient permissions', forbidden)
    const lost = this.permissions.some((permission) => !verdict.user.permissions.includes(permission))
    this.#hold(verdict)
    this.send({ type: 'auth:renewed' })
    const held = this.#held.splice(0)
    // It was meant for somebody who had those rights.
    if (!lost) for (const text of held) this.sendText(text)
  }

  async #judge(message: Message): Promise<Verdict> {
    const { verifier, issuer, audience, fetch = globalThis.fetch } = this.gate.options
    const secret = secretIn(message)
    if (!secret) return invalid
    if ('token' in secret) return verifier.verify(secret.token)
    const redeemed = await redeem(issuer, secret.ticket, audience, fetch)
    if ('token' in redeemed) return verifier.verify(redeemed.token)
    return redeemed.refused === 'invalid' ? invalid : { ...invalid, reason: 'unavailable', code: 'overloaded' }
  }

  #mayStay({ user }: Accepted): boolean {
    return this.#needed.every((permission) => user.permissions.includes(permission))
  }

  /** From now on this token is what the socket lives by. */
  #hold(accepted: Accepted): void {
    this.#stopWatching()
    this.#accepted = accepted
    this.#stale = false
    this.#timers.stop('grace')
    const left = Math.max(0, accepted.claims.exp * 1000 - Date.now())
    const lead = Math.min(this.gate.limits.renewBefore, left / 3)
    const ask = () => this.#whisper({ type: 'auth:renew-required', reason: 'expiring' })
    this.#timers.set('renew', left - lead, ask)
    // Once more, if the first time found the portal away.
    this.#timers.set('again', left - lead / 2, ask)
    this.#timers.set('end', left, () => this.#fail('Token expired', policy))
    this.#stopWatching = this.gate.options.verifier.watch(accepted, (why) => this.#ending(accepted, why))
  }

  #ending(accepted: Accepted, why: Ending): void {
    if (this.#state !== 'open' || accepted !== this.#accepted) return
    if (why === 'revoked') return this.#fail('Token revoked', ended)
    if (why === 'unavailable') return this.#fail('Temporarily unavailable', tryLater)
    this.#whisper({ type: 'auth:renew-required', reason: 'stale' })
    this.#stale = true
    this.#timers.set('grace', this.gate.limits.staleGrace, () => this.#fail('Token stale', ended))
  }

  #take(message: Message): void {
    if (message.type === 'auth:renew') return void this.#renew(message)
    if (message.type === 'auth') return this.#fail('Already authenticated', policy)
    if (this.#stale) return this.#whisper({ error: 'Renew first' })
    const { messages = {} } = this.gate.options
    // `messages` is an object like any other: `toString` is no kind of message.
    const kind = Object.hasOwn(messages, message.type) ? messages[message.type] : undefined
    if (!kind) return this.#refuse('Unknown message')
    this.#guarded(() => {
      const read = kind.read(message)
      return read === null ? this.#refuse('Invalid message') : kind.handle(this, read)
    })
  }

  #refuse(error: string): void {
    this.#invalid += 1
    if (this.#invalid >= this.gate.limits.invalidMessages) return this.#fail(error, policy)
    this.#whisper({ error })
  }

  /** Past what is held back: the words of this protocol itself. */
  #whisper(message: object): void {
    if (this.#state === 'open') this.socket.send(JSON.stringify(message))
  }

  #fail(error: string, code: number): void {
    if (this.#state === 'closed') return
    this.socket.send(JSON.stringify({ error }))
    this.close(code, error)
  }

  #gone(code: number, reason: string): void {
    if (this.#state === 'closed') return
    const wasOpen = this.#state === 'open'
    this.#state = 'closed'
    this.#stopWatching()
    this.#timers.clear()
    this.#held = []
    if (reason !== byPeer) this.#timers.set('terminate', this.gate.limits.closeWithin, () => this.socket.terminate())
    const userId = this.#accepted?.user.userId ?? null
    const event: SocketEvent = { event: 'closed', connectionId: this.id, userId, ip: this.metadata.ip, code, reason }
    this.gate.closed(this)
    this.#guarded(() => this.gate.options.log?.(event))
    if (wasOpen) this.#guarded(() => this.gate.options.onClose?.(this, code))
  }

  /** What is not our code may throw; the sockets go on. */
  #guarded(work: () => unknown): void {
    const { onError = console.error } = this.gate.options
    void (async () => work())().catch(onError)
  }
}

const invalid: Rejected = { ok: false, reason: 'invalid', code: 'invalid_token', message: 'Invalid token' }

/**
 * Another token of the same person in the same session, tenant and key; never of somebody else. By the claims, and by what was made of them:
 * another issuer's tenant may stand in a claim of its own.
 */
function sameCaller(old: Accepted, young: Accepted): boolean {
  const claims = ['iss', 'sub', 'sid', 'tenantId', 'keyId'] as const
  const user = ['userId', 'sessionId', 'tenantId', 'keyId'] as const
  return (
    claims.every((name) => (old.claims[name] ?? null) === (young.claims[name] ?? null)) &&
    user.every((name) => (old.user[name] ?? null) === (young.user[name] ?? null))
  )
}
