import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { createVerifier, type Verifier, type VerifierOptions } from '../src/index.ts'
import { audience, feed, jwks, makeKey, next, Portal, signing, type SigningKey } from './portal.ts'

const open: { close(): void }[] = []
after(() => open.forEach((one) => one.close()))

async function story(more: Partial<VerifierOptions> = {}): Promise<{ portal: Portal; verifier: Verifier }> {
  const portal = await Portal.open()
  const verifier = createVerifier({ issuer: portal.issuer, audience, feed: 'on-demand', ...more }, portal.world)
  open.push(portal, verifier)
  return { portal, verifier }
}

const why = async (verifier: Verifier, token: string) => {
  const verdict = await verifier.verify(token)
  return verdict.ok ? 'ok' : verdict.reason
}

describe('a good token', () => {
  it('says who is calling', async () => {
    const { portal, verifier } = await story()

    const verdict = await verifier.verify(await portal.token({ tenantId: 'acme', auth_time: 1700000000 }))

    assert.ok(verdict.ok)
    assert.deepEqual(verdict.user, {
      userId: 'ada',
      email: 'ada@example.com',
      role: 'user',
      permissions: ['workflow:read'],
      tenantId: 'acme',
      sessionId: 'session-of-ada',
      authTime: 1700000000,
      methods: ['pwd'],
    })
    assert.equal(verdict.kid, 'key-1')
  })

  it('gives its claims, and any other gives null', async () => {
    const { portal, verifier } = await story()
    assert.equal((await verifier.verifyToken(await portal.token()))?.sub, 'ada')
    assert.equal(await verifier.verifyToken(await portal.token({ exp: 1 })), null)
    assert.equal(await verifier.verifyToken('x'), null)
  })

  it('may say less where the contract lets it', async () => {
    const { portal, verifier } = await story()
    const bare = { userId: undefined, sid: undefined, auth_time: undefined, amr: undefined, tenantId: undefined, aud: audience }
    assert.equal(await why(verifier, await portal.token(bare)), 'ok')
  })
})

