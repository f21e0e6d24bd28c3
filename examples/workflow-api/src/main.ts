import { serve } from '@hono/node-server'
import { createApp } from './app.ts'
import { portalKeys } from './auth.ts'
import { settingsFrom } from './settings.ts'
import { Store } from './store.ts'

const settings = settingsFrom(process.env)
const store = new Store(settings.databaseFile)
const app = createApp(settings, portalKeys(settings.issuer), store)

const server = serve({ fetch: app.fetch, hostname: settings.host, port: settings.port }, ({ port }) => {
  console.log(`Workflow API: http://localhost:${port} (trusts ${settings.issuer})`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => store.close())
    // Idle keep-alive connections would hold the process open.
    if ('closeIdleConnections' in server) server.closeIdleConnections()
  })
}
