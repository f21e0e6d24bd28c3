/** What happens while something else is still under way. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ApiKeys } from '../src/api-keys.ts'
import type { Accepted } from '../src/types.ts'
import { json, portalUrl, World } from './browser-world.ts'
import { now, Service } from './socket-world.ts'

describe('signing out', () => {
  it('leaves nobody signed in who asked for a token meanwhile', async () => {
    const world = new World()
    const [tab, other] = [world.tab(), world.tab()]
    await tab.getAccessToken()
    await other.getAccessToken()
    world.on(`POST ${portalUrl}/api/auth/logout`, async () => {
      await pause(50)
      world.session = null
      return json(200, { success: true })
    })

    const leaving = tab.logout()
    await pause(10)
    await tab.getAccessToken().catch(() => {})
    await leaving
    await pause(10)

    assert.deepEqual([tab.isAuthenticated(), other.isAuthenticated()], [false, false])
    tab.close()
    other.close()
  })
})

describe('an API key', () => {
  it('that is revoked while the portal hangs is not let in by what was kept', async () => {
    let [revoked, portalIsUp] = [false, true]
    const accepted = { ok: true, user: { keyId: 'k' }, claims: { exp: 1020 }, kid: 'x' } as unknown as Accepted
    const fetch = async () => {
      if (portalIsUp) return Response.json({ accessToken: 'a' })
      revoked = true
      throw new Error('down')
    }
    const verifier = { verify: async () => accepted, recheck: () => (revoked ? ('revoked' as const) : null) }
    const keys = new ApiKeys('http://portal', verifier, async () => {}, { now: () => 1000, log: () => {}, fetch } as never)
    assert.ok((await keys.verify(`wks_live_${'0123456789abcdef'.repeat(4)}83f4b962`)).ok)

    portalIsUp = false
    const verdict = await keys.verify(`wks_live_${'0123456789abcdef'.repeat(4)}83f4b962`)

    assert.ok(!verdict.ok && verdict.reason === 'unavailable')
  })
})

describe('a socket', () => {
  it('is watched and ends with its token even if the log cannot be written', async () => {
    const errors: unknown[] = []
    const service = await Service.start({
      log: () => {
        throw new Error('the log is full')
      },
      onError: (error: unknown) => void errors.push(error),
    })
    const client = await service.signedIn()
    assert.equal(service.watched, 1)
    service.ends('s1', 'revoked')
    assert.equal((await client.closing).code, 4401)
    assert.ok(errors.length > 0)
    await service.stop()
  })

  it('does not move to another tenant, whichever claim its tenant stands in', async () => {
    const of = (tenantId: string) => {
      const claims = { iss: 'elsewhere', sub: 'ada', sid: 's', org: tenantId, exp: now() + 900 }
      const user = { userId: 'ada', email: '', role: 'user', permissions: [], tenantId }
      return { ok: true, kid: 'k', claims, user } as unknown as Accepted
    }
    const verifier = { verify: async (token: string) => of(token), watch: () => () => {} }
    const service = await Service.start({ verifier } as never)
    const client = await service.client()
    client.say({ type: 'auth', token: 'a' })
    await client.hears()
    client.say({ type: 'auth:renew', token: 'b' })
    assert.equal((await client.closing).code, 1008)
    assert.equal(service.sockets.broadcastToTenant('a', { type: 'secret' }), 0)
    await service.stop()
  })

  it('is not told what was held back for rights it has lost', async () => {
    const service = await Service.start({ permissions: ['workflow:read'] })
    const client = await service.signedIn()
    service.ends('s1', 'stale')
    await client.hears()
    assert.ok(service.sockets.connections()[0]!.send({ type: 'for-those-who-execute' }))
    client.say({ type: 'auth:renew', token: await service.token({ permissions: ['workflow:read'] }) })
    assert.deepEqual(await client.hears(), { type: 'auth:renewed' })
    service.sockets.connections()[0]!.send({ type: 'after' })
    assert.deepEqual(await client.hears(), { type: 'after' })
    await service.stop()
  })
})
