/** From a press of a button in the portal to a refusal at a service that never asks the portal about a token. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test as base } from '@playwright/test'
import { Portal, type Person } from '../support/portal.ts'
import { WorkflowApi } from '../support/workflow-api.ts'

const test = base.extend<{ portal: Portal; api: WorkflowApi }>({
  portal: async ({}, use) => {
    const portal = await Portal.start()
    await use(portal)
    await portal.stop()
  },
  api: async ({ portal }, use) => {
    const api = await WorkflowApi.start(portal)
    await use(api)
    await api.program.stop()
  },
})

/** What the issue promises, in seconds. */
const promised = 10
const runs = 20

interface Account {
  id: string
  token: string
  sid: string
}

async function signedIn(portal: Portal, person: Person, more = {}): Promise<Account> {
  const { accessToken, user } = await portal.post('/api/auth/login', { ...person, ...more })
  const token = accessToken as string
  const { sid } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sid: string }
  return { id: (user as { id: string }).id, token, sid }
}

async function admin(portal: Portal) {
  const person = portal.stranger()
  await portal.createAdmin(person)
  const { token } = await signedIn(portal, person)
  return async (method: string, path: string) => {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    const answer = await fetch(portal.url + path, { method, headers, ...(method === 'POST' && { body: '{}' }) })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  }
}

/** An API key of somebody new that may read workflows. */
async function apiKey(portal: Portal) {
  const { token } = await signedIn(portal, await portal.joined())
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
  const wanted = JSON.stringify({ name: 'Nightly build', permissions: ['workflow:read'] })
  const made = await fetch(`${portal.url}/api/keys`, { method: 'POST', headers, body: wanted })
  expect(made.status).toBe(201)
  const { id, key } = (await made.json()) as { id: string; key: string }
  const revoke = async () => {
    const gone = await fetch(`${portal.url}/api/keys/${id}`, { method: 'DELETE', headers })
    expect(gone.status).toBe(204)
  }
  return { key, revoke }
}

async function exchange(portal: Portal, key: string) {
  const answer = await fetch(`${portal.url}/api/keys/exchange`, { method: 'POST', headers: { 'X-API-Key': key } })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

/** Seconds from the act to the first refusal. */
function secondsUntilRefused(api: WorkflowApi, token: string, act: () => Promise<void>): Promise<number> {
  return secondsUntil(/^token_(revoked|stale)$/, () => api.call('GET', '/api/workflows', token), act)
}

/** Seconds from the act to the first 401, which says why in one of these codes. */
async function secondsUntil(codes: RegExp, call: () => ReturnType<WorkflowApi['call']>, act: () => Promise<void>): Promise<number> {
  expect((await call()).status).toBe(200)
  await act()
  const done = performance.now()
  for (;;) {
    const { status, body } = await call()
    const seconds = (performance.now() - done) / 1000
    if (status === 401) {
      expect((body as { error: { code: string } }).error.code).toMatch(codes)
      return seconds
    }
    expect(status).toBe(200)
    expect(seconds, 'still let in').toBeLessThan(promised)
    await sleep(50)
  }
}

test(`a session that is ended, and a person who is disabled, are refused within ${promised} s`, async ({ portal, api }) => {
  test.setTimeout(90_000)
  const manage = await admin(portal)
  const bystander = await signedIn(portal, await portal.joined(), { use: 'services' })
  const people: Person[] = []
  for (let run = 0; run < runs; run += 1) people.push(await portal.joined())

  const seconds = await Promise.all(
    people.map(async (person, run) => {
      const account = await signedIn(portal, person, { use: 'services' })
      // Not all at the same moment of a poll.
      await sleep(run * 270)
      return secondsUntilRefused(api, account.token, () =>
        run % 2 === 0
          ? manage('DELETE', `/api/admin/users/${account.id}/sessions/${account.sid}`)
          : manage('POST', `/api/admin/users/${account.id}/disable`),
      )
    }),
  )

  const worst = Math.max(...seconds)
  const mean = seconds.reduce((sum, one) => sum + one, 0) / runs
  console.log(`refused after ${mean.toFixed(1)} s on average, ${worst.toFixed(1)} s at worst of ${runs} runs`)
  expect((await api.call('GET', '/api/workflows', bystander.token)).status, 'nobody else').toBe(200)
})

test(`an API key that is revoked, and the token made from it, are refused within ${promised} s`, async ({ portal, api }) => {
  test.setTimeout(90_000)
  const program = await apiKey(portal)
  const bystander = await apiKey(portal)
  const withKey = (key: string) => api.callWith({ 'X-API-Key': key }, 'GET', '/api/workflows')
  expect((await withKey(bystander.key)).status).toBe(200)
  const { status, body } = await exchange(portal, program.key)
  expect(status).toBe(200)
  const token = body.accessToken as string

  let revoked: Promise<void> | undefined
  const revoke = () => (revoked ??= program.revoke())
  const seconds = await Promise.all([
    secondsUntil(/^(token_revoked|invalid_api_key)$/, () => withKey(program.key), revoke),
    secondsUntil(/^token_revoked$/, () => api.call('GET', '/api/workflows', token), revoke),
  ])

  console.log(`a key is refused after ${seconds[0].toFixed(1)} s, its token after ${seconds[1].toFixed(1)} s`)
  const late = await exchange(portal, program.key)
  expect([late.status, late.body.code]).toEqual([401, 'invalid_api_key'])
  expect((await withKey(bystander.key)).status, 'nobody else').toBe(200)
})

test('a service goes on while the portal is stopped, and forgets nothing it has learnt', async ({ portal, api }) => {
  const manage = await admin(portal)
  const { token } = await signedIn(portal, await portal.joined(), { use: 'services' })
  const ended = await signedIn(portal, await portal.joined(), { use: 'services' })
  expect((await api.call('GET', '/api/workflows', token)).status).toBe(200)
  await secondsUntilRefused(api, ended.token, () => manage('POST', `/api/admin/users/${ended.id}/sign-out`))

  await portal.program.stop()

  for (let call = 0; call < 4; call += 1) {
    expect((await api.call('GET', '/api/workflows', token)).status).toBe(200)
    expect((await api.call('GET', '/api/workflows', ended.token)).status).toBe(401)
    await sleep(2000)
  }
})
