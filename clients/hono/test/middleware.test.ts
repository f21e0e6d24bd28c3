import assert from 'node:assert/strict'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { after, describe, it } from 'node:test'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { gatehouse, type Env, type GatehouseOptions, type OptionalEnv } from '../src/index.ts'
import { audience, Portal } from './portal.ts'

const open: { close(): void }[] = []
after(() => open.forEach((one) => one.close()))

const key = `wks_live_${'0123456789abcdef'.repeat(4)}83f4b962`

async function story(more: Partial<GatehouseOptions> = {}) {
  const portal = await Portal.open()
  portal.apiKeys.set(key, { keyId: 'key-of-ada', permissions: ['workflow:read'] })
  const auth = gatehouse({ issuer: portal.issuer, audience, feed: 'on-demand', ...more }, portal.world)
  open.push(portal, auth)
  const app = new Hono<Env>()
  app.use('/api/*', auth.authenticate)
  app.get('/api/me', (c) => c.json(c.get('user')))
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const response = await app.request(path, { headers })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text.startsWith('{') ? JSON.parse(text) : text }
  }
  const bearer = async (claims = {}) => ({ Authorization: `Bearer ${await portal.token(claims)}` })
  return { portal, auth, app, ask, bearer }
}

describe('authenticate', () => {
  it('says who is calling, by token or by key', async () => {
    const { ask, bearer } = await story()
    const byToken = await ask('/api/me', await bearer())
    assert.deepEqual([byToken.status, byToken.body.userId, byToken.body.role], [200, 'ada', 'user'])
    const byKey = await ask('/api/me', { 'X-API-Key': key })
    assert.deepEqual([byKey.status, byKey.body.userId, byKey.body.role, byKey.body.keyId], [200, 'ada', 'api', 'key-of-ada'])
  })

  it('asks an anonymous caller for a credential', async () => {
    const { portal, ask } = await story()
    const { status, headers, body } = await ask('/api/me')
    assert.equal(status, 401)
    assert.equal(headers.get('WWW-Authenticate'), 'Bearer realm="workflow-api"')
    assert.equal(headers.get('Content-Type'), 'application/problem+json')
    assert.equal(headers.get('Cache-Control'), 'no-store')
    assert.deepEqual(body, {
      type: `${portal.issuer}/errors/authentication_required`,
      title: 'Authentication required',
      status: 401,
      code: 'authentication_required',
      detail: 'Authentication required',
      error: { message: 'Authentication required', status: 401, code: 'authentication_required' },
    })
  })

  it('names what is wrong with a token', async () => {
    const { portal, ask, bearer } = await story()
    await portal.end('session', 'ended')
    await portal.end('subject', 'bob')
    const cases: [Record<string, unknown>, string, string][] = [
      [{ iat: portal.now() - 900, exp: portal.now() - 60 }, 'token_expired', 'Token expired'],
      [{ nbf: portal.now() + 60 }, 'invalid_token', 'Token not valid yet'],
      [{ aud: 'another' }, 'invalid_token', 'Invalid token'],
      [{ sid: 'ended', epoch: 10 }, 'token_revoked', 'Token revoked'],
      [{ sub: 'bob', userId: 'bob', epoch: 10 }, 'token_stale', 'Rights have changed since this token was made: fetch another'],
    ]
    for (const [claims, code, message] of cases) {
      const { status, headers, body } = await ask('/api/me', await bearer(claims))
      assert.deepEqual([status, body.code, body.detail], [401, code, message])
      assert.equal(headers.get('WWW-Authenticate'), `Bearer realm="workflow-api", error="invalid_token", error_description="${message}"`)
    }
  })

  it('takes one kind of credential, and lets none make up for another (C25, D22)', async () => {
    const { ask, bearer } = await story()
    const good = await bearer()
    for (const headers of [
      { ...good, 'X-API-Key': key },
      { ...good, 'X-API-Key': 'wrong' },
      { Authorization: 'Bearer wrong', 'X-API-Key': key },
      { Authorization: '', 'X-API-Key': key },
    ]) {
      const { status, body } = await ask('/api/me', headers)
      assert.deepEqual([status, body.code], [400, 'multiple_credentials'])
    }
    assert.equal((await ask('/api/me', { 'X-API-Key': `${key.slice(0, -1)}0` })).body.code, 'invalid_api_key')
  })

  it('believes no other place and no other header', async () => {
    const { portal, ask } = await story()
    const token = await portal.token()
    assert.equal((await ask(`/api/me?token=${token}&access_token=${token}`)).status, 401)
    assert.equal((await ask('/api/me', { Cookie: `sessionId=${token}; gatehouse=${token}; auth_token=${token}` })).status, 401)
    assert.equal((await ask('/api/me', { 'X-Auth-Provider': 'clerk', 'X-Clerk-User-Id': 'ada', 'X-User-Id': 'ada' })).status, 401)
    for (const value of [token, `bearer${token}`, `Token ${token}`, `Basic ${token}`, `Bearer ${token} ${token}`, `Bearer ${token}, Bearer ${token}`, 'Bearer', 'Bearer ']) {
      assert.equal((await ask('/api/me', { Authorization: value })).body.code, 'invalid_token', value)
    }
    assert.equal((await ask('/api/me', { Authorization: `bearer  ${token} ` })).status, 200, 'a scheme has no case (RFC 9110, section 11.1)')
  })

  it('refuses two Authorization headers on the wire', async () => {
    const { portal, app } = await story()
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
    await new Promise((resolve) => server.once('listening', resolve))
    open.push(server)
    const token = await portal.token()
    const status = (lines: string[]) => {
      return new Promise<string>((resolve, reject) => {
        const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
        socket.once('data', (data) => resolve(String(data).slice(9, 12))).once('error', reject)
        socket.write(['GET /api/me HTTP/1.1', 'Host: x', 'Connection: close', ...lines, '', ''].join('\r\n'))
      })
    }
    assert.equal(await status([`Authorization: Bearer ${token}`]), '200')
    assert.equal(await status([`Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`]), '401')
    assert.equal(await status([`Authorization: Bearer ${token}`, 'Authorization: Bearer x']), '401')
  })

  it('is 503 with Retry-After while nothing is known', async () => {
    const { portal, ask, bearer } = await story()
    portal.close()
    const { status, headers, body } = await ask('/api/me', await bearer())
    assert.deepEqual([status, headers.get('Retry-After'), headers.get('WWW-Authenticate'), body.code], [503, '5', null, 'keys_unavailable'])
  })

  it('has the flat shape for who needs it (req 116), and any other', async () => {
    const flat = await story({ errors: 'flat' })
    const { status, headers, body } = await flat.ask('/api/me')
    assert.deepEqual([status, body, headers.get('Content-Type')], [401, { error: 'Authentication required' }, 'application/json'])
    const own = await story({ onRefusal: (refusal, c) => c.text(refusal.code, refusal.status) })
    assert.equal((await own.ask('/api/me')).body, 'authentication_required')
  })

  it('takes credentials over https alone where that was asked for (req 58)', async () => {
    const direct = await story({ requireHttps: 'direct' })
    const credential = await direct.bearer()
    assert.deepEqual((await direct.ask('http://api.example.com/api/me', { ...credential, 'X-Forwarded-Proto': 'https' })).body.code, 'https_required')
    assert.equal((await direct.ask('https://api.example.com/api/me', credential)).status, 200)

    const forwarded = await story({ requireHttps: 'forwarded' })
    const over = async (proto: string) => (await forwarded.ask('/api/me', { ...(await forwarded.bearer()), 'X-Forwarded-Proto': proto })).status
    assert.deepEqual([await over('https'), await over('http'), await over('https, http'), await over('http, https')], [200, 403, 403, 200])
    assert.equal((await forwarded.ask('/api/me', await forwarded.bearer())).status, 403)
  })
})

