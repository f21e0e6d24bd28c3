/** WebSockets under Hono on Node: signed in by ticket, renewed in place, closed when the token behind them ends. */
export { Connection, type Metadata } from './connection.ts'
export type { Message } from './message.ts'
export {
  defaultLimits,
  messageKind,
  type Limits,
  type MessageKind,
  type SocketEvent,
  type SocketsOptions,
} from './options.ts'
export type { ServerSocket, SocketServer, SocketServerClass, UpgradeServer } from './shapes.ts'
export { Sockets } from './sockets.ts'
