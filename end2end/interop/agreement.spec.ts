/**
 * One token, one answer, whoever reads it. The issuer is a small one of our own, because a real portal never signs what is
 * expired, meant for others or signed by the wrong key.
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test as base } from '@playwright/test'
import { ecKey, Forge, newest, type ForgeKey } from '../../clients/hono/src/attack/forge.ts'
import { lendReaders, type Reader } from './readers.ts'

class Issuer {
  /** Published, as a portal does: the one that signed before, the one that signs, the one that will. */
  published: ForgeKey[]
  readonly forge: Forge
  readonly previous = ecKey()
  readonly next = ecKey()

  private constructor(readonly server: Server) {
    const url = `http://localhost:${(server.address() as AddressInfo).port}`
    const permissions = ['workflow:read']
    this.forge = new Forge({ issuer: url, audience: 'workflow-api', permissions, now: Math.floor(Date.now() / 1000) })
    this.published = [this.previous, this.forge.current, this.next]
  }

  static async start(): Promise<Issuer> {
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const issuer = new Issuer(server)
    server.on('request', (request, response) => {
      const body = issuer.page(new URL(request.url!, issuer.url).pathname)
      response.writeHead(body === null ? 404 : 200, { 'Content-Type': 'application/json' }).end(body)
    })
    return issuer
  }

  get url(): string {
    return this.forge.lore.issuer
  }

  page(path: string): string | null {
    if (path === '/.well-known/jwks.json') return JSON.stringify({ keys: this.published.map(({ jwk }) => jwk) })
    if (path === '/.well-known/revocation-keys.json') return JSON.stringify({ keys: [this.forge.feed.jwk] })
    return path === '/.well-known/revocations' ? this.revocations() : null
  }

  revocations(): string {
    const { feed } = this.forge
    const now = Math.floor(Date.now() / 1000)
    const kids = this.published.map(({ kid }) => kid)
    const document = { iss: this.url, stream: 'agreement', since: 0, seq: newest, issuedAt: now, expiresAt: now + 30, kids, entries: [] }
    return this.forge.signed({ alg: 'ES256', typ: 'gatehouse-revocations', kid: feed.kid }, document, feed)
  }

  stop(): void {
    this.server.close()
    this.server.closeAllConnections()
  }
}

const test = base.extend<{ issuer: Issuer; readers: () => Promise<Reader[]> }>({
  issuer: async ({}, use) => {
    const issuer = await Issuer.start()
    await use(issuer)
    issuer.stop()
  },
  readers: ({ issuer }, use) => lendReaders(issuer.url, use),
})

/** Who lets the token in, by name; everybody or nobody, or they do not agree. */
async function letIn(readers: Reader[], token: string): Promise<string[]> {
  const answers = await Promise.all(
    readers.map(async ({ name, subject }) => (await subject(token).catch(() => null)) === 'ada' && name),
  )
  return answers.filter((name) => name !== false)
}

test('all take the next, the current and the previous key of a rotation', async ({ issuer, readers }) => {
  const all = await readers()
  const everybody = all.map(({ name }) => name)
  expect(everybody).toHaveLength(7)
  for (const key of issuer.published) {
    const token = issuer.forge.token({}, {}, key)
    expect(await letIn(all, token)).toEqual(everybody)
  }
})

test('none takes what is not good', async ({ issuer, readers }) => {
  const { forge } = issuer
  const { now, issuer: iss, audience } = forge.lore
  const good = forge.token()
  const [header, payload, signature] = good.split('.') as [string, string, string]
  const otherPayload = forge.token({ permissions: ['workflow:delete'] }).split('.')[1]!
  const flipped = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`
  const bad: Record<string, string> = {
    expired: forge.token({ iat: now - 1000, exp: now - 100 }),
    'not valid yet': forge.token({ nbf: now + 1000 }),
    'of another issuer': forge.token({ iss: 'https://elsewhere.example' }),
    'of this issuer, with a slash': forge.token({ iss: `${iss}/` }),
    'for another audience': forge.token({ aud: ['billing-api'] }),
    'for an audience that begins alike': forge.token({ aud: [`${audience}-staging`] }),
    'for nobody': forge.token({ aud: undefined }),
    'with other claims': `${header}.${otherPayload}.${signature}`,
    'with another signature': `${header}.${payload}.${flipped}`,
    'without a signature': `${header}.${payload}.`,
    'signed by a stranger': forge.token({}, {}, forge.stranger),
    'signed by a stranger in our name': forge.token({}, { kid: forge.current.kid }, forge.stranger),
    'signed by the key of the feed': forge.token({}, {}, forge.feed),
  }

  const all = await readers()
  expect(await letIn(all, good)).toHaveLength(all.length)
  for (const [what, token] of Object.entries(bad)) expect(await letIn(all, token), what).toEqual([])
})

test('a key that has left the set is taken by nobody who looks', async ({ issuer, readers }) => {
  const token = issuer.forge.token({}, {}, issuer.previous)
  const early = await readers()
  expect(await letIn(early, token)).toHaveLength(early.length)

  issuer.published = [issuer.forge.current, issuer.next]
  expect(await letIn(await readers(), token)).toEqual([])
})