describe('optionalAuth', () => {
  it('lets nobody in as nobody, and a wrong credential not at all (req 99)', async () => {
    const { auth, bearer } = await story()
    const app = new Hono<OptionalEnv>()
    app.get('/', auth.optionalAuth, (c) => c.json({ who: c.get('user')?.userId ?? null }))
    assert.deepEqual(await (await app.request('/')).json(), { who: null })
    assert.deepEqual(await (await app.request('/', { headers: await bearer() })).json(), { who: 'ada' })
    assert.equal((await app.request('/', { headers: { Authorization: 'Bearer x' } })).status, 401)
  })
})

describe('verifyAuthRequest and verifyToken', () => {
  it('answer without middleware, and never throw (req 182)', async () => {
    const { auth, app, portal, bearer } = await story()
    app.get('/who', async (c) => c.json({ who: (await auth.verifyAuthRequest(c))?.userId ?? null }))
    const who = async (headers: Record<string, string>) => ((await (await app.request('/who', { headers })).json()) as { who: string | null }).who
    assert.equal(await who(await bearer()), 'ada')
    assert.equal(await who({}), null)
    assert.equal(await who({ Authorization: 'Bearer x' }), null)
    assert.equal(await who({ ...(await bearer()), 'X-API-Key': key }), null)
    assert.equal((await auth.verifyToken(await portal.token()))?.sub, 'ada')
    assert.equal(await auth.verifyToken('x'), null)
    const verdict = await auth.verify(await portal.token({ iat: portal.now() - 900, exp: portal.now() - 60 }))
    assert.equal(!verdict.ok && verdict.reason, 'expired')
  })
})

