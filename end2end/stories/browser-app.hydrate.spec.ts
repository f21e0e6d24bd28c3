/** An app on another port of the same site: tokens over several tabs, runs over a socket, and the end of both. */
import { expect, test as base, type Page } from '@playwright/test'
import { App } from '../support/app.ts'
import { Portal, type Person } from '../support/portal.ts'
import { signIn } from '../support/story.ts'
import { WorkflowApi } from '../support/workflow-api.ts'

interface House {
  app: App
  portal: Portal
  api: WorkflowApi
}

/** Seconds a token is good for: three of its lives pass in a story. `iat` is set 5 s back, so the setting is longer. */
const life = 6
const accessSeconds = life + 5

const test = base.extend<{ person: Person }, { house: House }>({
  house: [
    async ({}, use) => {
      const app = await App.start()
      const portal = await Portal.start({
        GATEHOUSE_SERVER__ALLOWED_ORIGINS: app.url,
        GATEHOUSE_TOKENS__ACCESS_SECONDS: String(accessSeconds),
      })
      const api = await WorkflowApi.start(portal, app.url)
      app.settle({ portalUrl: portal.url, apiUrl: api.url })
      await use({ app, portal, api })
      await api.program.stop()
      await portal.stop()
      app.stop()
    },
    { scope: 'worker' },
  ],
  person: async ({ house, page }, use) => {
    const person = await house.portal.joined()
    await page.goto(`${house.portal.url}/login`)
    await signIn(page, person)
    await expect(page).toHaveURL(/\/account$/)
    await use(person)
  },
})

async function open(page: Page, { app }: House): Promise<Page> {
  const tab = await page.context().newPage()
  await tab.goto(app.url)
  await expect(tab.getByRole('status')).toHaveText('signed in')
  return tab
}

/** Opens a socket in this tab; its messages and its end are written into the list. */
async function connect(tab: Page): Promise<void> {
  await tab.evaluate(() => {
    const list = document.querySelector('ul')!
    const write = (text: string) => list.append(Object.assign(document.createElement('li'), { textContent: text }))
    const live = window.auth.connectWebSocket()
    live.on('open', () => write('open'))
    live.on('waiting', () => write('waiting'))
    live.on('closed', ({ code, reason }) => write(`closed ${code} ${reason}`))
    live.on('message', ({ type }) => write(type))
  })
  await expect(updates(tab)).toHaveText(['open'])
}

const updates = (tab: Page) => tab.getByRole('list', { name: 'Updates' }).getByRole('listitem')

async function runAWorkflow(tab: Page): Promise<unknown> {
  return tab.evaluate(async () => {
    const body = JSON.stringify({ name: 'Two', definition: { steps: [{ type: 'log', message: 'a' }, { type: 'log', message: 'b' }] } })
    const headers = { 'Content-Type': 'application/json' }
    const made = await window.auth.makeAuthenticatedRequest('/api/workflows', { method: 'POST', headers, body })
    const { id } = (await made.json()) as { id: string }
    return (await window.auth.executeWorkflow({ id })).status
  })
}

const ofARun = ['run:started', 'run:step', 'run:step', 'run:finished']

test('200 token fetches over five tabs sign nobody out, and few reach the portal', async ({ page, house, person: _ }) => {
  let fetches = 0
  page.context().on('request', (request) => {
    if (request.method() === 'POST' && request.url() === `${house.portal.url}/api/auth/token`) fetches += 1
  })
  const tabs = await Promise.all(Array.from({ length: 5 }, () => open(page, house)))

  const began = Date.now()
  fetches = 0
  // Half of them at once, half spread over more than one life of a token.
  const tokens = await Promise.all(
    tabs.map((tab) =>
      tab.evaluate(async () => {
        const got = await Promise.all(Array.from({ length: 20 }, () => window.auth.getAccessToken()))
        for (let i = 0; i < 20; i += 1) {
          await new Promise((later) => setTimeout(later, 400))
          got.push(await window.auth.getAccessToken())
        }
        return got
      }),
    ),
  )

  // A token is replaced after a third of its life; each tab for itself would make five times as many requests.
  const needed = 1 + Math.ceil((Date.now() - began) / ((life * 1000) / 3))
  expect(tokens.flat()).toHaveLength(200)
  expect(fetches).toBeLessThanOrEqual(2 * needed)
  test.info().annotations.push({ type: 'requests', description: `${fetches} for 200 tokens, ${needed} needed` })
  for (const tab of tabs) {
    await expect(tab.getByRole('status')).toHaveText('signed in')
    expect(await runAWorkflow(tab)).toBe('succeeded')
  }
  await page.reload()
  await expect(page).toHaveURL(/\/account$/)
})

test('nothing of a sign-in is left in storage', async ({ page, house, person: _ }) => {
  const tab = await open(page, house)
  const stored = await tab.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]))
  expect(stored).toBe('[{},{},""]')
})

test('a run is told over a socket that lives through three tokens, and secrets stay out of every log', async ({ page, house, person: _ }) => {
  const tab = await open(page, house)
  const addresses: string[] = []
  const said: string[] = []
  tab.on('websocket', (socket) => {
    addresses.push(socket.url())
    socket.on('framesent', ({ payload }) => said.push(String(payload)))
  })
  await connect(tab)
  await tab.waitForTimeout(3 * life * 1000)

  expect(await runAWorkflow(tab)).toBe('succeeded')
  await expect(updates(tab)).toHaveText(['open', ...ofARun])
  expect(addresses).toEqual([`${house.api.url.replace('http', 'ws')}/ws`])

  const secrets = said.map((text) => (JSON.parse(text) as { ticket: string }).ticket)
  expect(secrets.length).toBeGreaterThanOrEqual(4)
  secrets.push(await tab.evaluate(() => window.auth.getAccessToken()))
  for (const secret of secrets) {
    expect(house.api.program.output).not.toContain(secret)
    expect(house.portal.program.output).not.toContain(secret)
  }
})

test('signing out at the portal ends the socket and the app within ten seconds', async ({ page, house, person: _ }) => {
  const tab = await open(page, house)
  await connect(tab)

  await page.goto(`${house.portal.url}/logout`)
  await page.getByRole('main').getByRole('button', { name: 'Sign out', exact: true }).click()

  await expect(updates(tab)).toHaveText(['open', /^closed /], { timeout: 10_000 })
  await expect(tab.getByRole('status')).toHaveText('signed out')
})

test('signing out in one tab signs the others out and ends the session', async ({ page, house, person: _ }) => {
  const [one, other] = [await open(page, house), await open(page, house)]
  await connect(other)

  await one.evaluate(() => window.auth.logout())

  await expect(other.getByRole('status')).toHaveText('signed out')
  await expect(updates(other)).toHaveText(['open', 'closed 1000 '])
  await page.goto(`${house.portal.url}/account`)
  await expect(page).toHaveURL(/\/login/)
})

test('a person signs in at the portal’s page and comes back to the app', async ({ page, house }) => {
  const person = await house.portal.joined()
  await page.goto(house.app.url)
  await expect(page.getByRole('status')).toHaveText('signed out')

  const opened = page.context().waitForEvent('page')
  await page.evaluate(() => void window.auth.login())
  const portal = await opened
  await signIn(portal, person)
  await expect(portal).toHaveURL(/\/account$/)
  await page.bringToFront()
  await page.evaluate(() => window.dispatchEvent(new Event('focus')))

  await expect(page.getByRole('status')).toHaveText('signed in')
})