describe('a refused token has a reason (req 53)', () => {
  it('by its times, with 5 seconds of leeway', async () => {
    const { portal, verifier } = await story()
    const now = portal.now()
    const cases: [string, Record<string, unknown>][] = [
      ['ok', { iat: now - 900, exp: now - 2 }],
      ['expired', { iat: now - 900, exp: now - 8 }],
      ['ok', { nbf: now + 2 }],
      ['not_before', { nbf: now + 60 }],
      ['not_before', { iat: now + 60 }],
      ['ok', { iat: now - 10, exp: now - 10 + 86400 }],
      ['invalid', { iat: now - 10, exp: now - 10 + 86401 }],
      ['invalid', { iat: now, exp: now }],
    ]
    for (const [reason, claims] of cases) assert.equal(await why(verifier, await portal.token(claims)), reason, JSON.stringify(claims))
  })

  it('by the type of any claim', async () => {
    const { portal, verifier } = await story()
    const cases: Record<string, unknown[]> = {
      iss: [undefined, [portal.issuer], `${portal.issuer}/`, portal.issuer.toUpperCase(), null],
      aud: [undefined, [], '', 'workflow', 'workflow-api2', ['x', 1, audience], { [audience]: true }],
      sub: [undefined, '', 1, {}, null],
      userId: ['eve', 1],
      iat: [undefined, '1', 1.5, -1],
      exp: [undefined, String(portal.now() + 60), portal.now() + 60.5, -1, null],
      nbf: ['0', -1, 0.5],
      email: [undefined, 1, null],
      role: [undefined, '', 1, ['admin']],
      permissions: [undefined, 'workflow:read', { 0: 'workflow:read' }, [1], null],
      tenantId: [1, {}, ''],
      sid: [1, '', null],
      keyId: [1, '', null],
      auth_time: ['1', 1.5],
      amr: ['pwd', [1]],
      epoch: [undefined, -1, 1.5, '10', null],
    }
    for (const [claim, values] of Object.entries(cases)) {
      for (const value of values) {
        assert.equal(await why(verifier, await portal.token({ [claim]: value })), 'invalid', `${claim}: ${JSON.stringify(value)}`)
      }
    }
  })

  it('by its header', async () => {
    const { portal, verifier } = await story()
    const eddsa = await makeKey('key-ed', 'EdDSA')
    portal.keys.push(eddsa)
    for (const typ of [undefined, 'jwt', 'at+jwt', 'gatehouse-revocations']) {
      assert.equal(await why(verifier, await portal.token({}, { typ })), 'invalid', `typ ${typ}`)
    }
    assert.equal(await why(verifier, await portal.token({}, { kid: undefined })), 'invalid')
    assert.equal(await why(verifier, await portal.token({}, { kid: 'key-9' })), 'invalid')
    // A key of the set, but not of an algorithm that was configured.
    assert.equal(await why(verifier, await portal.token({}, {}, eddsa)), 'invalid')
  })

  it('by a second spelling', async () => {
    const { portal, verifier } = await story()
    const token = await portal.token()
    const [header, payload, signature] = token.split('.') as [string, string, string]
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const last = alphabet.indexOf(signature.at(-1)!)
    // 64 bytes leave four bits of the last character unused.
    const respelt = `${header}.${payload}.${signature.slice(0, -1)}${alphabet[last ^ 1]}`
    const others = [respelt, `${token}=`, ` ${token}`, `${token}.`, `${token}.${signature}`, `${header}.${payload}`, `${header}..${signature}`]
    for (const other of others) assert.equal(await why(verifier, other), 'invalid')
    assert.equal(await why(verifier, token), 'ok')
  })

  it('by its size, however well signed', async () => {
    const { portal, verifier } = await story()
    assert.equal(await why(verifier, await portal.token({ ballast: 'x'.repeat(10_000) })), 'ok')
    assert.equal(await why(verifier, await portal.token({ ballast: 'x'.repeat(13_000) })), 'invalid')
  })

  it('and never throws', async () => {
    const { portal, verifier } = await story()
    const token = await portal.token()
    const strange: unknown[] = [undefined, null, 1, {}, [], '', '.', '..', '...', 'a.b.c', '\0', '💥.💥.💥', 'x'.repeat(1_000_000)]
    const deep = Buffer.from('['.repeat(10_000)).toString('base64url')
    strange.push(`${deep}.${deep}.${deep}`)
    for (let i = 0; i < 300; i += 1) {
      const bytes = randomBytes(1 + (i % 200))
      const at = i % token.length
      strange.push(bytes.toString('latin1'), bytes.toString('base64url'), token.slice(0, at), token.slice(0, at) + bytes.toString('hex')[0] + token.slice(at + 1))
    }
    for (const one of strange.filter((one) => one !== token)) {
      assert.equal(await why(verifier, one as string), 'invalid')
      assert.deepEqual((await verifier.verifyApiKey(one as string)).ok, false)
    }
    assert.deepEqual(portal.logged, [])
  })
})

