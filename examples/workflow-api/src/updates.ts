/**
 * How a run goes, told over WebSockets at `/ws` while it happens. A socket says that something happened, the API says what: an
 * update holds ids, numbers and a status, never the values of a run.
 */
import type { Verifier } from '@gatehouse/hono'
import { Sockets } from '@gatehouse/hono/websocket'
import { WebSocketServer } from 'ws'
import type { Settings } from './settings.ts'
import type { Owner } from './store.ts'

interface About {
  workflowId: string
  runId: string
}

export type Update =
  | (About & { type: 'run:started'; steps: number; startedAt: string })
  /** Step number `step` of `steps` is done. */
  | (About & { type: 'run:step'; step: number; steps: number })
  | (About & { type: 'run:finished'; status: 'succeeded' | 'failed'; finishedAt: string })

/** Tells the owner of a workflow, on every socket that acts in the workflow's tenant. */
export type Announce = (owner: Owner, update: Update) => void

export function socketsFor(settings: Settings, verifier: Pick<Verifier, 'verify' | 'watch'>, fetch = globalThis.fetch): Sockets {
  const { issuer, audience, allowedOrigins, trustedProxies } = settings
  return new Sockets({
    WebSocketServer,
    verifier,
    issuer,
    audience,
    allowedOrigins,
    fetch,
    permissions: ['workflow:read'],
    isTrustedProxy: (address) => trustedProxies.includes(address),
    log: ({ event, ip, ...more }) => console.log(`socket ${event} ${ip}`, JSON.stringify(more)),
  })
}

/** The same person acting in another tenant sees nothing of it. */
export function announceOver(sockets: Sockets): Announce {
  return ({ userId, tenantId }, update) => void sockets.broadcastToUser(userId, update, { tenantId })
}
