import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { LiveConnection, Socket } from '../src/browser/index.ts'
import { json, portalUrl, refusal, soon, World } from './browser-world.ts'

const tickets = `POST ${portalUrl}/api/auth/ws-ticket`

class FakeSocket implements Socket {
  readyState = 0
  readonly sent: { type: string; [member: string]: unknown }[] = []
  closedWith: number | undefined
  readonly #listeners: [string, (event: never) => void][] = []

  constructor(readonly url: string) {}

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(code?: number): void {
    this.closedWith = code
  }

  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.push([type, listener])
  }

  happens(type: string, event: object = {}): void {
    for (const [name, listener] of this.#listeners) if (name === type) listener(event as never)
  }

  says(message: unknown): void {
    this.happens('message', { data: typeof message === 'string' ? message : JSON.stringify(message) })
  }
}

/** A tab with a connection; timers stand still until they are moved. */
function live(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const world = new World()
  let issued = 0
  world.on(tickets, () => json(201, { ticket: `ticket-${(issued += 1)}`, expiresIn: 30 }))
  const sockets: FakeSocket[] = []
  const socket = (url: string) => {
    const opened = new FakeSocket(url)
    sockets.push(opened)
    return opened
  }
  const tab = world.tab({ socket }, { audience: 'workflow-api' })
  const connection = tab.connectWebSocket()
  const log: string[] = []
  connection.on('open', (userId) => log.push(`open ${userId}`))
  connection.on('waiting', (milliseconds) => log.push(`waiting ${milliseconds}`))
  connection.on('closed', ({ code, reason }) => log.push(`closed ${code} ${reason}`))
  const signedIn = async () => {
    await soon()
    sockets.at(-1)!.happens('open')
    sockets.at(-1)!.says({ type: 'auth:success', userId: 'ada' })
  }
  return { world, tab, connection, sockets, log, signedIn, tick: (ms: number) => t.mock.timers.tick(ms) }
}

