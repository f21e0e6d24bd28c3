/** The environment is read here and nowhere else. A wrong value stops the start with one sentence. */

export const algorithms = ['ES256', 'EdDSA', 'RS256'] as const
export type Algorithm = (typeof algorithms)[number]

export interface Settings {
  host: string
  port: number
  /** Must equal the token's `iss` to the letter: the portal's public URL, no slash at the end. */
  issuer: string
  audience: string
  algorithm: Algorithm
  databaseFile: string
  /** Origins of browser apps that may call this API. */
  allowedOrigins: string[]
}

export function settingsFrom(env: Record<string, string | undefined>): Settings {
  return {
    host: env.HOST || '127.0.0.1',
    port: port(env.PORT || '3013'),
    issuer: issuer(env.AUTH_ISSUER || 'http://localhost:3000'),
    audience: env.AUTH_AUDIENCE || 'workflow-api',
    algorithm: algorithm(env.AUTH_ALGORITHM || 'ES256'),
    databaseFile: env.DATABASE_FILE || 'data/workflows.db',
    allowedOrigins: (env.ALLOWED_ORIGINS || 'http://localhost:5173').split(',').map((origin) => origin.trim()),
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

function algorithm(text: string): Algorithm {
  const known = algorithms.find((name) => name === text)
  if (!known) throw new Error(`AUTH_ALGORITHM must be one of ${algorithms.join(', ')}: ${text}`)
  return known
}
