import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GatehouseError } from '../src/browser/index.ts'
import { jwt, portalUrl, refusal, soon, World } from './browser-world.ts'

const minute = 60_000
const channelName = `gatehouse:${portalUrl}`

describe('an access token', () => {
  it('is fetched once for 200 calls at once', async () => {
    const world = new World()
    const tab = world.tab()

    const tokens = await Promise.all(Array.from({ length: 200 }, () => tab.getAccessToken()))

    assert.equal(new Set(tokens).size, 1)
    assert.equal(world.tokenFetches, 1)
    const [call] = world.calls
    assert.equal(call!.credentials, 'include')
    assert.equal(call!.headers.get('Authorization'), null)
  })

  it('is fetched once for 200 calls over five tabs', async () => {
    const world = new World()
    const tabs = Array.from({ length: 5 }, () => world.tab())

    const tokens = await Promise.all(Array.from({ length: 200 }, (_, i) => tabs[i % 5]!.getAccessToken()))

    assert.equal(new Set(tokens).size, 1)
    assert.equal(world.tokenFetches, 1)
  })

  it('is handed to a tab that opens later', async () => {
    const world = new World()
    const token = await world.tab().getAccessToken()

    assert.equal(await world.tab().getAccessToken(), token)
    assert.equal(world.tokenFetches, 1)
  })

  it('is had without locks and without channels too', async () => {
    const world = new World()
    for (const lacking of [{ locks: undefined }, { channel: undefined }, { locks: undefined, channel: undefined }]) {
      const tab = world.tab(lacking)
      const tokens = await Promise.all(Array.from({ length: 20 }, () => tab.getAccessToken()))
      assert.equal(new Set(tokens).size, 1)
    }
    assert.ok(world.tokenFetches <= 3)
  })

  it('is had where locks or channels are forbidden', async () => {
    const world = new World()
    const forbidden = () => {
      throw new DOMException('denied', 'SecurityError')
    }
    const tab = world.tab({ locks: { request: async () => forbidden() }, channel: forbidden })

    assert.equal(typeof (await tab.getAccessToken()), 'string')
  })

  it('is not waited for for ever when another tab hangs', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const world = new World()
    const never = { request: (_: string, { signal }: { signal?: AbortSignal }) => aborted(signal!) }
    const token = world.tab({ locks: never, channel: undefined }).getAccessToken()

    t.mock.timers.tick(10_000)

    assert.equal(typeof (await token), 'string')
  })

  it('is fetched again half a minute before its end, and a minute before for long work', async () => {
    const world = new World()
    const tab = world.tab()
    world.on('POST http://localhost:3013/api/workflows/w1/execute', () => Response.json({ run: { id: 'r1' } }))
    const first = await tab.getAccessToken()

    world.time = 15 * minute - 59_000
    assert.equal(await tab.getAccessToken(), first)
    await tab.executeWorkflow({ id: 'w1' })
    const second = await tab.getAccessToken()
    assert.notEqual(second, first)

    world.time += 15 * minute - 29_000
    assert.notEqual(await tab.getAccessToken(), second)
    assert.equal(world.tokenFetches, 3)
  })

  it('of a short life is not fetched at every call', async () => {
    const world = new World()
    world.expiresIn = 6
    const tab = world.tab()
    for (const time of [0, 500, 1000, 1900]) {
      world.time = time
      await tab.getAccessToken()
    }
    assert.equal(world.tokenFetches, 1)
  })

  it('is fresh whatever the clocks of browser and server say', async () => {
    for (const skew of [-7 * 24 * 60 * minute, 7 * 24 * 60 * minute]) {
      const world = new World()
      world.serverSkew = skew
      const tab = world.tab()
      const first = await tab.getAccessToken()
      world.time = 10 * minute
      assert.equal(await tab.getAccessToken(), first)
      assert.equal(tab.isAuthenticated(), true)
    }
  })

  it('is old after the machine has slept, though the monotonic clock stood still', async () => {
    const world = new World()
    const tab = world.tab()
    await tab.getAccessToken()

    world.asleep = 20 * minute

    assert.equal(tab.isAuthenticated(), false)
    await tab.getAccessToken()
    assert.equal(world.tokenFetches, 2)
  })

  it('stays when the wall clock is set back', async () => {
    const world = new World()
    const tab = world.tab()
    await tab.getAccessToken()
    world.asleep = -60 * minute
    await tab.getAccessToken()
    assert.equal(world.tokenFetches, 1)
  })

  it('is not there when nobody is signed in, and the error says so', async () => {
    const world = new World()
    world.session = null
    const tab = world.tab()

    await assert.rejects(tab.getAccessToken(), { name: 'GatehouseError', status: 401, code: 'authentication_required' })
    assert.equal(await tab.restore(), false)
    assert.equal(tab.isAuthenticated(), false)
  })

  it('that cannot be fetched leaves the person signed in', async () => {
    const world = new World()
    const tab = world.tab()
    let signedOut = 0
    tab.on('signed-out', () => (signedOut += 1))
    await tab.getAccessToken()
    world.on(`POST ${portalUrl}/api/auth/token`, () => refusal(503, 'overloaded', { 'Retry-After': '7' }))

    await assert.rejects(tab.refreshAccessToken(), (error: GatehouseError) => {
      assert.deepEqual([error.message, error.status, error.more.retryAfter], ['Token refresh failed', 503, 7])
      return true
    })
    await assert.rejects(tab.restore(), GatehouseError)
    assert.equal(signedOut, 0)
  })

  it('must look like one, also from the portal', async () => {
    const world = new World()
    const good = jwt({ sub: 'ada' })
    const wrong = [
      {},
      { accessToken: good },
      { accessToken: good, expiresIn: '900' },
      { accessToken: good, expiresIn: -1 },
      { accessToken: good, expiresIn: 0 },
      { accessToken: 'a b', expiresIn: 900 },
      { accessToken: jwt({}), expiresIn: 900 },
      [],
    ]
    for (const body of wrong) {
      world.on(`POST ${portalUrl}/api/auth/token`, () => Response.json(body))
      await assert.rejects(world.tab().getAccessToken(), { code: 'unexpected_answer' })
    }
    world.on(`POST ${portalUrl}/api/auth/token`, () => new Response('<html>', { status: 502 }))
    await assert.rejects(world.tab().getAccessToken(), { status: 502, code: 'unexpected_answer' })
  })

  it('can be given by hand, and a refresh token cannot', async () => {
    const world = new World()
    const tab = world.tab()
    const token = world.issue()

    tab.setTokens(token)

    assert.equal(await tab.getAccessToken(), token)
    assert.equal(world.tokenFetches, 0)
    assert.throws(() => tab.setTokens('opaque'), TypeError)
    assert.throws(() => tab.setTokens(jwt({ sub: 'ada' })), TypeError)
    // @ts-expect-error what the old signature took
    tab.setTokens(token, 'refresh-token')
    assert.equal(JSON.stringify(tab).includes('refresh-token'), false)
  })
})

