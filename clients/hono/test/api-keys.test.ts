import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { crc32 } from 'node:zlib'
import { createVerifier, type Verifier } from '../src/index.ts'
import { audience, exchange, Portal } from './portal.ts'

const open: { close(): void }[] = []
after(() => open.forEach((one) => one.close()))

const key = `wks_live_${'0123456789abcdef'.repeat(4)}83f4b962`
/** A key of these 64 hex digits, with the checksum it ends in. */
const written = (digits: string) => `wks_live_${digits}${crc32(`wks_live_${digits}`).toString(16).padStart(8, '0')}`
const ofAda = { keyId: 'key-of-ada', permissions: ['workflow:execute'] }

async function story(): Promise<{ portal: Portal; verifier: Verifier }> {
  const portal = await Portal.open()
  portal.apiKeys.set(key, ofAda)
  const verifier = createVerifier({ issuer: portal.issuer, audience, feed: 'on-demand' }, portal.world)
  open.push(portal, verifier)
  return { portal, verifier }
}

const what = async (verifier: Verifier, text = key) => {
  const verdict = await verifier.verifyApiKey(text)
  return verdict.ok ? 'ok' : verdict.code
}

describe('an API key', () => {
  it('is exchanged once for many requests, and calls as its owner with the role api', async () => {
    const { portal, verifier } = await story()
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => verifier.verifyApiKey(key)))
    for (const verdict of verdicts) {
      assert.ok(verdict.ok)
      const { userId, email, role, permissions, tenantId, keyId } = verdict.user
      assert.deepEqual([userId, email, role, permissions, tenantId, keyId], ['ada', 'api@system', 'api', ['workflow:execute'], null, 'key-of-ada'])
    }
    assert.equal(portal.count(exchange), 1)
    portal.pass(800)
    assert.equal(await what(verifier), 'ok')
    assert.equal(portal.count(exchange), 1)
  })

  it('is exchanged again before its token is over, and goes on with that while the portal is down', async () => {
    const { portal, verifier } = await story()
    assert.equal(await what(verifier), 'ok')
    portal.pass(870)
    assert.equal(await what(verifier), 'ok')
    assert.equal(portal.count(exchange), 2)

    portal.pass(875)
    portal.instead.set(exchange, (_, response) => void response.destroy())
    assert.equal(await what(verifier), 'ok', 'less than 30 s left, but left')
    portal.pass(30)
    assert.equal(await what(verifier), 'exchange_unavailable', 'never past exp')
  })

  it('has the role api, whatever its token says', async () => {
    const { portal, verifier } = await story()
    portal.apiKeys.set(key, { ...ofAda, role: 'admin' })
    const verdict = await verifier.verifyApiKey(key)
    assert.equal(verdict.ok && verdict.user.role, 'api')
  })

  it('that was revoked is refused as soon as the feed says so', async () => {
    const { portal, verifier } = await story()
    assert.equal(await what(verifier), 'ok')
    portal.apiKeys.delete(key)
    await portal.end('key', 'key-of-ada')
    portal.pass(10)
    assert.equal(await what(verifier), 'invalid_api_key')
  })

  it('whose owner lost rights gets a token with the rest', async () => {
    const { portal, verifier } = await story()
    assert.equal(await what(verifier), 'ok')
    portal.apiKeys.set(key, { ...ofAda, permissions: [] })
    await portal.end('subject', 'ada')
    portal.pass(10)
    const verdict = await verifier.verifyApiKey(key)
    assert.deepEqual(verdict.ok && verdict.user.permissions, [])
  })

  it('that is wrong is refused for a moment without asking again, and differs from another by any character', async () => {
    const { portal, verifier } = await story()
    const wrong = written(`${'0123456789abcdef'.repeat(3)}0123456789abcdee`)
    assert.equal(await what(verifier), 'ok')
    for (let i = 0; i < 5; i += 1) assert.equal(await what(verifier, wrong), 'invalid_api_key')
    assert.equal(portal.count(exchange), 2)
    portal.apiKeys.set(wrong, ofAda)
    portal.pass(11)
    assert.equal(await what(verifier, wrong), 'ok')
  })

  it('that cannot be one is never sent to the portal', async () => {
    const { portal, verifier } = await story()
    const typo = `${key.slice(0, 20)}f${key.slice(21)}`
    for (const text of ['', 'short', typo, key.toUpperCase(), key.replace('live', 'test'), key.slice(0, -1), `${key}0`, `${key}, ${key}`, `${key}\n`, 'x'.repeat(257), '../../../../etc/passwd']) {
      assert.equal(await what(verifier, text), 'invalid_api_key')
    }
    assert.deepEqual(portal.asked, [])
  })

  it('cannot be checked while the exchange is down: 503 and not 401', async () => {
    const token = (portal: Portal) => portal.token()
    const ways: ((portal: Portal, response: import('node:http').ServerResponse) => unknown)[] = [
      (_, response) => response.writeHead(500).end(),
      (_, response) => response.writeHead(429, { 'Retry-After': '60' }).end(),
      (_, response) => response.destroy(),
      (_, response) => response.end('{}'),
      (_, response) => response.end('{"accessToken":"x.y.z"}'),
      (_, response) => response.end('x'.repeat(40_000)),
      async (portal, response) => response.end(JSON.stringify({ accessToken: await token(portal) })),
    ]
    for (const way of ways) {
      const { portal, verifier } = await story()
      portal.instead.set(exchange, async (_, response) => void (await way(portal, response)))
      assert.equal(await what(verifier), 'exchange_unavailable', way.toString())
      assert.ok(!portal.logged.join().includes(key))
    }
  })

  it('made up a thousand times is no flood at the portal', async () => {
    const { portal, verifier } = await story()
    const waiting: (() => void)[] = []
    portal.instead.set(exchange, (_, response) => void waiting.push(() => response.writeHead(401).end()))
    const guesses = Array.from({ length: 1000 }, (_, i) => what(verifier, written(String(i).padStart(64, '0'))))
    while (waiting.length < 50) await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(waiting.length, 50)
    waiting.forEach((answer) => answer())
    const answers = await Promise.all(guesses)
    assert.equal(answers.filter((code) => code === 'exchange_unavailable').length, 950)
  })

  it('that was good before gets through while made-up ones hold every place', async () => {
    const { portal, verifier } = await story()
    assert.equal(await what(verifier), 'ok')
    portal.pass(899)
    const waiting: (() => void)[] = []
    portal.instead.set(exchange, (_, response) => void waiting.push(() => response.writeHead(401).end()))
    const guesses = Array.from({ length: 50 }, (_, i) => what(verifier, written(String(i).padStart(64, '0'))))
    while (waiting.length < 50) await new Promise((resolve) => setTimeout(resolve, 5))
    portal.instead.delete(exchange)
    assert.equal(await what(verifier), 'ok')
    waiting.forEach((answer) => answer())
    await Promise.all(guesses)
  })
})
