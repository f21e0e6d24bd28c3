/** The environment is read here and nowhere else. A wrong value stops the start with one sentence. */

import type { Algorithm, FeedMode } from '@gatehouse/hono'

const algorithms: readonly Algorithm[] = ['ES256', 'EdDSA', 'RS256']
const feedModes: readonly FeedMode[] = ['poll', 'stream', 'off']

export interface Settings {
  host: string
  port: number
  /** Must equal the token's `iss` to the letter: the portal's public URL, no slash at the end. */
  issuer: string
  audience: string
  algorithm: Algorithm
  /** How revocations are learnt of. With `off` an ended session goes on until its token's `exp`. */
  feed: FeedMode
  /** Seconds to go on while the portal's revocation feed is down; then every call is 503. */
  maxStale: number
  databaseFile: string
  /** Origins of browser apps that may call this API and open sockets to it. */
  allowedOrigins: string[]
  /** Addresses of reverse proxies whose `X-Forwarded-For` is true. */
  trustedProxies: string[]
}

export function settingsFrom(env: Record<string, string | undefined>): Settings {
  return {
    host: env.HOST || '127.0.0.1',
    port: port(env.PORT || '3013'),
    issuer: issuer(env.AUTH_ISSUER || 'http://localhost:3000'),
    audience: env.AUTH_AUDIENCE || 'workflow-api',
    algorithm: oneOf(algorithms, 'AUTH_ALGORITHM', env.AUTH_ALGORITHM || 'ES256'),
    feed: oneOf(feedModes, 'AUTH_FEED', env.AUTH_FEED || 'poll'),
    maxStale: maxStale(env.AUTH_MAX_STALE || '900'),
    databaseFile: env.DATABASE_FILE || 'data/workflows.db',
    allowedOrigins: list(env.ALLOWED_ORIGINS || 'http://localhost:5173').map(origin),
    trustedProxies: list(env.TRUSTED_PROXIES || ''),
  }
}

function port(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65535) throw new Error(`PORT is not a port number: ${text}`)
  return value
}

function issuer(text: string): string {
  if (!/^https?:\/\/[^/]/.test(text) || text.endsWith('/')) {
    throw new Error(`AUTH_ISSUER must be the portal's public URL without a slash at the end: ${text}`)
  }
  return text
}

function oneOf<T extends string>(known: readonly T[], name: string, text: string): T {
  const value = known.find((one) => one === text)
  if (!value) throw new Error(`${name} must be one of ${known.join(', ')}: ${text}`)
  return value
}

function maxStale(text: string): number {
  const value = text === 'never' ? Infinity : Number(text)
  if (Number.isNaN(value) || value < 0) throw new Error(`AUTH_MAX_STALE must be a number of seconds, or never: ${text}`)
  return value
}

function list(text: string): string[] {
  return text.split(',').map((one) => one.trim()).filter((one) => one !== '')
}

function origin(text: string): string {
  if (!URL.canParse(text) || new URL(text).origin !== text) {
    throw new Error(`ALLOWED_ORIGINS must be origins as browsers write them, such as http://localhost:5173: ${text}`)
  }
  return text
}
