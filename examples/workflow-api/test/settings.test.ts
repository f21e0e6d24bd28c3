import assert from 'node:assert/strict'
import { it } from 'node:test'
import { settingsFrom } from '../src/settings.ts'

it('settings have defaults that fit a portal started beside it', () => {
  assert.deepEqual(settingsFrom({}), {
    host: '127.0.0.1',
    port: 3013,
    issuer: 'http://localhost:3000',
    audience: 'workflow-api',
    algorithm: 'ES256',
    feed: 'poll',
    maxStale: 900,
    databaseFile: 'data/workflows.db',
    allowedOrigins: ['http://localhost:5173'],
    trustedProxies: [],
  })
})

it('a wrong setting stops the start', () => {
  for (const wrong of [
    { PORT: 'http' },
    { AUTH_ISSUER: 'http://localhost:3000/' },
    { AUTH_ISSUER: 'localhost:3000' },
    { AUTH_ALGORITHM: 'HS256' },
    { AUTH_ALGORITHM: 'none' },
    { AUTH_FEED: 'on' },
    { AUTH_MAX_STALE: 'long' },
    { AUTH_MAX_STALE: '-1' },
    { ALLOWED_ORIGINS: '*' },
    { ALLOWED_ORIGINS: 'http://localhost:5173/' },
  ]) {
    assert.throws(() => settingsFrom(wrong), new RegExp(Object.keys(wrong)[0]!))
  }
})

it('an API may be told to go on for ever while the portal is away', () => {
  assert.equal(settingsFrom({ AUTH_MAX_STALE: 'never' }).maxStale, Infinity)
})
