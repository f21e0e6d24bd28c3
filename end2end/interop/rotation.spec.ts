import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test as base } from '@playwright/test'
import { base64url, decodeProtectedHeader } from 'jose'
import { Portal } from '../support/portal.ts'
import { lendReaders, type Reader } from './readers.ts'

const test = base.extend<{ portal: Portal; readers: () => Promise<Reader[]> }>({
  portal: async ({}, use) => {
    const portal = await Portal.start()
    await use(portal)
    await portal.stop()
  },
  readers: ({ portal }, use) => lendReaders(portal.url, use),
})

async function jwks(portal: Portal): Promise<{ kid: string; alg: string; kty: string; crv: string }[]> {
  const answer = await fetch(`${portal.url}/.well-known/jwks.json`)
  expect(answer.headers.get('Cache-Control')).toBe('public, max-age=300')
  expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
  return ((await answer.json()) as { keys: { kid: string; alg: string; kty: string; crv: string }[] }).keys
}

const kids = (keys: { kid: string }[]) => keys.map(({ kid }) => kid)
const kidOf = (token: string) => decodeProtectedHeader(token).kid

async function accept(readers: Reader[], tokens: string[], userId: string) {
  for (const { name, subject } of readers) {
    for (const token of tokens) expect(await subject(token), name).toBe(userId)
  }
}

test('tokens are accepted before, during and after a key rotation', async ({ portal, readers }) => {
  const person = await portal.joined()
  const newToken = async () => {
    const { accessToken, user } = await portal.post('/api/auth/login', { ...person, use: 'services' })
    return { token: accessToken as string, userId: (user as { id: string }).id }
  }

  const { token: before, userId } = await newToken()
  const published = await jwks(portal)
  const longRunning = await readers()
  expect(decodeProtectedHeader(before)).toMatchObject({ alg: 'ES256', typ: 'JWT' })
  expect(kids(published)).toContain(kidOf(before))
  await accept(longRunning, [before], userId)

  await portal.command('keys', 'rotate')
  await accept(longRunning, [before, (await newToken()).token], userId)

  let { token: after } = await newToken()
  for (const end = Date.now() + 30_000; kidOf(after) === kidOf(before) && Date.now() < end; await sleep(200)) {
    after = (await newToken()).token
  }
  expect(kidOf(after)).not.toBe(kidOf(before))
  // Published before it was used: no verifier had to fetch anything, so none could come too late.
  expect(kids(published)).toContain(kidOf(after))
  expect(kids(await jwks(portal))).toEqual(expect.arrayContaining([kidOf(before), kidOf(after)]))
  await accept(longRunning, [before, after], userId)
  await accept(await readers(), [before, after], userId)
})

test('none of them takes everything', async ({ portal, readers }) => {
  const { accessToken } = await portal.post('/api/auth/login', await portal.joined())
  const [header, claims, signature] = (accessToken as string).split('.') as [string, string, string]
  const changed = (part: string, more: object) =>
    base64url.encode(JSON.stringify({ ...JSON.parse(Buffer.from(part, 'base64url').toString()), ...more }))
  const bad = [
    `${header}.${changed(claims, { sub: 'somebody-else' })}.${signature}`,
    `${changed(header, { alg: 'none' })}.${claims}.`,
    `${changed(header, { alg: 'HS256' })}.${claims}.${signature}`,
    `${changed(header, { kid: 'unknown' })}.${claims}.${signature}`,
    'no-token',
  ]
  for (const { name, subject } of await readers()) {
    expect(await subject(accessToken as string), name).toBeTruthy()
    for (const token of bad) await expect(subject(token), `${name}: ${token}`).rejects.toThrow()
  }
})

test('the keys are public halves with all a verifier needs', async ({ portal }) => {
  for (const key of await jwks(portal)) {
    expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' })
    expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    expect(key.kid).toMatch(/^[\w-]{43}$/)
  }
})

test('the recipes in the docs are the ones tested here', async () => {
  const docs = await readFile(join(import.meta.dirname, '../../docs/integrating.md'), 'utf8')
  for (const recipe of ['hono.ts', 'jose.ts', 'gatehouse_tokens.py', 'by-hand.sh']) {
    expect(docs, recipe).toContain(await readFile(join(import.meta.dirname, 'recipes', recipe), 'utf8'))
  }
})