describe('the signing keys', () => {
  it('are fetched once for many requests at once, and by nobody before', async () => {
    const { portal, verifier } = await story()
    const token = await portal.token()
    assert.deepEqual(portal.asked, [])

    const verdicts = await Promise.all(Array.from({ length: 50 }, () => why(verifier, token)))

    assert.deepEqual(new Set(verdicts), new Set(['ok']))
    assert.deepEqual([portal.count(jwks), portal.count(feed)], [1, 1])
  })

  it('are looked up again for an unknown kid, every 30 s at most', async () => {
    const { portal, verifier } = await story()
    const [old, fresh] = [await portal.token(), await portal.token({}, {}, next)]
    assert.equal(await why(verifier, old), 'ok')

    portal.keys.push(next)
    assert.equal(await why(verifier, fresh), 'unavailable', 'the feed lists it, and we may not look yet')
    portal.pass(31)
    assert.deepEqual(await Promise.all([why(verifier, fresh), why(verifier, fresh)]), ['ok', 'ok'])
    const stranger = await makeKey('stranger')
    for (let i = 0; i < 5; i += 1) assert.equal(await why(verifier, await portal.token({}, {}, stranger)), 'invalid')

    assert.equal(portal.count(jwks), 2)
  })

  it('are renewed behind the back of callers after 10 minutes, and a portal that is down later does not matter', async () => {
    const { portal, verifier } = await story({ maxStale: Infinity })
    assert.equal(await why(verifier, await portal.token()), 'ok')
    portal.close()

    portal.pass(3600)
    assert.equal(await why(verifier, await portal.token()), 'ok')
    portal.pass(3600)
    assert.equal(await why(verifier, await portal.token()), 'ok')
  })

  it('are renewed while the portal lives, and a key that has gone is taken no more', { timeout: 20_000 }, async () => {
    const { portal, verifier } = await story({ feed: 'off' })
    const old = await portal.token()
    assert.equal(await why(verifier, old), 'ok')
    portal.keys = [next]
    portal.pass(601)
    await why(verifier, old)
    while (portal.count(jwks) < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    while ((await why(verifier, await portal.token())) === 'ok') await new Promise((resolve) => setTimeout(resolve, 5))
    assert.equal(await why(verifier, await portal.token({}, {}, next)), 'ok')
  })

  it('that cannot be had are 503, whatever the portal does instead', async () => {
    const ways: ((response: import('node:http').ServerResponse) => void)[] = [
      (response) => response.writeHead(500).end('{"keys":[]}'),
      (response) => response.end('<html>'),
      (response) => response.end('{"keys":{}}'),
      (response) => response.end('{"keys":[null,1,{"kid":"key-1"},{"kid":"key-1","kty":"oct","k":"AA"}]}'),
      (response) => response.end(JSON.stringify({ keys: [signing.jwk], ballast: 'x'.repeat(100_000) })),
      (response) => response.writeHead(302, { Location: '/elsewhere' }).end(),
      (response) => response.destroy(),
    ]
    for (const way of ways) {
      const { portal, verifier } = await story()
      portal.instead.set(jwks, (_, response) => way(response))
      portal.instead.set('/elsewhere', (_, response) => void response.end(JSON.stringify({ keys: [signing.jwk] })))
      const token = await portal.token()
      const verdict = await verifier.verify(token)
      assert.deepEqual(verdict, {
        ok: false,
        reason: 'unavailable',
        code: 'keys_unavailable',
        message: 'The signing keys cannot be loaded',
        retryAfter: 5,
      })
      assert.equal(await why(verifier, token), 'unavailable')
      assert.equal(portal.count(jwks), 1, 'a failing portal is not hammered')

      portal.instead.clear()
      portal.pass(2)
      assert.equal(await why(verifier, token), 'ok')
      assert.equal(portal.logged.length, 1)
      assert.ok(!portal.logged.join().includes(token))
    }
  })

  it('keep what they were when the portal publishes nonsense later', async () => {
    const { portal, verifier } = await story()
    assert.equal(await why(verifier, await portal.token()), 'ok')
    portal.instead.set(jwks, (_, response) => void response.end('{"keys":[]}'))
    portal.pass(601)
    assert.equal(await why(verifier, await portal.token()), 'ok')
    portal.pass(5)
    assert.equal(await why(verifier, await portal.token()), 'ok')
  })

  it('say themselves what they are for', async () => {
    const { portal, verifier } = await story({ algorithms: ['ES256', 'EdDSA'] })
    const [key] = portal.keys as [SigningKey]
    for (const wrong of [{ alg: 'EdDSA' }, { use: 'enc' }, { d: 'AA' }, { kid: 1 as unknown as string }, { crv: 'P-384' }]) {
      portal.keys = [{ ...key, jwk: { ...key.jwk, ...wrong } }]
      assert.equal(await why(verifier, await portal.token()), 'unavailable', JSON.stringify(wrong))
      portal.pass(2)
    }
    portal.keys = [{ ...key, jwk: { ...key.jwk, alg: undefined } }]
    assert.equal(await why(verifier, await portal.token()), 'ok', 'what a P-256 key is for is plain')
  })

  it('may be RS256 or EdDSA where that was configured', async () => {
    for (const alg of ['RS256', 'EdDSA'] as const) {
      const { portal, verifier } = await story({ algorithms: [alg] })
      const key = await makeKey('key-1', alg)
      portal.keys = [key]
      assert.equal(await why(verifier, await portal.token({}, {}, key)), 'ok')
      assert.equal(await why(verifier, await portal.token()), 'invalid')
    }
  })
})

describe('another issuer', () => {
  const clerk = 'https://clerk.example.com'
  async function both() {
    const portal = await Portal.open()
    const key = await makeKey('ins_1', 'RS256')
    portal.instead.set('/clerk', (_, response) => void response.end(JSON.stringify({ keys: [key.jwk] })))
    const other = { issuer: clerk, jwksUrl: `${portal.issuer}/clerk`, authorizedParties: ['https://app.example.com'] }
    const verifier = createVerifier({ issuer: portal.issuer, audience, feed: 'on-demand', alsoTrust: [other] }, portal.world)
    open.push(portal, verifier)
    const claims = (more = {}) => ({ iss: clerk, sub: 'user_1', azp: 'https://app.example.com', iat: portal.now(), exp: portal.now() + 60, ...more })
    const { SignJWT } = await import('jose')
    const token = (more = {}, signer = key) => {
      return new SignJWT(claims(more)).setProtectedHeader({ alg: signer.jwk.alg!, typ: 'JWT', kid: signer.kid }).sign(signer.privateKey)
    }
    return { portal, verifier, token }
  }

  it('stands beside ours, and gives no rights (req 170)', async () => {
    const { portal, verifier, token } = await both()
    const verdict = await verifier.verify(await token({ email: 'eve@example.com', role: 'admin', permissions: ['workflow:read'] }))
    assert.ok(verdict.ok)
    assert.deepEqual(verdict.user, { userId: 'user_1', email: 'eve@example.com', role: 'user', permissions: [], tenantId: null })
    assert.equal(portal.count(feed), 0)
    assert.equal(await why(verifier, await portal.token()), 'ok')
  })

  it('speaks for itself alone', async () => {
    const { portal, verifier, token } = await both()
    assert.equal(await why(verifier, await token({ iss: portal.issuer, aud: audience })), 'invalid', 'its key, our name')
    assert.equal(await why(verifier, await portal.token({ iss: clerk, azp: 'https://app.example.com' })), 'invalid', 'our key, its name')
    assert.equal(await why(verifier, await token({ azp: 'https://evil.example.com' })), 'invalid')
    assert.equal(await why(verifier, await token({ azp: undefined })), 'invalid')
    assert.equal(await why(verifier, await token({ iss: 'https://other.example.com' })), 'invalid')
    assert.equal(await why(verifier, await token({ exp: portal.now() - 60, iat: portal.now() - 120 })), 'expired')
  })
})

describe('options that cannot be meant', () => {
  it('stop the start with a sentence', () => {
    const good = { issuer: 'https://auth.example.com', audience }
    const other = { issuer: 'https://clerk.example.com', jwksUrl: 'https://clerk.example.com/jwks', audience }
    const wrong: [Record<string, unknown>, RegExp][] = [
      [{ issuer: 'http://auth.example.com' }, /https/],
      [{ issuer: 'http://127.evil.com' }, /https/],
      [{ issuer: 'https://auth.example.com/' }, /slash/],
      [{ issuer: undefined }, /issuer/],
      [{ audience: '' }, /audience/],
      [{ algorithms: [] }, /algorithms/],
      [{ algorithms: ['HS256'] }, /algorithms/],
      [{ algorithms: ['none'] }, /algorithms/],
      [{ feed: 'sometimes' }, /feed/],
      [{ pollSeconds: 0 }, /pollSeconds/],
      [{ maxStale: NaN }, /maxStale/],
      [{ alsoTrust: [{ ...other, audience: undefined }] }, /audience or authorizedParties/],
      [{ alsoTrust: [{ ...other, jwksUrl: 'http://clerk.example.com' }] }, /jwksUrl/],
      [{ alsoTrust: [{ ...other, issuer: good.issuer }] }, /twice/],
    ]
    for (const [more, sentence] of wrong) assert.throws(() => createVerifier({ ...good, ...more } as VerifierOptions), sentence)
    for (const issuer of ['http://localhost:3000', 'http://[::1]:3000', 'http://127.0.0.1', good.issuer]) {
      createVerifier({ ...good, issuer }).close()
    }
  })
})
