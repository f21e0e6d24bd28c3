/** What this helper needs of `ws`, so that the package does not depend on it: `import { WebSocketServer } from 'ws'` fits. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

export interface ServerSocket {
  readonly bufferedAmount: number
  send(text: string): void
  close(code: number, reason: string): void
  terminate(): void
  ping(): void
  on(event: 'message', listener: (data: Buffer | ArrayBuffer | Buffer[], isBinary: boolean) => void): unknown
  on(event: 'close', listener: (code: number) => void): unknown
  on(event: 'pong', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

export interface SocketServer {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, done: (socket: ServerSocket) => void): void
}

export type SocketServerClass = new (options: {
  noServer: true
  clientTracking: false
  perMessageDeflate: false
  maxPayload: number
}) => SocketServer

/** A `node:http` or `node:https` server: what `serve()` of `@hono/node-server` gives. */
export interface UpgradeServer {
  on(event: 'upgrade', listener: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): unknown
  off(event: 'upgrade', listener: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): unknown
  listenerCount(event: 'upgrade'): number
}