describe('a live connection', () => {
  it('signs in by a ticket in its first message, never in the address', async (t) => {
    const { world, connection, sockets, log, signedIn } = live(t)
    assert.equal(connection.state, 'connecting')

    await signedIn()

    assert.equal(sockets[0]!.url, 'ws://localhost:3013/ws')
    assert.deepEqual(sockets[0]!.sent, [{ type: 'auth', ticket: 'ticket-1' }])
    assert.deepEqual([connection.state, log], ['open', ['open ada']])
    const [call] = world.to(tickets)
    assert.deepEqual([call!.credentials, call!.body], ['include', { audience: 'workflow-api' }])
  })

  it('tells of what happens, by type', async (t) => {
    const { connection, sockets, signedIn } = live(t)
    const seen: unknown[] = []
    connection.onMessage('run:finished', (message) => seen.push(message.runId))
    const stop = connection.on('message', ({ type }) => seen.push(type))
    await signedIn()

    sockets[0]!.says({ type: 'run:finished', runId: 'r1' })
    stop()
    sockets[0]!.says({ type: 'run:started' })

    assert.deepEqual(seen, ['run:finished', 'r1'])
    assert.equal(connection.send({ type: 'hello' }), true)
    assert.deepEqual(sockets[0]!.sent.at(-1), { type: 'hello' })
  })

  it('hears nothing that is no message, and nothing before it is signed in', async (t) => {
    const { connection, sockets, signedIn } = live(t)
    const seen: unknown[] = []
    connection.on('message', (message) => seen.push(message))
    await soon()
    sockets[0]!.says({ type: 'run:started' })
    assert.equal(connection.send({ type: 'too early' }), false)
    await signedIn()
    for (const garbage of ['', '{', 'null', '[]', '7', '{"type":7}', '{}', `{"type":"${'x'.repeat(2 ** 21)}"}`]) {
      sockets[0]!.says(garbage)
    }
    sockets[0]!.happens('message', { data: new ArrayBuffer(8) })
    sockets[0]!.says({ error: 'Unknown message' })
    assert.deepEqual(seen, [])
  })

  it('renews in place when the server asks', async (t) => {
    const { sockets, log, signedIn } = live(t)
    await signedIn()

    for (let i = 0; i < 3; i += 1) {
      sockets[0]!.says({ type: 'auth:renew-required', reason: 'expiring' })
      await soon()
    }

    assert.equal(sockets.length, 1)
    assert.deepEqual(sockets[0]!.sent.slice(1), [2, 3, 4].map((n) => ({ type: 'auth:renew', ticket: `ticket-${n}` })))
    assert.deepEqual(log, ['open ada'])
  })

  it('comes back five times, later each time, with a fresh ticket, and then gives up', async (t) => {
    const { connection, sockets, log, tick } = live(t)
    for (const delay of [1000, 2000, 4000, 8000, 16_000]) {
      await soon()
      sockets.at(-1)!.happens('open')
      sockets.at(-1)!.happens('close', { code: 1006, reason: '' })
      tick(delay - 1)
      await soon()
      const before = sockets.length
      tick(1)
      await soon()
      assert.equal(sockets.length, before + 1)
    }
    sockets.at(-1)!.happens('open')
    sockets.at(-1)!.happens('close', { code: 1006, reason: '' })
    tick(600_000)
    await soon()

    assert.equal(sockets.length, 6)
    assert.deepEqual(sockets.map(({ sent }) => sent[0]!.ticket), [1, 2, 3, 4, 5, 6].map((n) => `ticket-${n}`))
    const waits = ['waiting 1000', 'waiting 2000', 'waiting 4000', 'waiting 8000', 'waiting 16000']
    assert.deepEqual([connection.state, log], ['closed', [...waits, 'closed 1006 ']])
  })

  it('begins to count anew only after it has worked for a while', async (t) => {
    const { sockets, log, signedIn, tick } = live(t)
    await signedIn()
    sockets.at(-1)!.happens('close', { code: 1006, reason: '' })
    tick(1000)
    await signedIn()
    sockets.at(-1)!.happens('close', { code: 1006, reason: '' })
    tick(2000)
    await signedIn()
    tick(30_000)
    sockets.at(-1)!.happens('close', { code: 1001, reason: 'Going away' })
    await soon()
    assert.deepEqual(log.filter((line) => line.startsWith('waiting')), ['waiting 1000', 'waiting 2000', 'waiting 1000'])
  })

  it('does not come back when the session has ended or a right is gone', async (t) => {
    for (const code of [4401, 4403]) {
      t.mock.timers.reset()
      const { connection, sockets, log, signedIn, tick } = live(t)
      await signedIn()
      sockets[0]!.happens('close', { code, reason: 'why' })
      tick(60_000)
      await soon()
      assert.deepEqual([connection.state, sockets.length, log.at(-1)], ['closed', 1, `closed ${code} why`])
    }
  })

  it('comes back when it only was too late to renew', async (t) => {
    const { sockets, log, signedIn, tick } = live(t)
    await signedIn()
    sockets[0]!.happens('close', { code: 4401, reason: 'Token stale' })
    tick(1000)
    await signedIn()
    assert.deepEqual(log, ['open ada', 'waiting 1000', 'open ada'])
  })

  it('that the server ended makes the tab ask whether it is signed in', async (t) => {
    const { world, tab, sockets, signedIn, tick } = live(t)
    tab.setTokens(world.issue())
    await signedIn()
    world.session = null
    sockets[0]!.happens('close', { code: 4401, reason: 'Token revoked' })
    await soon()
    tick(1000)
    await soon()
    assert.equal(tab.isAuthenticated(), false)
  })

  it('gives up where the portal gives no ticket, and the tab is signed out', async (t) => {
    const { world, tab, connection, sockets, log, signedIn, tick } = live(t)
    tab.setTokens(world.issue())
    await signedIn()
    world.on(tickets, () => refusal(401, 'authentication_required'))

    sockets[0]!.happens('close', { code: 1008, reason: 'Token expired' })
    tick(1000)
    await soon()

    assert.deepEqual([connection.state, tab.isAuthenticated(), sockets.length], ['closed', false, 1])
    assert.match(log.at(-1)!, /^closed /)
  })

  it('tries again where the portal cannot be asked', async (t) => {
    const { world, sockets, log, signedIn, tick } = live(t)
    await signedIn()
    world.on(tickets, () => refusal(503, 'overloaded'))
    sockets[0]!.happens('close', { code: 1006, reason: '' })
    tick(1000)
    await soon()
    world.on(tickets, () => json(201, { ticket: 'late', expiresIn: 30 }))
    tick(2000)
    await signedIn()
    assert.deepEqual(log, ['open ada', 'waiting 1000', 'waiting 2000', 'open ada'])
  })

  it('ends with the sign-out, and with close()', async (t) => {
    const { connection, sockets, log, signedIn, tick } = live(t)
    await signedIn()
    connection.close()
    tick(60_000)
    await soon()
    assert.deepEqual([connection.state, sockets[0]!.closedWith, sockets.length], ['closed', 1000, 1])
    assert.equal(log.at(-1), 'closed 1000 ')

    t.mock.timers.reset()
    const another = live(t)
    another.tab.setTokens(another.world.issue())
    await another.signedIn()
    const done = another.tab.logout()
    await done
    assert.equal(another.connection.state, 'closed')
  })

  it('that is closed while its ticket is fetched opens nothing', async (t) => {
    const { connection, sockets } = live(t)
    connection.close()
    await soon()
    assert.deepEqual([sockets.length, connection.state], [0, 'closed'])
  })
})

it('an https API gets wss', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const world = new World()
  world.on(tickets, () => json(201, { ticket: 't', expiresIn: 30 }))
  const opened: string[] = []
  const socket = (url: string) => (opened.push(url), new FakeSocket(url))
  const options = { apiUrl: 'https://api.example.com/v1', socketPath: '/live' }
  const connection: LiveConnection = world.tab({ socket }, options).connectWebSocket()
  await soon()
  assert.deepEqual(opened, ['wss://api.example.com/v1/live'])
  connection.close()
})
