import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Page } from '../src/browser/index.ts'
import { apiUrl, appOrigin, json, portalUrl, refusal, World } from './browser-world.ts'

const route = `GET ${apiUrl}/api/workflows`
const bearer = (call: { headers: Headers }) => call.headers.get('Authorization')?.replace('Bearer ', '')

describe('a call of the API', () => {
  it('carries the token and no cookie', async () => {
    const world = new World()
    world.on(route, () => json(200, { workflows: [] }))
    const tab = world.tab()

    for (const path of ['/api/workflows', 'api/workflows', `${apiUrl}/api/workflows`, new URL(`${apiUrl}/api/workflows`)]) {
      const answer = await tab.makeAuthenticatedRequest(path, { credentials: 'include', headers: { 'X-Mine': '1' } })
      assert.equal(answer.status, 200)
    }

    const token = await tab.getAccessToken()
    for (const call of world.to(route)) {
      assert.deepEqual([bearer(call), call.credentials, call.headers.get('X-Mine')], [token, 'omit', '1'])
    }
  })

  it('takes the token nowhere else', async () => {
    const world = new World()
    const tab = world.tab()
    for (const elsewhere of ['https://evil.example/', 'http://localhost:3014/x', 'http://localhost:3013@evil.example/', 'data:,x']) {
      await assert.rejects(tab.makeAuthenticatedRequest(elsewhere), TypeError)
    }
    for (const path of ['//evil.example/x', '@evil.example', '\\\\evil.example']) {
      await tab.makeAuthenticatedRequest(path).catch(() => {})
    }
    const hosts = new Set(world.calls.map(({ url }) => new URL(url).host))
    assert.deepEqual([...hosts].sort(), ['localhost:3000', 'localhost:3013'])
  })

  it('is made once more with another token, for each code that another token heals', async () => {
    for (const code of ['token_expired', 'token_stale', 'token_revoked', 'invalid_token']) {
      const world = new World()
      const tab = world.tab()
      const first = await tab.getAccessToken()
      world.on(`POST ${apiUrl}/x`, (call) => (bearer(call) === first ? refusal(401, code) : json(201, call.body)))

      const answer = await tab.makeAuthenticatedRequest('/x', { method: 'POST', body: '{"a":1}' })

      assert.deepEqual([answer.status, await answer.json()], [201, { a: 1 }])
      assert.equal(world.to(`POST ${apiUrl}/x`).length, 2)
      assert.equal(world.tokenFetches, 2)
    }
  })

  it('is made exactly once more', async () => {
    const world = new World()
    world.on(route, () => refusal(401, 'invalid_token'))

    const answer = await world.tab().makeAuthenticatedRequest('/api/workflows')

    assert.equal(answer.status, 401)
    assert.equal(((await answer.json()) as { code: string }).code, 'invalid_token')
    assert.deepEqual([world.to(route).length, world.tokenFetches], [2, 2])
  })

  it('is made again by the word of the challenge alone, where there is no JSON', async () => {
    const world = new World()
    const challenge = { 'WWW-Authenticate': 'Bearer realm="x", error="invalid_token"' }
    world.on(route, () => new Response('no', { status: 401, headers: challenge }))
    await world.tab().makeAuthenticatedRequest('/api/workflows')
    assert.equal(world.to(route).length, 2)
  })

  it('is not made again when another token would not help', async () => {
    for (const [status, code] of [
      [401, 'step_up_required'],
      [401, 'authentication_required'],
      [403, 'insufficient_permissions'],
      [500, 'internal'],
    ] as const) {
      const world = new World()
      world.on(route, () => refusal(status, code))
      assert.equal((await world.tab().makeAuthenticatedRequest('/api/workflows')).status, status)
      assert.deepEqual([world.to(route).length, world.tokenFetches], [1, 1])
    }
  })

  it('with a stream is not made twice', async () => {
    const world = new World()
    world.on(`POST ${apiUrl}/x`, () => refusal(401, 'token_stale'))
    const body = new Blob(['x']).stream()
    const answer = await world.tab().makeAuthenticatedRequest('/x', { method: 'POST', body, duplex: 'half' } as RequestInit)
    assert.deepEqual([answer.status, world.to(`POST ${apiUrl}/x`).length], [401, 1])
  })

  it('fetches one token for many that were refused at once, in all tabs', async () => {
    const world = new World()
    const tabs = [world.tab(), world.tab()]
    const stale = await tabs[0]!.getAccessToken()
    await tabs[1]!.getAccessToken()
    world.time = 1000
    world.on(route, (call) => (bearer(call) === stale ? refusal(401, 'token_stale') : json(200, {})))

    const calls = Array.from({ length: 100 }, (_, i) => tabs[i % 2]!.makeAuthenticatedRequest('/api/workflows'))
    const answers = await Promise.all(calls)

    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    assert.equal(world.tokenFetches, 2)
  })

  it('signs out when the session is over', async () => {
    const world = new World()
    const tab = world.tab()
    await tab.getAccessToken()
    let signedOut = 0
    tab.on('signed-out', () => (signedOut += 1))
    world.session = null
    world.on(route, () => refusal(401, 'token_revoked'))

    const call = tab.makeAuthenticatedRequest('/api/workflows')

    await assert.rejects(call, { message: 'Token refresh failed', status: 401 })
    assert.deepEqual([signedOut, tab.isAuthenticated()], [1, false])
  })

  it('goes on although a listener of the app throws', async (t) => {
    const world = new World()
    const thrown = new Promise((seen) => t.mock.method(globalThis, 'queueMicrotask', (task: () => void) => {
      try {
        task()
      } catch (error) {
        seen(error)
      }
    }))
    const tab = world.tab()
    tab.on('signed-in', () => {
      throw new Error('mine')
    })
    await tab.getAccessToken()
    assert.equal(((await thrown) as Error).message, 'mine')
  })
})

