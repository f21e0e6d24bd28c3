import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { Hono } from 'hono'
import { gatehouse, type Env, type GatehouseOptions } from '../src/index.ts'
import { audience, Portal } from './portal.ts'

const open: { close(): void }[] = []
after(() => open.forEach((one) => one.close()))

const path = '/api/auth/token'
const sameOrigin = { 'Sec-Fetch-Site': 'same-origin', Cookie: 'theme=dark; gatehouse=the-session' }

async function story(more: Partial<GatehouseOptions> = { newToken: { whenLeft: 120 } }) {
  const portal = await Portal.open()
  const auth = gatehouse({ issuer: portal.issuer, audience, feed: 'on-demand', ...more }, portal.world)
  open.push(portal, auth)
  const app = new Hono<Env>()
  app.use('/api/*', auth.authenticate)
  app.get('/api/me', (c) => c.json(c.get('user')))
  let fresh: Record<string, unknown> = {}
  const cookies: unknown[] = []
  portal.instead.set(path, async (request, response) => {
    cookies.push([request.method, request.headers.cookie, request.headers.origin])
    response.end(JSON.stringify({ accessToken: await portal.token({ jti: 'new', ...fresh }) }))
  })
  const ask = async (headers: Record<string, string>, left = 60, more = {}) => {
    const token = await portal.token({ iat: portal.now() - 895 + left, exp: portal.now() + left, ...more })
    const response = await app.request('/api/me', { headers: { Authorization: `Bearer ${token}`, ...headers } })
    assert.equal(response.status, 200)
    return response.headers
  }
  return { portal, auth, ask, cookies, gives: (claims: Record<string, unknown>) => (fresh = claims) }
}

describe('X-New-Token (C28)', () => {
  it('continues the caller’s own session from the portal’s cookie', async () => {
    const { portal, auth, ask, cookies } = await story()
    const headers = await ask(sameOrigin)
    const verdict = await auth.verify(headers.get('X-New-Token')!)
    assert.ok(verdict.ok && verdict.claims.jti === 'new')
    assert.equal(headers.get('Cache-Control'), 'no-store')
    assert.deepEqual(cookies, [['POST', 'gatehouse=the-session', portal.issuer]])
  })

  it('is asked for once by many requests at once', async () => {
    const { portal, ask } = await story()
    const all = await Promise.all(Array.from({ length: 20 }, () => ask(sameOrigin)))
    assert.ok(all.every((headers) => headers.has('X-New-Token')))
    assert.ok(portal.count(path) < 20)
  })

  it('is not there unless it was asked for, needed and same-origin', async () => {
    const off = await story({})
    assert.equal((await off.ask(sameOrigin)).get('X-New-Token'), null)
    const { portal, ask } = await story()
    assert.equal((await ask(sameOrigin, 500)).get('X-New-Token'), null)
    assert.equal((await ask(sameOrigin, 60, { keyId: 'key-of-ada', role: 'api' })).get('X-New-Token'), null)
    assert.equal((await ask(sameOrigin, 60, { sid: undefined })).get('X-New-Token'), null)
    for (const headers of [
      {},
      { Cookie: sameOrigin.Cookie },
      { ...sameOrigin, 'Sec-Fetch-Site': 'same-site' },
      { ...sameOrigin, 'Sec-Fetch-Site': 'none' },
      { 'Sec-Fetch-Site': 'same-origin', Cookie: 'session=x' },
      { 'Sec-Fetch-Site': 'same-origin', Cookie: 'gatehouse=one; gatehouse=two' },
      { 'Sec-Fetch-Site': 'same-origin', Cookie: 'gatehouse=a"b' },
    ] as Record<string, string>[]) {
      assert.equal((await ask(headers)).get('X-New-Token'), null, JSON.stringify(headers))
    }
    assert.equal(portal.count(path) + off.portal.count(path), 0)
  })

  it('never makes one person another, and never fails a request', async () => {
    const { portal, ask, gives } = await story()
    for (const claims of [{ sub: 'bob', userId: 'bob' }, { sid: 'another' }, { aud: 'another' }, { iat: portal.now() - 800, exp: portal.now() + 30 }]) {
      gives(claims)
      assert.equal((await ask(sameOrigin)).get('X-New-Token'), null, JSON.stringify(claims))
    }
    portal.instead.set(path, (_, response) => void response.writeHead(401).end('{}'))
    assert.equal((await ask(sameOrigin)).get('X-New-Token'), null)
    portal.instead.set(path, (_, response) => void response.destroy())
    assert.equal((await ask(sameOrigin)).get('X-New-Token'), null)
    portal.instead.set(path, () => {})
    const before = Date.now()
    assert.equal((await ask(sameOrigin)).get('X-New-Token'), null)
    assert.ok(Date.now() - before < 3_000, 'a portal that hangs')
  })
})
