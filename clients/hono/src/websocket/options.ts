/** What the service says of its sockets. */
import type { Verifier } from '../types.ts'
import type { Connection } from './connection.ts'
import type { Message } from './message.ts'
import type { SocketServerClass } from './shapes.ts'

export interface SocketsOptions {
  /** The class of `ws`: `import { WebSocketServer } from 'ws'`. */
  WebSocketServer: SocketServerClass
  /** Judges tokens, and says when one that was taken ends: what `createVerifier` gives. */
  verifier: Pick<Verifier, 'verify' | 'watch'>
  /** The portal's public URL, without a slash at the end: where tickets are redeemed. */
  issuer: string
  /** What tickets are made for; what `aud` of the tokens contains. */
  audience: string
  /**
   * Origins of browser apps that may open a socket, exactly as browsers write them. Browsers let any page open a WebSocket to
   * anywhere, without CORS. Programs send no `Origin` and need no entry; they have to bring a token like everybody.
   */
  allowedOrigins: readonly string[]
  /**
   * Permissions that a socket needs to be opened, and to stay open over renewals. Left out, none is needed to open, and a
   * renewal must not lack any that the socket was opened with: what was decided by them at the start still holds then.
   */
  permissions?: readonly string[]
  /** The messages that are taken, by `type`. Any other is refused. */
  messages?: Readonly<Record<string, MessageKind>>
  /** Called when somebody has signed in on a socket. */
  onOpen?: (connection: Connection) => void
  /** Called once for each that was opened. */
  onClose?: (connection: Connection, code: number) => void
  /** Hears of every socket that was opened, refused and closed. Never holds a token, a ticket, a message or an address of the page. */
  log?: (event: SocketEvent) => void
  /** What a handler or a listener of yours has thrown; `console.error` unless given. */
  onError?: (error: unknown) => void
  /** Whether this peer is a proxy of yours whose `X-Forwarded-For` is true; none unless given. */
  isTrustedProxy?: (address: string) => boolean
  /**
   * Also take a token from `?token=` of the address, as old clients send it. Off unless given: addresses end up in the logs of
   * every proxy on the way, and a token in one is good for minutes to whoever reads them.
   */
  allowTokenInUrl?: boolean
  limits?: Partial<Limits>
  /** For tests: how to reach the portal. */
  fetch?: typeof globalThis.fetch
}

/** One kind of message. */
export interface MessageKind<T = unknown> {
  /** The message as your code wants it, or `null` if it is not of this shape. Copy members out by name. */
  read(message: Message): T | null
  handle(connection: Connection, message: T): void | Promise<void>
}

/** Gives a kind of message its type: `messages: { subscribe: messageKind({ read, handle }) }`. */
export function messageKind<T>(kind: MessageKind<T>): MessageKind {
  return kind as MessageKind
}

export interface Limits {
  /** Sockets in all. */
  connections: number
  /** Sockets of one account. */
  connectionsPerUser: number
  /** Sockets that have not signed in yet: in all, and from one address. */
  waiting: number
  waitingPerAddress: number
  /** Milliseconds until the first message must have come. */
  authWithin: number
  /** The longest message, in bytes. */
  messageBytes: number
  /** Messages of one socket: so many at once, and so many a second in the long run. */
  messageBurst: number
  messagesPerSecond: number
  /** Messages of unknown or wrong shape before a socket is closed. */
  invalidMessages: number
  /** Bytes that may wait for a peer that does not read. */
  bufferedBytes: number
  /** Messages that may wait while a token is stale. */
  heldMessages: number
  /** Milliseconds before the token's end when the peer is asked to renew; at most a third of the token's life. */
  renewBefore: number
  /** Milliseconds that a peer has to bring another token after its rights have changed. */
  staleGrace: number
  /** Milliseconds between two pings. A peer that has not answered one by the next is gone. */
  pingEvery: number
  /** Milliseconds that a peer has to close in answer. */
  closeWithin: number
}

export const defaultLimits: Limits = {
  connections: 10_000,
  connectionsPerUser: 10,
  waiting: 1_000,
  waitingPerAddress: 50,
  authWithin: 5_000,
  messageBytes: 16 * 1024,
  messageBurst: 20,
  messagesPerSecond: 5,
  invalidMessages: 5,
  bufferedBytes: 1024 * 1024,
  heldMessages: 200,
  renewBefore: 60_000,
  staleGrace: 3_000,
  pingEvery: 30_000,
  closeWithin: 2_000,
}

export type SocketEvent =
  | { event: 'opened'; connectionId: string; userId: string; ip: string }
  | { event: 'closed'; connectionId: string; userId: string | null; ip: string; code: number; reason: string }
  | { event: 'refused'; ip: string; status: number; reason: string }
