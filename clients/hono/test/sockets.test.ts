import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, afterEach, before, describe, it } from 'node:test'
import { Sockets, type SocketsOptions } from '../src/websocket/index.ts'
import { audience, origin, Service } from './socket-world.ts'

let service: Service
const others: Service[] = []

before(async () => (service = await Service.start()))
after(() => service.stop())
afterEach(async () => {
  for (const other of others.splice(0)) await other.stop()
  for (const connection of service.sockets.connections()) connection.close()
})

async function another(more: Partial<SocketsOptions>): Promise<Service> {
  const made = await Service.start(more)
  others.push(made)
  return made
}

describe('a socket', () => {
  it('is opened by a ticket in the first message (req 121)', async () => {
    const client = await service.client()
    client.say({ type: 'auth', ticket: await service.ticket() })
    assert.deepEqual(await client.hears(), { type: 'auth:success', userId: 'ada' })
    assert.deepEqual(Object.keys(service.redeemed.at(-1)!).sort(), ['audience', 'ticket'])
    assert.equal(service.redeemed.at(-1)!.audience, audience)
  })

  it('is opened by a ticket once', async () => {
    const ticket = await service.ticket()
    const [first, second] = [await service.client(), await service.client()]
    first.say({ type: 'auth', ticket })
    await first.hears()
    second.say({ type: 'auth', ticket })
    assert.deepEqual(await second.hears(), { error: 'Invalid token' })
    assert.deepEqual(await second.closing, { code: 1008, reason: 'Invalid token' })
  })

  it('is opened by a token in the first message (req 118)', async () => {
    const client = await service.client()
    client.say({ type: 'auth', token: await service.token() })
    assert.deepEqual(await client.hears(), { type: 'auth:success', userId: 'ada' })
  })

  it('has a record (req 122)', async () => {
    const client = await service.client('/ws', { origin, headers: { 'User-Agent': 'Test/1.0', 'X-Forwarded-For': '203.0.113.9' } })
    await client.signsIn(await service.token({ sub: 'rec', tenantId: null }))
    const [connection] = service.sockets.connections('rec')
    const { id, metadata, ...record } = connection!.record()
    assert.match(id, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-/)
    assert.deepEqual(record, { userId: 'rec', role: 'user', permissions: ['workflow:read', 'workflow:execute'], tenantId: null })
    const { connectedAt, ip, userAgent } = metadata
    assert.ok(Math.abs(Date.now() - connectedAt.getTime()) < 10_000)
    assert.deepEqual([ip, userAgent], ['127.0.0.1', 'Test/1.0'])
  })

  it('believes X-Forwarded-For from a trusted proxy alone, and from the right', async () => {
    const behind = await another({ isTrustedProxy: (address) => address === '127.0.0.1' || address === '10.0.0.1' })
    for (const [forwarded, ip] of [
      ['203.0.113.9', '203.0.113.9'],
      ['1.2.3.4, 203.0.113.9, 10.0.0.1', '203.0.113.9'],
      ['1.2.3.4, <script>', '127.0.0.1'],
      ['', '127.0.0.1'],
      ['2001:db8::1', '2001:db8::1'],
    ]) {
      const client = await behind.client('/ws', { headers: { 'X-Forwarded-For': forwarded!, 'User-Agent': '' } })
      await client.signsIn(await behind.token({ sub: 'fwd' }))
      const { metadata } = behind.sockets.connections('fwd')[0]!
      assert.deepEqual([metadata.ip, metadata.userAgent], [ip, 'unknown'])
      client.socket.close()
      await client.closing
      while (behind.sockets.size > 0) await new Promise((later) => setImmediate(later))
    }
  })

  it('that says nothing is closed (req 119)', async () => {
    const hasty = await another({ limits: { authWithin: 20 } })
    const client = await hasty.client()
    assert.deepEqual(await client.hears(), { error: 'Authentication required' })
    assert.deepEqual(await client.closing, { code: 1008, reason: 'Authentication required' })
  })

  it('that says anything else first is closed (req 119)', async () => {
    const renewal = { type: 'auth:renew', token: await service.token() }
    const binary = Buffer.from('{"type":"auth"}')
    const others = ['', 'hello', '{', 'null', '[]', '7', '"auth"', '{}', { type: 'note', text: 'x' }, renewal, { type: ['auth'] }, binary]
    for (const first of others) {
      const client = await service.client()
      client.say(first)
      assert.deepEqual(await client.hears(), { error: 'Authentication required' })
      assert.deepEqual(await client.closing, { code: 1008, reason: 'Authentication required' })
    }
  })

  it('with a bad token is closed (req 120)', async () => {
    const token = await service.token()
    for (const secret of [
      {},
      { token: '' },
      { token: 'x' },
      { token: await service.forged() },
      { token: await service.token({ exp: 1 }) },
      { token: await service.token({ aud: 'other' }) },
      { token: 7 },
      { token: [token] },
      { token: 'a'.repeat(9000) },
      { ticket: 'unknown' },
      { ticket: 'a'.repeat(600) },
      { ticket: { length: 5 } },
      { ticket: await service.ticket(), token },
    ]) {
      const client = await service.client()
      client.say({ type: 'auth', ...secret })
      assert.deepEqual(await client.hears(), { error: 'Invalid token' })
      assert.deepEqual(await client.closing, { code: 1008, reason: 'Invalid token' })
    }
  })

  it('that says more while it is checked, or signs in twice, is closed', async () => {
    const pushy = await service.client()
    pushy.say({ type: 'auth', ticket: await service.ticket() })
    pushy.say({ type: 'note', text: 'x' })
    assert.deepEqual(await pushy.closing, { code: 1008, reason: 'Authentication required' })

    const twice = await service.signedIn()
    twice.say({ type: 'auth', token: await service.token({ sub: 'eve' }) })
    assert.deepEqual(await twice.closing, { code: 1008, reason: 'Already authenticated' })
    assert.deepEqual(service.sockets.connections('eve'), [])
  })

  it('is not refused for the portal’s trouble, but asked to come again', async () => {
    const lost = await another({})
    for (const status of [500, 503, 429]) {
      lost.portalStatus = status
      const client = await lost.client()
      client.say({ type: 'auth', ticket: 'any' })
      assert.deepEqual(await client.closing, { code: 1013, reason: 'Temporarily unavailable' })
    }
    lost.loseFeed()
    const client = await lost.client()
    client.say({ type: 'auth', token: await lost.token() })
    assert.deepEqual(await client.hears(), { error: 'Temporarily unavailable' })
    assert.deepEqual(await client.closing, { code: 1013, reason: 'Temporarily unavailable' })
  })

  it('that needs a permission is closed without it', async () => {
    const strict = await another({ permissions: ['workflow:read'] })
    const client = await strict.client()
    client.say({ type: 'auth', token: await strict.token({ permissions: ['workflow:create'] }) })
    assert.deepEqual(await client.hears(), { error: 'Insufficient permissions' })
    assert.deepEqual(await client.closing, { code: 4403, reason: 'Insufficient permissions' })
  })
})