describe('guards', () => {
  it('ask for permissions, and for nothing else', async () => {
    const { auth, app, ask, bearer } = await story()
    app.get('/api/all', auth.requirePermission('a:read', 'b:read'), (c) => c.text('in'))
    app.get('/api/list', auth.requirePermissions(['a:read', 'b:read']), (c) => c.text('in'))
    app.get('/api/any', auth.requireAnyPermission(['a:read', 'b:read']), (c) => c.text('in'))
    const outcome = async (permissions: string[], role = 'user') => {
      const headers = await bearer({ permissions, role })
      return (await Promise.all(['/api/all', '/api/list', '/api/any'].map((path) => ask(path, headers)))).map(({ status }) => status)
    }
    assert.deepEqual(await outcome(['a:read', 'b:read', 'c:read']), [200, 200, 200])
    assert.deepEqual(await outcome(['b:read']), [403, 403, 200])
    assert.deepEqual(await outcome([], 'admin'), [403, 403, 403], 'a role gives nothing')
    const { headers, body } = await ask('/api/all', await bearer({ permissions: [] }))
    assert.equal(body.code, 'insufficient_permissions')
    assert.equal(headers.get('WWW-Authenticate'), 'Bearer realm="workflow-api", error="insufficient_scope", scope="a:read b:read"')
    assert.throws(() => auth.requirePermissions([]), /at least one/)
    assert.throws(() => auth.requireAnyPermission([]), /at least one/)
    assert.throws(() => auth.requireRole([]), /at least one/)
  })

  it('read a dot for the colon', async () => {
    const { auth, app, ask, bearer } = await story()
    app.get('/api/all', auth.requirePermission('a.read'), (c) => c.text('in'))
    app.get('/api/any', auth.requireAnyPermission(['a.read', 'b.read']), (c) => c.text('in'))
    const outcome = async (permissions: string[]) => {
      const headers = await bearer({ permissions })
      return (await Promise.all(['/api/all', '/api/any'].map((path) => ask(path, headers)))).map(({ status }) => status)
    }
    assert.deepEqual(await outcome(['a:read']), [200, 200])
    assert.deepEqual(await outcome(['b:read']), [403, 200])
    assert.deepEqual(await outcome(['a.read']), [403, 403], 'no token says it like that')
  })

  it('without authenticate before them know nobody', async () => {
    const { auth } = await story()
    const app = new Hono<Env>()
    app.get('/', auth.requirePermission('a:read'), (c) => c.text('in'))
    assert.equal((await app.request('/')).status, 401)
  })

  it('ask for one role of several', async () => {
    const { auth, app, ask, bearer } = await story()
    app.get('/api/one', auth.requireRole('admin'), (c) => c.text('in'))
    app.get('/api/several', auth.requireRole(['admin', 'editor']), (c) => c.text('in'))
    const outcome = async (role: string) => [(await ask('/api/one', await bearer({ role }))).status, (await ask('/api/several', await bearer({ role }))).status]
    assert.deepEqual([await outcome('admin'), await outcome('editor'), await outcome('user')], [[200, 200], [403, 200], [403, 403]])
  })

  it('hide the tenants of others', async () => {
    const { auth, app, ask, bearer } = await story()
    app.get('/api/tenants/:tenantId', auth.requireTenant(), (c) => c.text('in'))
    app.get('/api/clinics/:clinic', auth.requireTenant('clinic'), (c) => c.text('in'))
    app.get('/api/nothing', auth.requireTenant(), (c) => c.text('in'))
    const acme = await bearer({ tenantId: 'acme' })
    assert.equal((await ask('/api/tenants/acme', acme)).status, 200)
    assert.equal((await ask('/api/clinics/acme', acme)).status, 200)
    assert.deepEqual([(await ask('/api/tenants/other', acme)).status, (await ask('/api/tenants/other', acme)).body.code], [404, 'not_found'])
    assert.equal((await ask('/api/tenants/null', await bearer())).status, 404)
    assert.equal((await ask('/api/nothing', acme)).status, 404)
    assert.equal((await ask('/api/nothing', await bearer())).status, 404)
  })

  it('hide what belongs to others, and say nothing of what is missing (req 98)', async () => {
    const { auth, app, ask, bearer } = await story()
    const things: Record<string, string | { userId: string; tenantId: string | null }> = {
      plain: 'ada',
      acme: { userId: 'ada', tenantId: 'acme' },
      foreign: 'bob',
      elsewhere: { userId: 'bob', tenantId: 'other' },
    }
    app.get('/api/things/:id', auth.requireOwner((c) => things[c.req.param('id')!], 'thing:any'), (c) => c.text('in'))
    const outcome = async (claims: Record<string, unknown>) => {
      const headers = await bearer(claims)
      return Promise.all([...Object.keys(things), 'missing'].map(async (id) => (await ask(`/api/things/${id}`, headers)).status))
    }
    assert.deepEqual(await outcome({}), [200, 404, 404, 404, 404])
    assert.deepEqual(await outcome({ tenantId: 'acme' }), [200, 200, 404, 404, 404])
    assert.deepEqual(await outcome({ permissions: ['thing:any'], tenantId: 'acme' }), [200, 200, 200, 404, 404])
  })

  it('ask for a fresh proof with the challenge of RFC 9470', async () => {
    const { portal, auth, app, ask, bearer } = await story()
    app.get('/api/grave', auth.stepUp({ maxAge: 600 }), (c) => c.text('in'))
    app.get('/api/graver', auth.stepUp({ maxAge: 600, methods: ['otp', 'hwk'] }), (c) => c.text('in'))
    const outcome = async (claims: Record<string, unknown>) => [(await ask('/api/grave', await bearer(claims))).status, (await ask('/api/graver', await bearer(claims))).status]
    assert.deepEqual(await outcome({ auth_time: portal.now() - 60, amr: ['pwd', 'otp'] }), [200, 200])
    assert.deepEqual(await outcome({ auth_time: portal.now() - 60, amr: ['pwd'] }), [200, 401])
    assert.deepEqual(await outcome({ auth_time: portal.now() - 700, amr: ['pwd', 'otp'] }), [401, 401])
    assert.deepEqual(await outcome({ auth_time: undefined, amr: undefined }), [401, 401])
    assert.equal((await ask('/api/grave', { 'X-API-Key': key })).status, 403)
    const { headers, body } = await ask('/api/grave', await bearer({ auth_time: 1 }))
    assert.equal(body.code, 'step_up_required')
    assert.equal(
      headers.get('WWW-Authenticate'),
      'Bearer realm="workflow-api", error="insufficient_user_authentication", error_description="A more recent authentication is required", max_age=600',
    )
  })
})

describe('the package', () => {
  it('runs wherever there are Web APIs: the server part names nothing of Node', async () => {
    const { readdirSync, readFileSync } = await import('node:fs')
    const folder = new URL('../src/', import.meta.url)
    const all = (readdirSync(folder, { recursive: true }) as string[]).filter((file) => file.endsWith('.ts'))
    // A command and a helper for `ws` are Node's by nature.
    const files = all.filter((file) => !/^(attack|websocket)/.test(file))
    assert.ok(files.length > 15)
    for (const file of files) {
      const text = readFileSync(new URL(file, folder), 'utf8')
      assert.doesNotMatch(text, /from 'node:|from "node:|require\(|\bprocess\.|\bBuffer\b/, file)
    }
  })
})
