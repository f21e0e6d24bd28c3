/**
 * What every story stands on: a portal and a workflow API for each worker, a look at every page, and a watch for what
 * goes wrong silently. Stories find things by role and label only, as the people who use the pages do.
 */
import { AxeBuilder } from '@axe-core/playwright'
import { test as base, expect, type BrowserContext, type Page } from '@playwright/test'
import { Portal, type Person } from './portal.ts'
import { WorkflowApi } from './workflow-api.ts'

export { expect }

interface Fixtures {
  /** A portal of one's own, for the stories that only happen once in a portal's life. */
  freshPortal: Portal
  person: Person
  /** The page is sound: one heading, a title, nothing cut off, and accessible as far as a program can tell. */
  look: (page: Page) => Promise<void>
  /** Another person's browser. */
  elsewhere: BrowserContext
  watch: void
}

interface Shared {
  portal: Portal
  workflows: WorkflowApi
}

export const test = base.extend<Fixtures, Shared>({
  portal: [
    async ({}, use) => {
      const portal = await Portal.start()
      await use(portal)
      await portal.stop()
    },
    { scope: 'worker' },
  ],

  workflows: [
    async ({ portal }, use) => {
      const workflows = await WorkflowApi.start(portal)
      await use(workflows)
      await workflows.program.stop()
    },
    { scope: 'worker' },
  ],

  baseURL: ({ portal }, use) => use(portal.url),

  freshPortal: async ({}, use) => {
    const portal = await Portal.start()
    await use(portal)
    await portal.stop()
  },

  person: async ({ portal }, use) => use(await portal.joined()),

  elsewhere: async ({ browser, contextOptions, baseURL }, use) => {
    const context = await browser.newContext({ ...contextOptions, baseURL })
    await use(context)
    await context.close()
  },

  look: ({ javaScriptEnabled }, use) =>
    use(async (page) => {
      await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1)
      await expect(page).toHaveTitle(/\S/)
      const { scrollWidth, clientWidth } = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement
        return { scrollWidth, clientWidth }
      })
      expect(scrollWidth, 'nothing is cut off').toBeLessThanOrEqual(clientWidth)
      // axe waits by timers, which do not run with JavaScript off; the same HTML is looked at in the other projects.
      if (javaScriptEnabled !== false) await accessible(page)
    }),

  watch: [
    async ({ context, portal }, use, info) => {
      const wrong: string[] = []
      context.on('page', (page) => {
        page.on('pageerror', (error) => wrong.push(`exception: ${error.message}`))
        page.on('console', (message) => {
          const expected = message.text().startsWith('Failed to load resource')
          if (message.type() === 'error' && !expected) wrong.push(`console: ${message.text()}`)
        })
        page.on('response', (answer) => {
          const isPage = answer.request().isNavigationRequest()
          if (!isPage && answer.status() >= 400) wrong.push(`${answer.status()} for ${answer.url()}`)
        })
        page.on('request', (request) => {
          const { protocol, hostname } = new URL(request.url())
          if (protocol.startsWith('http') && hostname !== 'localhost') wrong.push(`foreign host: ${request.url()}`)
        })
      })
      await use()
      if (info.status !== info.expectedStatus) {
        await info.attach('portal', { body: portal.program.output.slice(-20_000), contentType: 'text/plain' })
      }
      expect(wrong).toEqual([])
    },
    { auto: true },
  ],
})

async function accessible(page: Page): Promise<void> {
  const axe = new AxeBuilder({ page }).options({ rules: { 'target-size': { enabled: true } } })
  // The page alone: the mailbox shows a letter in a frame without scripts, and axe would wait for that one for ever.
  const { violations } = await axe.setLegacyMode().analyze()
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)
  expect(found, `axe at ${page.url()}`).toEqual([])
}

/** Fills the sign-in page that is open and sends it. */
export async function signIn(page: Page, { email, password }: Person): Promise<void> {
  await page.getByLabel('Email', { exact: true }).fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

export async function signedIn(page: Page, person: Person): Promise<void> {
  await page.goto('/login')
  await signIn(page, person)
  await expect(page).toHaveURL(/\/account$/)
}

export async function register(page: Page, { email, password }: Person): Promise<void> {
  await page.goto('/register')
  await page.getByLabel('Email', { exact: true }).fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Create account', exact: true }).click()
}

/** The code of the letter. The island sends a complete code by itself; without JavaScript the button does. */
export async function enterCode(page: Page, code: string, javaScriptEnabled: boolean | undefined): Promise<void> {
  if (javaScriptEnabled !== false) await awake(page)
  await page.getByLabel('Code', { exact: true }).fill(code)
  if (javaScriptEnabled === false) await page.getByRole('button', finish).click()
}

/** The button that ends a registration, on the link's page and beside the code. */
export const finish = { name: /^confirm/i }

/** The page says when its islands have come to life; before that a press on one is lost. */
export async function awake(page: Page): Promise<void> {
  await expect(page.locator('body[data-hydrated]')).toBeAttached()
}

/** A stranger's page with a form that posts to our sign-in, and the visitor who presses its button. */
export async function foreignSignIn(page: Page, portal: Portal, { email, password }: Person): Promise<number> {
  await page.goto('/login')
  const form = page.locator('form').filter({ has: page.getByLabel('Password', { exact: true }) })
  const action = new URL((await form.getAttribute('action')) ?? '/login', portal.url)
  await page.goto('about:blank')
  await page.setContent(`<form method="post" action="${action}"><input name="email" value="${email}">
    <input name="password" value="${password}"><button>Win a prize</button></form>`)
  const posted = page.waitForResponse((response) => response.request().method() === 'POST')
  await page.getByRole('button').click()
  const answer = await posted
  await page.waitForLoadState()
  return answer.status()
}

/** What the page says, without the address that makes two pages differ. */
export async function words(page: Page, { email }: Pick<Person, 'email'>): Promise<string> {
  return (await page.getByRole('main').innerText()).replaceAll(email, 'somebody@example.com')
}

/** What a browser app does: the session's access token, asked for from the portal's own origin. */
export async function accessToken(page: Page): Promise<string> {
  const origin = new URL(page.url()).origin
  const answer = await page.request.post(`${origin}/api/auth/token`, { headers: { Origin: origin } })
  expect(answer.status()).toBe(200)
  return ((await answer.json()) as { accessToken: string }).accessToken
}