describe('the address of a socket', () => {
  it('opens nothing by a token in it', async () => {
    const hasty = await another({ limits: { authWithin: 20 } })
    const client = await hasty.client(`/ws?token=${await hasty.token()}`)
    assert.deepEqual(await client.closing, { code: 1008, reason: 'Authentication required' })
  })

  it('does where old clients are let in, by the same messages (C20)', async () => {
    const old = await another({ allowTokenInUrl: true })
    const client = await old.client(`/ws?token=${await old.token()}`)
    assert.deepEqual(await client.hears(), { type: 'auth:success', userId: 'ada' })
    const bad = await old.client('/ws?token=x')
    assert.deepEqual(await bad.hears(), { error: 'Invalid token' })
    assert.deepEqual(await bad.closing, { code: 1008, reason: 'Invalid token' })
    const byMessage = await old.client('/ws')
    await byMessage.signsIn(await old.token())
  })
})

describe('the door', () => {
  it('is closed to other origins, open to listed ones and to programs', async () => {
    for (const foreign of ['http://evil.example', 'null', `${origin}/`, `${origin}.evil.example`, 'http://LOCALHOST:5173']) {
      assert.equal(await service.refusedWith('/ws', { headers: { Origin: foreign } }), 403)
    }
    await service.client('/ws', { origin })
    await service.client('/ws', {})
  })

  it('is at one path, and the service behind it goes on', async () => {
    assert.equal(await service.refusedWith('/other', { origin }), 404)
    assert.equal(await service.refusedWith('/ws/', { origin }), 404)
    assert.equal(await (await fetch(service.url.replace('ws:', 'http:'))).text(), 'ok')
  })

  it('stands garbage', async () => {
    const { hostname, port } = new URL(service.url)
    for (const text of [
      'GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      'GET //[ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
      `GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    ]) {
      const socket = connect(Number(port), hostname).on('error', () => {})
      socket.write(text)
      const answer = await new Promise((done) => socket.once('data', (data) => done(String(data))))
      assert.match(String(answer), /^HTTP\/1\.1 4\d\d /)
      socket.destroy()
    }
    await service.signedIn()
  })

  it('holds no line open to somebody it has refused', async () => {
    const { hostname, port } = new URL(service.url)
    const before = await service.lines()
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true }).on('error', () => {})
    socket.write('GET /ws HTTP/1.1\r\nHost: x\r\nOrigin: http://evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    await new Promise((done) => socket.resume().once('end', done))
    while ((await service.lines()) > before) await new Promise((later) => setImmediate(later))
    socket.destroy()
  })

  it('lets so many in, so many of one account, and so many that have not said who they are', async () => {
    const small = await another({ limits: { connections: 4, connectionsPerUser: 2, waitingPerAddress: 2 } })
    const waiting = [await small.client(), await small.client()]
    assert.equal(await small.refusedWith('/ws', { origin }), 429)
    for (const client of waiting) await client.signsIn(await small.token())

    const third = await small.client()
    third.say({ type: 'auth', token: await small.token() })
    assert.deepEqual(await third.hears(), { error: 'Too many connections' })
    assert.deepEqual(await third.closing, { code: 1013, reason: 'Too many connections' })
    while (small.sockets.size > 2) await new Promise((later) => setImmediate(later))
    await small.signedIn({ sub: 'eve' })
    await small.signedIn({ sub: 'eve' })
    assert.equal(await small.refusedWith('/ws', { origin }), 503)

    waiting[0]!.socket.close()
    await waiting[0]!.closing
    while (small.sockets.size > 3) await new Promise((later) => setImmediate(later))
    await small.signedIn()
  })

  it('wants settings that make sense', () => {
    const make = (more: object) => () => new Sockets({ ...service.options, ...more })
    for (const allowedOrigins of [['*'], ['http://a.example/'], ['a.example'], ['']]) {
      assert.throws(make({ allowedOrigins }), TypeError)
    }
    assert.throws(make({ allowedOrigins: [], issuer: 'http://localhost:3000/' }), TypeError)
  })
})

describe('messages', () => {
  it('reach their handler, read', async () => {
    const client = await service.signedIn()
    client.say({ type: 'note', text: 'hello' })
    assert.deepEqual(await client.hears(), { type: 'noted', text: 'hello' })
  })

  it('of unknown or wrong shape are refused, and then the socket', async () => {
    const client = await service.signedIn()
    const errors: unknown[] = []
    for (const message of [{ type: 'toString' }, { type: 'note', text: 7 }, '[[[[', { type: '__proto__' }]) {
      client.say(message)
      errors.push((await client.hears()).error)
    }
    client.say({ type: 'nothing' })
    assert.deepEqual(errors, ['Unknown message', 'Invalid message', 'Invalid message', 'Invalid message'])
    assert.deepEqual(await client.closing, { code: 1008, reason: 'Unknown message' })
  })

  it('cannot reach a prototype', async () => {
    const before = service.received.length
    for (const text of [
      '{"type":"note","text":"a","__proto__":{"polluted":1}}',
      '{"type":"note","text":"a","deep":[{"__proto__":{"polluted":1}}]}',
      '{"type":"note","text":"a","constructor":{"prototype":{"polluted":1}}}',
    ]) {
      const client = await service.signedIn()
      client.say(text)
      assert.deepEqual(await client.hears(), { error: 'Invalid message' })
      client.socket.close()
    }
    assert.equal(service.received.length, before)
    assert.equal(({} as { polluted?: number }).polluted, undefined)
  })

  it('nested deeper than anybody means are refused', async () => {
    const client = await service.signedIn()
    const nested = (depth: number) => `{"type":"note","text":"deep","x":${'['.repeat(depth)}${']'.repeat(depth)}}`
    client.say(nested(31))
    assert.equal((await client.hears()).text, 'deep')
    for (const depth of [32, 8000]) {
      client.say(nested(depth))
      assert.deepEqual(await client.hears(), { error: 'Invalid message' })
    }
  })

  it('that are too long, or binary, close the socket', async () => {
    const long = await service.signedIn()
    long.say({ type: 'note', text: 'x'.repeat(17_000) })
    assert.equal((await long.closing).code, 1009)
    const binary = await service.signedIn()
    binary.say(Buffer.from('{"type":"note","text":"x"}'))
    assert.deepEqual(await binary.closing, { code: 1003, reason: 'Text only' })
    const huge = await service.client()
    huge.say('x'.repeat(5_000_000))
    assert.equal((await huge.closing).code, 1009)
  })

  it('that come too fast close the socket', async () => {
    const client = await service.signedIn()
    for (let i = 0; i < 30; i += 1) client.say({ type: 'note', text: String(i) })
    assert.deepEqual(await client.closing, { code: 1008, reason: 'Too many messages' })
  })

  it('whose handler throws do no harm', async () => {
    const client = await service.signedIn()
    client.say({ type: 'boom' })
    client.say({ type: 'note', text: 'still here' })
    assert.equal((await client.hears()).text, 'still here')
    assert.equal((service.errors.at(-1) as Error).message, 'a handler of mine')
  })
})

describe('sending to many', () => {
  it('reaches the tenant and nobody else (req 123)', async () => {
    const make = (sub: string, tenantId: string | null) => service.signedIn({ sub, sid: sub, tenantId })
    const [ada, bob, carl, dora] = [await make('a', 't1'), await make('b', 't1'), await make('c', 't2'), await make('d', null)]

    assert.equal(service.sockets.broadcastToTenant('t1', { type: 'news', n: 1 }), 2)

    assert.deepEqual([await ada!.hears(), await bob!.hears()], [{ type: 'news', n: 1 }, { type: 'news', n: 1 }])
    assert.deepEqual([carl!.messages, dora!.messages], [[], []])
    for (const none of [null, undefined, ''] as unknown as string[]) {
      assert.throws(() => service.sockets.broadcastToTenant(none, {}), TypeError)
    }
    assert.equal(service.sockets.broadcastToTenant('constructor', {}), 0)
  })

  it('reaches an account, in the tenant it is about', async () => {
    const here = await service.signedIn({ sub: 'multi', tenantId: 't1' })
    const there = await service.signedIn({ sub: 'multi', tenantId: 't2' })
    const nowhere = await service.signedIn({ sub: 'multi', tenantId: null })

    assert.equal(service.sockets.broadcastToUser('multi', { type: 'a' }), 3)
    assert.equal(service.sockets.broadcastToUser('multi', { type: 'b' }, { tenantId: 't1' }), 1)
    assert.equal(service.sockets.broadcastToUser('multi', { type: 'c' }, { tenantId: null }), 1)
    assert.equal(service.sockets.broadcastToUser('nobody', { type: 'd' }), 0)

    const types = async (client: typeof here) => [(await client.hears()).type, (await client.hears()).type]
    assert.deepEqual([await types(here), await types(nowhere)], [['a', 'b'], ['a', 'c']])
    assert.deepEqual([(await there.hears()).type, there.messages], ['a', []])
  })

  it('reaches nobody who has left', async () => {
    const client = await service.signedIn({ sub: 'leaver', tenantId: 'left' })
    client.socket.close()
    await client.closing
    while (service.sockets.connections('leaver').length > 0) await new Promise((later) => setImmediate(later))
    assert.equal(service.sockets.broadcastToTenant('left', { type: 'x' }), 0)
  })
})