describe('tabs', () => {
  it('are all signed out by one', async () => {
    const world = new World()
    const [here, there] = [world.tab(), world.tab()]
    await Promise.all([here.getAccessToken(), there.getAccessToken()])
    const told: string[] = []
    there.on('signed-out', () => told.push('there'))

    await here.logout()
    await soon()

    assert.deepEqual(told, ['there'])
    assert.deepEqual([here.isAuthenticated(), there.isAuthenticated()], [false, false])
    await assert.rejects(there.getAccessToken(), { status: 401 })
  })

  it('are signed out here even if the portal cannot be told, which is said', async () => {
    const world = new World()
    const tab = world.tab()
    await tab.getAccessToken()
    world.on(`POST ${portalUrl}/api/auth/logout`, () => {
      throw new TypeError('network')
    })

    await assert.rejects(tab.logout(), { code: 'unreachable' })
    assert.equal(tab.isAuthenticated(), false)
  })

  it('do not keep a token that was on its way when somebody signed out', async () => {
    const world = new World()
    const tab = world.tab()
    const token = tab.getAccessToken()
    await tab.logout()

    await assert.rejects(token, { status: 401 })
    assert.equal(tab.isAuthenticated(), false)
  })

  it('ask the portal when another person has signed in, whatever a message offers', async () => {
    const world = new World()
    const [here, there] = [world.tab(), world.tab({ locks: undefined })]
    await here.getAccessToken()
    const events: string[] = []
    here.on('signed-out', () => events.push('out'))
    here.on('signed-in', () => events.push('in'))

    world.session = { sub: 'eve', sid: 's2' }
    there.setTokens(world.issue())
    await soon()
    assert.equal(here.isAuthenticated(), false)
    await here.getAccessToken()

    assert.deepEqual(events, ['out', 'in'])
  })

  it('are not moved by garbage', async () => {
    const world = new World()
    const tab = world.tab()
    const token = await tab.getAccessToken()
    const hostile = world.channel(channelName)
    const heard: unknown[] = []
    hostile.addEventListener('message', ({ data }) => heard.push(data))
    const offer = (more: object) => ({ type: 'token', accessToken: world.issue(), lifetime: 900_000, age: 0, sentAt: 0, ...more })

    for (const message of [
      null,
      undefined,
      0,
      'token',
      [],
      {},
      { type: 'token' },
      { type: '__proto__' },
      JSON.parse('{"__proto__":{"type":"signed-out"}}'),
      offer({ accessToken: 'x' }),
      offer({ accessToken: { toString: 'x' } }),
      offer({ accessToken: 'a.'.repeat(10_000) }),
      offer({ lifetime: Infinity }),
      offer({ lifetime: 9e15 }),
      offer({ lifetime: NaN }),
      offer({ age: -1 }),
      offer({ age: '0' }),
      offer({ sentAt: null }),
      offer({ sentAt: -9e15 }),
      offer({ age: 900_001 }),
    ]) {
      hostile.postMessage(message)
    }
    await soon()

    assert.equal(await tab.getAccessToken(), token)
    assert.equal(world.tokenFetches, 1)
    assert.deepEqual(heard, [])
  })

  it('that were told a lie about a sign-out ask the portal', async () => {
    const world = new World()
    const tab = world.tab()
    await tab.getAccessToken()

    world.channel(channelName).postMessage({ type: 'signed-out' })
    await soon()

    assert.equal(tab.isAuthenticated(), false)
    assert.equal(await tab.restore(), true)
  })

  it('that signed out are not signed in again by a late offer', async () => {
    const world = new World()
    const tab = world.tab()
    await tab.getAccessToken()
    const late = world.issue()
    await tab.logout()

    world.channel(channelName).postMessage({ type: 'token', accessToken: late, lifetime: 900_000, age: 0, sentAt: 1_000_000 })
    await soon()

    assert.equal(tab.isAuthenticated(), false)
  })

  it('say nothing of a token on the channel of another portal', async () => {
    const world = new World()
    await world.tab().getAccessToken()
    await world.tab({}, { portalUrl: 'http://localhost:4000' }).restore().catch(() => {})
    assert.equal(world.to('POST http://localhost:4000/api/auth/token').length, 1)
  })
})

describe('settings', () => {
  it('that are no addresses are refused at once', () => {
    const world = new World()
    for (const wrong of ['', 'localhost:3000', '/api', 'ftp://localhost', 'http://u:p@localhost', 'http://localhost?x=1', 'javascript:0']) {
      assert.throws(() => world.tab({}, { portalUrl: wrong }), TypeError)
      assert.throws(() => world.tab({}, { apiUrl: wrong }), TypeError)
    }
  })
})

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, refuse) => signal.addEventListener('abort', () => refuse(signal.reason)))
}
