/** A portal in miniature (one signing key) and the real app over an empty database. */
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT, type JWTHeaderParameters, type JWTPayload } from 'jose'
import { createApp } from '../src/app.ts'
import { settingsFrom } from '../src/settings.ts'
import { Store } from '../src/store.ts'

export const settings = settingsFrom({ DATABASE_FILE: ':memory:', ALLOWED_ORIGINS: 'http://app.example' })
const kid = 'key-1'
const pair = await generateKeyPair('ES256', { extractable: true })
export const publicJwk = { ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256', use: 'sig' }
export const { privateKey, publicKey } = pair
export const allRights = ['workflow:read', 'workflow:create', 'workflow:delete', 'workflow:execute']

export const now = () => Math.floor(Date.now() / 1000)

export function claims(more: JWTPayload = {}): JWTPayload {
  return {
    iss: settings.issuer,
    aud: [settings.audience, settings.issuer],
    sub: 'ada',
    userId: 'ada',
    iat: now() - 5,
    exp: now() + 895,
    email: 'ada@example.com',
    role: 'user',
    permissions: allRights,
    tenantId: null,
    ...more,
  }
}

/** A member given as `undefined` is left out of the token. */
export function token(more: JWTPayload = {}, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
  return new SignJWT(claims(more)).setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid, ...header }).sign(privateKey)
}

export function world() {
  const store = new Store(':memory:')
  const app = createApp(settings, createLocalJWKSet({ keys: [publicJwk] }), store)

  async function call(method: string, path: string, bearer?: string, body?: unknown) {
    const headers: Record<string, string> = {}
    if (bearer !== undefined) headers.Authorization = `Bearer ${bearer}`
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    const response = await app.request(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) }
  }

  return { app, call }
}

export const greeting = {
  name: 'Greeting',
  definition: {
    steps: [
      { type: 'set', name: 'who', value: 'world' },
      { type: 'text', name: 'greeting', template: 'Hello {{who}}' },
      { type: 'log', message: 'said {{greeting}}' },
    ],
  },
}
