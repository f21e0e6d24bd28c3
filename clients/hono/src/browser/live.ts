/**
 * A WebSocket that stays signed in.
 *
 * The address never holds a ticket or a token: the first message does, and a ticket works once. The server says when the
 * token behind the socket is about to end; then a fresh ticket goes over the same socket. A socket that is lost is opened again, at most
 * five times in a row, after 1, 2, 4, 8 and 16 seconds (req 125), each time with a fresh ticket.
 */
import { GatehouseError, isRecord } from './errors.ts'
import { callAll } from './listeners.ts'
import type { Socket } from './surroundings.ts'

/** A message of the server: an object with a `type`. What else it holds is for its listener to check. */
export interface Message {
  type: string
  [member: string]: unknown
}

export type LiveState = 'connecting' | 'open' | 'waiting' | 'closed'

/** Why it is closed for good. `code` is the WebSocket's, 1000 after `close()`, or 0 where there was no socket. */
export interface Closed {
  code: number
  reason: string
}

type Listeners = {
  /** The server has taken the ticket; again after every reconnection. */
  open: (userId: string) => void
  /** The socket is lost; it is tried again in so many milliseconds. */
  waiting: (milliseconds: number) => void
  closed: (why: Closed) => void
  message: (message: Message) => void
}

const attempts = 5
const longestMessage = 1024 * 1024
/** A connection that lasted this long counts as one that worked: the next loss begins with the first attempt. */
const worked = 30_000

/**
 * Whether trying again changes nothing: the session has ended, or a right is gone. A token that only was stale may have found
 * the portal away for the few seconds it had to be renewed; if the session has ended too, the next ticket is refused.
 */
function isFinal({ code, reason }: Closed): boolean {
  return code === 4403 || (code === 4401 && reason !== 'Token stale')
}

export class LiveConnection {
  #state: LiveState = 'connecting'
  #socket: Socket | null = null
  #attempt = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #steady: ReturnType<typeof setTimeout> | undefined
  #renewing = false
  readonly #listeners: { [E in keyof Listeners]: Set<Listeners[E]> } = {
    open: new Set(),
    waiting: new Set(),
    closed: new Set(),
    message: new Set(),
  }
  readonly #typed = new Map<string, Set<(message: Message) => void>>()

  constructor(
    private readonly url: string,
    private readonly openSocket: (url: string) => Socket,
    private readonly ticket: () => Promise<string>,
  ) {
    void this.#connect()
  }

  get state(): LiveState {
    return this.#state
  }

  /** Calls `listener` at every such event. Gives the way to stop listening. */
  on<E extends keyof Listeners>(event: E, listener: Listeners[E]): () => void {
    this.#listeners[event].add(listener)
    return () => this.#listeners[event].delete(listener)
  }

  /** Calls `listener` for every message of this type, such as `run:finished`. Gives the way to stop listening. */
  onMessage(type: string, listener: (message: Message) => void): () => void {
    const all = this.#typed.get(type) ?? new Set()
    this.#typed.set(type, all.add(listener))
    return () => all.delete(listener)
  }

  /** Sends a message; `false` if the socket is not open, and the message is then not kept. */
  send(message: Message): boolean {
    if (this.#state !== 'open' || !this.#socket) return false
    this.#socket.send(JSON.stringify(message))
    return true
  }

  close(): void {
    this.#end({ code: 1000, reason: '' })
  }

  async #connect(): Promise<void> {
    this.#state = 'connecting'
    let ticket: string
    try {
      // Fetched before the socket is opened: the server does not wait long for the first message.
      ticket = await this.ticket()
    } catch (error) {
      if (error instanceof GatehouseError && error.status >= 400 && error.status < 500 && error.status !== 429) {
        return this.#end({ code: 0, reason: error.code })
      }
      return this.#lost({ code: 0, reason: error instanceof GatehouseError ? error.code : 'unreachable' })
    }
    // `close()` may have been called meanwhile.
    if (this.#state !== 'connecting') return
    try {
      this.#open(ticket)
    } catch {
      // An address no browser opens from here, such as ws: from a page that came over https.
      this.#end({ code: 0, reason: 'unreachable' })
    }
  }

  #open(ticket: string): void {
    const socket = this.openSocket(this.url)
    this.#socket = socket
    const current = () => this.#socket === socket
    socket.addEventListener('open', () => current() && socket.send(JSON.stringify({ type: 'auth', ticket })))
    socket.addEventListener('message', ({ data }) => current() && this.#hear(data))
    // Nothing to learn from it; `close` follows.
    socket.addEventListener('error', () => {})
    socket.addEventListener('close', (event) => current() && this.#lost({ code: event.code, reason: event.reason }))
  }

  #hear(data: unknown): void {
    const message = messageIn(data)
    if (!message) return
    if (message.type === 'auth:success') {
      if (this.#state !== 'connecting') return
      this.#state = 'open'
      this.#steady = setTimeout(() => (this.#attempt = 0), worked)
      callAll(this.#listeners.open, String(message.userId))
    } else if (message.type === 'auth:renew-required') {
      void this.#renew()
    } else if (this.#state === 'open' && !message.type.startsWith('auth:')) {
      callAll(this.#listeners.message, message)
      callAll(this.#typed.get(message.type) ?? [], message)
    }
  }

  /** If it cannot be done, the server closes the socket in the end, and the ordinary way back is taken. */
  async #renew(): Promise<void> {
    const socket = this.#socket
    if (this.#renewing || !socket || this.#state !== 'open') return
    this.#renewing = true
    try {
      const ticket = await this.ticket()
      if (this.#socket === socket) socket.send(JSON.stringify({ type: 'auth:renew', ticket }))
    } catch {
      // See above.
    } finally {
      this.#renewing = false
    }
  }

  #lost(why: Closed): void {
    if (this.#state === 'closed') return
    clearTimeout(this.#steady)
    this.#socket = null
    if (isFinal(why) || this.#attempt === attempts) return this.#end(why)
    const delay = 1000 * 2 ** this.#attempt
    this.#attempt += 1
    this.#state = 'waiting'
    this.#timer = setTimeout(() => void this.#connect(), delay)
    callAll(this.#listeners.waiting, delay)
  }

  #end(why: Closed): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    clearTimeout(this.#timer)
    clearTimeout(this.#steady)
    const socket = this.#socket
    this.#socket = null
    socket?.close(1000, '')
    callAll(this.#listeners.closed, why)
  }
}

function messageIn(data: unknown): Message | null {
  if (typeof data !== 'string' || data.length > longestMessage) return null
  try {
    const value: unknown = JSON.parse(data)
    return isRecord(value) && typeof value.type === 'string' ? (value as Message) : null
  } catch {
    return null
  }
}
