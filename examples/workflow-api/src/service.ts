/** The running service: HTTP and sockets on one port. */
import { serve, type ServerType } from '@hono/node-server'
import type { UpgradeServer } from '@gatehouse/hono/websocket'
import { createApp } from './app.ts'
import type { Settings } from './settings.ts'
import { Store } from './store.ts'
import { trust } from './trust.ts'
import { announceOver, socketsFor } from './updates.ts'

export interface Service {
  port: number
  /** Ends what is under way in good order. */
  stop(): Promise<void>
}

/** `world` is for tests, as in `trust`. */
export function start(settings: Settings, world?: Parameters<typeof trust>[1]): Promise<Service> {
  const store = new Store(settings.databaseFile)
  const auth = trust(settings, world)
  const sockets = socketsFor(settings, auth.verifier, world?.fetch)
  const app = createApp(settings, auth, store, announceOver(sockets))
  return new Promise((ready, failed) => {
    const server = serve({ fetch: app.fetch, hostname: settings.host, port: settings.port }, ({ port }) => {
      ready({
        port,
        stop: async () => {
          auth.close()
          await sockets.close()
          await closed(server)
          store.close()
        },
      })
    })
    server.once('error', failed)
    sockets.attach(server as UpgradeServer)
  })
}

function closed(server: ServerType): Promise<void> {
  return new Promise((done) => {
    server.close(() => done())
    // Idle keep-alive connections would hold the process open.
    if ('closeIdleConnections' in server) server.closeIdleConnections()
  })
}
