import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { inspect } from 'node:util'
import type { SocketsOptions } from '../src/websocket/index.ts'
import { Service, type Client } from './socket-world.ts'
import { Time, turns } from './time.ts'

/** Time stands still until it is moved; the network does not. */
async function begin(t: TestContext, more: Partial<SocketsOptions> = {}) {
  const time = new Time(t)
  const service: Service = await Service.start({ fetch: (...request) => service.portal(...request), ...more })
  t.after(async () => {
    t.mock.restoreAll()
    await service.stop()
  })
  return { time, service }
}

const renewRequired = (reason: string) => ({ type: 'auth:renew-required', reason })

async function renews(client: Client, secret: object): Promise<unknown> {
  client.say({ type: 'auth:renew', ...secret })
  return client.hears()
}

describe('a socket', () => {
  it('lives through three token lifetimes without being opened again', async (t) => {
    const { service, time } = await begin(t)
    const client = await service.client()
    client.say({ type: 'auth', ticket: await service.ticket() })
    await client.hears()
    const [connection] = service.sockets.connections('ada')

    for (let life = 0; life < 3; life += 1) {
      await time.pass(840_000)
      assert.deepEqual(await client.hears(), renewRequired('expiring'))
      assert.deepEqual(await renews(client, { ticket: await service.ticket() }), { type: 'auth:renewed' })
    }
    await time.pass(400_000)

    assert.equal(service.sockets.broadcastToUser('ada', { type: 'still here' }), 1)
    assert.deepEqual(await client.hears(), { type: 'still here' })
    assert.equal(service.sockets.connections('ada')[0], connection)
    assert.equal(service.watched, 1)
  })

  it('is asked twice, and ends with its token', async (t) => {
    const { service, time } = await begin(t)
    const client = await service.signedIn()
    await time.pass(840_000)
    assert.deepEqual(await client.hears(), renewRequired('expiring'))
    await time.pass(30_000)
    assert.deepEqual(await client.hears(), renewRequired('expiring'))
    await time.pass(29_000)
    assert.equal(service.sockets.size, 1)
    time.tick(1_000)
    assert.deepEqual(await client.hears(), { error: 'Token expired' })
    assert.deepEqual(await client.closing, { code: 1008, reason: 'Token expired' })
    assert.equal(service.watched, 0)
  })

  it('of a token that lives seconds is asked in its last third', async (t) => {
    const { service, time } = await begin(t)
    service.life = 6
    const client = await service.signedIn()
    time.tick(3_500)
    await turns()
    assert.deepEqual(client.messages, [])
    time.tick(600)
    assert.deepEqual(await client.hears(), renewRequired('expiring'))
  })

  it('is renewed for the same person, session, tenant and key alone', async (t) => {
    const { service } = await begin(t)
    for (const other of [{ sub: 'eve' }, { sid: 's2' }, { sid: undefined }, { tenantId: 'other' }, { tenantId: null }, { keyId: 'k1' }]) {
      const client = await service.signedIn()
      client.say({ type: 'auth:renew', token: await service.token(other) })
      assert.deepEqual(await client.closing, { code: 1008, reason: 'Invalid token' })
    }
    for (const secret of [{}, { token: 'x' }, { token: await service.forged() }, { ticket: 'used' }]) {
      const client = await service.signedIn()
      client.say({ type: 'auth:renew', ...secret })
      assert.deepEqual(await client.closing, { code: 1008, reason: 'Invalid token' })
    }
  })

  it('keeps what it has while a renewal cannot be checked', async (t) => {
    const { service } = await begin(t)
    const client = await service.signedIn()
    service.loseFeed()
    assert.deepEqual(await renews(client, { token: await service.token() }), { error: 'Temporarily unavailable' })
    service.findFeed()
    assert.deepEqual(await renews(client, { token: await service.token() }), { type: 'auth:renewed' })
  })

  it('closes at once when its session is revoked: 4401', async (t) => {
    const { service } = await begin(t)
    const [ada, eve] = [await service.signedIn(), await service.signedIn({ sub: 'eve', sid: 's2' })]

    service.ends('s1', 'revoked')

    assert.deepEqual(await ada.hears(), { error: 'Token revoked' })
    assert.deepEqual(await ada.closing, { code: 4401, reason: 'Token revoked' })
    assert.equal(service.sockets.broadcastToTenant('acme', { type: 'x' }), 1)
    assert.equal((await eve.hears()).type, 'x')
  })

  it('of a stale token is asked to renew, and nothing leaves until it has', async (t) => {
    const { service, time } = await begin(t)
    const client = await service.signedIn()

    service.ends('s1', 'stale')
    assert.deepEqual(await client.hears(), renewRequired('stale'))
    service.sockets.broadcastToUser('ada', { type: 'held', n: 1 })
    service.sockets.broadcastToUser('ada', { type: 'held', n: 2 })
    client.say({ type: 'note', text: 'x' })
    assert.deepEqual(await client.hears(), { error: 'Renew first' })
    assert.deepEqual(service.received, [])

    assert.deepEqual(await renews(client, { ticket: await service.ticket({ epoch: 2 }) }), { type: 'auth:renewed' })
    assert.deepEqual([await client.hears(), await client.hears()], [{ type: 'held', n: 1 }, { type: 'held', n: 2 }])
    time.tick(10_000)
    await turns()
    assert.equal(service.sockets.size, 1)
  })

  it('of a stale token closes in seconds without a renewal: 4401', async (t) => {
    const { service, time } = await begin(t)
    const client = await service.signedIn()
    service.ends('s1', 'stale')
    await client.hears()
    service.sockets.broadcastToUser('ada', { type: 'never seen' })
    time.tick(3_000)
    assert.deepEqual(await client.hears(), { error: 'Token stale' })
    assert.deepEqual(await client.closing, { code: 4401, reason: 'Token stale' })
    assert.deepEqual(client.messages, [])
  })

  it('closes when a renewal lacks a permission it was opened with: 4403', async (t) => {
    const { service } = await begin(t)
    const client = await service.signedIn()
    service.ends('s1', 'stale')
    await client.hears()
    service.sockets.broadcastToUser('ada', { type: 'never seen' })
    client.say({ type: 'auth:renew', token: await service.token({ permissions: ['workflow:read', 'workflow:create'] }) })
    assert.deepEqual(await client.hears(), { error: 'Insufficient permissions' })
    assert.deepEqual(await client.closing, { code: 4403, reason: 'Insufficient permissions' })
    assert.deepEqual(client.messages, [])
  })

  it('lives on with fewer rights where those it needs are left', async (t) => {
    const { service } = await begin(t, { permissions: ['workflow:read'] })
    const client = await service.signedIn()
    assert.deepEqual(await renews(client, { token: await service.token({ permissions: ['workflow:read'] }) }), { type: 'auth:renewed' })
    assert.deepEqual(service.sockets.connections('ada')[0]!.permissions, ['workflow:read'])
    client.say({ type: 'auth:renew', token: await service.token({ permissions: [] }) })
    assert.deepEqual(await client.closing, { code: 4403, reason: 'Insufficient permissions' })
  })

  it('closes when nobody can say any more whether its token is good: 1013', async (t) => {
    const { service } = await begin(t)
    const client = await service.signedIn()
    service.ends('s1', 'unavailable')
    assert.deepEqual(await client.closing, { code: 1013, reason: 'Temporarily unavailable' })
  })

  it('that is revoked while it renews stays closed', async (t) => {
    const { service } = await begin(t)
    const client = await service.signedIn()
    client.say({ type: 'auth:renew', ticket: await service.ticket() })
    while (service.redeemed.length === 0) await turns(1)
    service.ends('s1', 'revoked')
    assert.deepEqual(await client.closing, { code: 4401, reason: 'Token revoked' })
    await turns()
    assert.equal(service.watched, 0)
  })

  it('whose peer is dead is found by a ping', async (t) => {
    const { service, time } = await begin(t)
    const [alive, dead] = [await service.signedIn(), await service.signedIn({ sub: 'dead' })]
    dead.socket.pong = () => {}
    ;(dead.socket as unknown as { _autoPong: boolean })._autoPong = false

    for (let i = 0; i < 2; i += 1) {
      time.tick(30_000)
      await turns()
    }

    assert.equal((await dead.closing).code, 1006)
    assert.equal(service.sockets.broadcastToTenant('acme', { type: 'x' }), 1)
    assert.equal((await alive.hears()).type, 'x')
  })

  it('whose peer does not read is cut off', async (t) => {
    const { service } = await begin(t, { limits: { bufferedBytes: 100_000 } })
    const client = await service.signedIn()
    client.socket.pause()
    const text = 'x'.repeat(50_000)
    let sent = 0
    while (sent < 2_000 && service.sockets.broadcastToUser('ada', { type: 'big', text }) === 1) sent += 1
    assert.ok(sent < 2_000)
    await turns()
    assert.equal(service.sockets.size, 0)
    assert.equal(service.log.at(-1)!.event, 'closed')
    client.socket.resume()
  })
})

