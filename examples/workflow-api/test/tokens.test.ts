import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { base64url, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { claims, now, Portal, publicJwk, publicKey, settings, token, world } from './world.ts'

const { call } = world()
const list = (bearer?: string) => call('GET', '/api/workflows', bearer)

async function refused(bearer: string, code = 'invalid_token') {
  const { status, headers, body } = await list(bearer)
  assert.equal(status, 401)
  assert.equal(body.error.status, 401)
  assert.equal(body.error.code, code)
  assert.equal(typeof body.error.message, 'string')
  assert.match(headers.get('WWW-Authenticate') ?? '', /^Bearer realm="workflow-api", error="invalid_token"/)
}

describe('a token', () => {
  it('of the portal is accepted', async () => {
    const { status, body } = await list(await token())
    assert.deepEqual([status, body], [200, { workflows: [], nextCursor: null }])
  })

  it('is asked for', async () => {
    const { status, headers, body } = await list()
    assert.equal(status, 401)
    assert.deepEqual(body.error, { message: 'Authentication required', status: 401, code: 'authentication_required' })
    assert.equal(headers.get('WWW-Authenticate'), 'Bearer realm="workflow-api"')
  })

  it('that is no JWT is refused', async () => {
    for (const text of ['', 'a.b.c', 'wks_live_00', 'two words']) await refused(text)
  })

  it('past its end is refused by its own code', async () => {
    await refused(await token({ iat: now() - 905, exp: now() - 5 }), 'token_expired')
  })

  it('of another issuer is refused', async () => {
    await refused(await token({ iss: 'http://localhost:3001' }))
    await refused(await token({ iss: `${settings.issuer}/` }))
    await refused(await token({ iss: undefined }))
  })

  it('for another audience is refused', async () => {
    await refused(await token({ aud: settings.issuer }))
    await refused(await token({ aud: ['billing-api'] }))
    await refused(await token({ aud: undefined }))
  })

  it('without a signature is refused', async () => {
    await refused(new UnsecuredJWT(claims()).encode())
    const header = base64url.encode('{"alg":"none","typ":"JWT","kid":"key-1"}')
    await refused(`${header}.${base64url.encode(JSON.stringify(claims()))}.`)
  })

  it('signed with the public key as a shared secret is refused', async () => {
    for (const secret of [await exportSPKI(publicKey), JSON.stringify(publicJwk)]) {
      const forged = await new SignJWT(claims())
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: 'key-1' })
        .sign(new TextEncoder().encode(secret))
      await refused(forged)
    }
  })

  it('by another algorithm than the one agreed on is refused', async () => {
    const { privateKey } = await generateKeyPair('RS256')
    const header = { alg: 'RS256', typ: 'JWT', kid: 'key-1' }
    await refused(await new SignJWT(claims()).setProtectedHeader(header).sign(privateKey))
  })

  it('signed with a stranger’s key is refused, whatever its kid', async () => {
    const { privateKey } = await generateKeyPair('ES256')
    for (const kid of ['key-1', 'key-2']) {
      await refused(await new SignJWT(claims()).setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid }).sign(privateKey))
    }
  })

  it('changed after signing is refused', async () => {
    const [header, , signature] = (await token()).split('.')
    await refused(`${header}.${base64url.encode(JSON.stringify(claims({ sub: 'eve' })))}.${signature}`)
  })

  it('of another kind is refused', async () => {
    await refused(await token({}, { typ: 'gatehouse-revocations' }))
    await refused(await token({}, { typ: undefined }))
  })

  it('that lives longer than 24 hours is refused', async () => {
    await refused(await token({ iat: now(), exp: now() + 24 * 3600 + 1 }))
    assert.equal((await list(await token({ iat: now(), exp: now() + 24 * 3600 }))).status, 200)
  })

  it('without its times or its subject is refused', async () => {
    for (const missing of ['sub', 'iat', 'exp']) await refused(await token({ [missing]: undefined }))
  })

  it('that is not valid yet is refused', async () => {
    await refused(await token({ nbf: now() + 60 }))
  })

  it('with rights of the wrong shape is refused', async () => {
    for (const permissions of [undefined, 'workflow:read', [1], { 0: 'workflow:read' }]) {
      await refused(await token({ permissions }))
    }
  })

  it('is read from the Authorization header alone', async () => {
    const { app } = world()
    const valid = await token()
    const elsewhere: Record<string, string>[] = [{ 'X-API-Key': valid }, { Cookie: `token=${valid}` }, { 'X-Clerk-User-Id': 'ada' }]
    for (const headers of elsewhere) {
      assert.equal((await app.request(`/api/workflows?token=${valid}`, { headers })).status, 401)
    }
  })
})

describe('the portal', () => {
  it('is asked for its keys once for many requests', async () => {
    const portal = new Portal()
    const { call } = world(portal)
    for (let i = 0; i < 5; i += 1) assert.equal((await call('GET', '/api/workflows', await token())).status, 200)
    assert.equal(portal.asked.filter((path) => path === '/.well-known/jwks.json').length, 1)
  })

  it('that cannot be reached is our trouble, 503, not the caller’s', async () => {
    const portal = new Portal()
    portal.reachable = false
    const { call } = world(portal)
    for (let i = 0; i < 2; i += 1) {
      const { status, headers, body } = await call('GET', '/api/workflows', await token())
      assert.deepEqual([status, headers.get('Retry-After'), body.error.code], [503, '5', 'keys_unavailable'])
    }
  })

  it('says whose session has ended', async () => {
    const portal = new Portal()
    portal.endSession('session-2')
    const { call } = world(portal)
    const { status, body } = await call('GET', '/api/workflows', await token({ sid: 'session-2' }))
    assert.deepEqual([status, body.error.code], [401, 'token_revoked'])
    assert.equal((await call('GET', '/api/workflows', await token())).status, 200)
  })
})