describe('executing a workflow', () => {
  it('posts its input and gives the run', async () => {
    const world = new World()
    world.on(`POST ${apiUrl}/api/workflows/a%2Fb/execute`, (call) => json(200, { run: { id: 'r1', input: call.body } }))

    const run = await world.tab().executeWorkflow({ id: 'a/b', input: { price: 10 } })

    assert.deepEqual(run, { id: 'r1', input: { input: { price: 10 } } })
  })

  it('rejects with what the API said', async () => {
    const world = new World()
    world.on(`POST ${apiUrl}/api/workflows/w/execute`, () => json(404, { error: { message: 'Workflow not found', code: 'not_found' } }))
    await assert.rejects(world.tab().executeWorkflow({ id: 'w' }), { status: 404, code: 'not_found', message: 'Workflow not found' })
  })
})

describe('signing in', () => {
  const login = `POST ${portalUrl}/api/auth/login`

  function page(origin: string, tabOpens = true) {
    const seen: string[] = []
    let comeBack = () => {}
    const fake: Page = {
      origin,
      path: '/runs?of=1#last',
      go: (url) => seen.push(`go ${url}`),
      open: (url) => (seen.push(`open ${url}`), tabOpens ? { close: () => seen.push('close') } : null),
      onReturn: (listener) => ((comeBack = listener), () => (comeBack = () => {})),
    }
    return { fake, seen, comeBack: () => comeBack() }
  }

  it('on the portal’s origin is by JSON, into a cookie', async () => {
    const world = new World()
    world.on(login, () => json(200, { user: { id: 'ada' }, accessToken: 'not kept', expiresIn: 900 }))
    const tab = world.tab({ page: page(portalUrl).fake })

    assert.deepEqual(await tab.login('ada@example.com', 'violet-anchor'), { status: 'signed_in' })

    const [call] = world.to(login)
    assert.deepEqual(call!.body, { email: 'ada@example.com', password: 'violet-anchor', useCookie: true })
    assert.equal(tab.isAuthenticated(), true)
    await tab.login('ada', 'violet-anchor')
    assert.deepEqual(world.to(login)[1]!.body, { username: 'ada', password: 'violet-anchor', useCookie: true })
  })

  it('says when a second factor is wanted, and when it failed', async () => {
    const world = new World()
    const tab = world.tab({ page: page(portalUrl).fake })
    world.on(login, () => json(401, { code: 'mfa_required', mfaToken: 'm1', methods: ['totp', 7], expiresIn: 300 }))
    assert.deepEqual(await tab.login('ada', 'x'), { status: 'mfa_required', mfaToken: 'm1', methods: ['totp'] })

    world.on(login, () => refusal(401, 'invalid_credentials'))
    await assert.rejects(tab.login('ada', 'x'), { code: 'invalid_credentials', status: 401 })
  })

  it('without a password goes to the page, and back', async () => {
    const world = new World()
    const { fake, seen } = page(portalUrl)
    void world.tab({ page: fake }).login()
    assert.deepEqual(seen, [`go ${portalUrl}/login?next=%2Fruns%3Fof%3D1%23last`])
  })

  it('on another origin opens the portal’s page and sends no password', async () => {
    const world = new World()
    world.session = null
    const { fake, seen, comeBack } = page(appOrigin)
    const signingIn = world.tab({ page: fake }).login('ada@example.com', 'violet-anchor')

    comeBack()
    await new Promise((later) => setTimeout(later, 150))
    assert.deepEqual(seen, [`open ${portalUrl}/login`])
    world.session = { sub: 'ada', sid: 's1' }
    comeBack()

    assert.deepEqual(await signingIn, { status: 'signed_in' })
    assert.deepEqual(seen, [`open ${portalUrl}/login`, 'close'])
    assert.equal(JSON.stringify(world.calls).includes('violet-anchor'), false)
  })

  it('goes there itself where no tab opens', () => {
    const { fake, seen } = page(appOrigin, false)
    const tab = new World().tab({ page: fake })
    void tab.login()
    void tab.register()
    assert.deepEqual(seen, [
      `open ${portalUrl}/login`,
      `go ${portalUrl}/login`,
      `open ${portalUrl}/register`,
      `go ${portalUrl}/register`,
    ])
  })

  it('is led to by a registration', async () => {
    const world = new World()
    const tab = world.tab({ page: page(portalUrl).fake })
    const who = { email: 'ada@example.com', password: 'violet-anchor' }
    world.on(`POST ${portalUrl}/api/auth/register`, () => json(202, { status: 'verification_sent', registrationToken: 'r1' }))
    assert.deepEqual(await tab.register(who), { status: 'verification_sent', registrationToken: 'r1' })

    const errors = [{ field: 'password', code: 'too_short', message: 'Use at least 12 characters.' }]
    world.on(`POST ${portalUrl}/api/auth/register`, () => json(400, { code: 'invalid_request', detail: 'Wrong.', errors }))
    await assert.rejects(tab.register(who), { code: 'invalid_request', more: { errors } })
  })
})