describe('a service that stops', () => {
  it('says so to its sockets, lets no more in, and does not wait for ever', async () => {
    const service = await Service.start({ limits: { closeWithin: 50 } })
    const [polite, rude] = [await service.signedIn(), await service.client()]
    rude.socket.pause()

    await service.stop()

    assert.deepEqual(await polite.closing, { code: 1001, reason: 'Going away' })
    assert.equal(service.sockets.size, 0)
    rude.socket.terminate()
  })
})

describe('what is written down', () => {
  it('holds no ticket, no token and no message', async (t) => {
    const written: string[] = []
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      t.mock.method(console, method, (...texts: unknown[]) => written.push(inspect(texts, { depth: 9 })))
    }
    const { service } = await begin(t, { allowTokenInUrl: true })
    const secrets = [await service.ticket(), await service.token(), await service.token({ sub: 'url' }), await service.forged(), await service.ticket()]
    const [ticket, token, inUrl, forged, renewal] = secrets as [string, string, string, string, string]

    const first = await service.client()
    first.say({ type: 'auth', ticket })
    await first.hears()
    await renews(first, { ticket: renewal })
    first.say({ type: 'note', text: 'private words' })
    await first.hears()
    await (await service.client()).signsIn(token)
    await (await service.client(`/ws?token=${inUrl}`)).hears()
    const bad = await service.client()
    bad.say({ type: 'auth', token: forged })
    await bad.closing
    const used = await service.client()
    used.say({ type: 'auth', ticket })
    await used.closing
    await service.refusedWith(`/ws?token=${inUrl}`, { origin: 'http://evil.example' })
    service.portalStatus = 500
    const unlucky = await service.client()
    unlucky.say({ type: 'auth', ticket: await service.ticket() })
    await unlucky.closing
    service.ends('s1', 'revoked')
    await turns()

    const all = [...written, inspect(service.log, { depth: 9, maxStringLength: null }), inspect(service.errors, { depth: 9 })].join('\n')
    assert.ok(service.log.some(({ event }) => event === 'opened') && service.log.some(({ event }) => event === 'refused'))
    for (const secret of [...secrets, 'private words', 'ticket-']) assert.equal(all.includes(secret), false)
    for (const part of secrets.flatMap((secret) => secret.split('.'))) assert.equal(all.includes(part), false)
    assert.deepEqual(written, [])
  })
})
