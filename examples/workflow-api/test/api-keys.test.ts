import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Portal, settings, token, world } from './world.ts'

/** 64 hex digits and the CRC-32 of all that stands before it, as the portal writes them. */
const key = `wks_live_${'a5'.repeat(32)}4a590811`
const keyId = '0199aaaa-bbbb-7ccc-8ddd-eeeeffff0001'
const path = '/api/workflows'

/** What the portal gives for a key: no session behind it, and what its owner gave it. */
const keyToken = (permissions = ['workflow:read']) =>
  token({ aud: [settings.audience], sid: undefined, keyId, role: 'api', permissions })

async function withKey(permissions?: string[]) {
  const portal = new Portal()
  portal.addKey(key, await keyToken(permissions))
  const { app } = world(portal)
  const call = async (headers: Record<string, string>, method = 'GET') => {
    const answer = await app.request(path, { method, headers })
    return { status: answer.status, body: (await answer.json()) as { error?: { code: string } } }
  }
  return { portal, call, exchanges: () => portal.asked.filter((path) => path === '/api/keys/exchange').length }
}

describe('an API key', () => {
  it('is exchanged once, and opens what it may', async () => {
    const { call, exchanges } = await withKey()
    for (let run = 0; run < 5; run += 1) assert.equal((await call({ 'X-API-Key': key })).status, 200)
    assert.equal(exchanges(), 1)
    const refused = await call({ 'X-API-Key': key, 'Content-Type': 'application/json' }, 'POST')
    assert.deepEqual([refused.status, refused.body.error?.code], [403, 'insufficient_permissions'])
  })

  it('finds the workflows of its owner', async () => {
    const portal = new Portal()
    portal.addKey(key, await keyToken(['workflow:read', 'workflow:create']))
    const { app, call } = world(portal)
    const made = await call('POST', path, await token(), { name: 'Mine', definition: { steps: [] } })
    assert.equal(made.status, 201)
    const listed = await app.request(path, { headers: { 'X-API-Key': key } })
    assert.equal(((await listed.json()) as { workflows: unknown[] }).workflows.length, 1)
  })

  it('that nobody issued is refused, and one that is a typo never asked about', async () => {
    const { call, exchanges } = await withKey()
    const unknown = `wks_live_${'07'.repeat(32)}8318f7a7`
    assert.deepEqual((await call({ 'X-API-Key': unknown })).body.error?.code, 'invalid_api_key')
    assert.equal(exchanges(), 1)
    for (const text of ['', 'x', key.slice(0, -1), `${key}0`, key.toUpperCase(), key.replace('live', 'test')]) {
      const { status, body } = await call({ 'X-API-Key': text })
      assert.deepEqual([status, body.error?.code], [401, 'invalid_api_key'], text)
    }
    assert.equal(exchanges(), 1)
  })

  it('stands alone', async () => {
    const { call } = await withKey()
    const { status, body } = await call({ 'X-API-Key': key, Authorization: `Bearer ${await token()}` })
    assert.deepEqual([status, body.error?.code], [400, 'multiple_credentials'])
  })

  it('that was revoked is refused with the token made from it', async () => {
    const { portal, call } = await withKey()
    const made = await keyToken()
    // Before anything is learnt of the portal: what it says of keys is read with the first request.
    portal.revokeKey(key, keyId)
    assert.deepEqual((await call({ 'X-API-Key': key })).body.error?.code, 'invalid_api_key')
    assert.deepEqual((await call({ Authorization: `Bearer ${made}` })).body.error?.code, 'token_revoked')
  })
})
