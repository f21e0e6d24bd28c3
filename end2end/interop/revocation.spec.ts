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

/** Seconds from the act to the first refusal. */
async function secondsUntilRefused(api: WorkflowApi, token: string, act: () => Promise<void>): Promise<number> {
  expect((await api.call('GET', '/api/workflows', token)).status).toBe(200)
  await act()
  const done = performance.now()
  for (;;) {
    const { status, body } = await api.call('GET', '/api/workflows', token)
    const seconds = (performance.now() - done) / 1000
    if (status === 401) {
      expect((body as { error: { code: string } }).error.code).toMatch(/^token_(revoked|stale)$/)
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
