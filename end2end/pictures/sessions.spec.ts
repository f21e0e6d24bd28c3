import { join } from 'node:path'
import type { BrowserContext, Page, TestInfo } from '@playwright/test'
import { Portal } from '../support/portal.ts'
import { expect, signIn, test } from '../support/story.ts'

async function picture(page: Page, info: TestInfo, state: string): Promise<void> {
  const path = join(import.meta.dirname, '../../target/pictures', `${state}.${info.project.name}.png`)
  await page.waitForLoadState()
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path, fullPage: true, animations: 'disabled' })
}

const agents = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (iPad; CPU OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.5 Mobile/15E148 Safari/604.1',
  'workflow-cli/1.0',
]

/** Signs in from each kind of device. */
async function devices(portal: Portal, person: { email: string; password: string }): Promise<void> {
  for (const agent of agents) {
    const headers = { 'Content-Type': 'application/json', 'User-Agent': agent }
    const body = JSON.stringify({ email: person.email, password: person.password })
    const answer = await fetch(`${portal.url}/api/auth/login`, { method: 'POST', headers, body })
    expect(answer.status).toBe(200)
  }
}

async function home(page: Page, portal: Portal, person: { email: string; password: string }): Promise<void> {
  await page.goto(`${portal.url}/login`)
  await signIn(page, person)
  await expect(page).toHaveURL(/\/account$/)
}

test('devices', async ({ page, context }: { page: Page; context: BrowserContext }, info) => {
  const portal = await Portal.start()
  const person = await portal.joined()
  await devices(portal, person)
  await home(page, portal, person)
  await page.goto(`${portal.url}/account/sessions`)
  await picture(page, info, 'sessions')
  await page.getByRole('main').locator('summary').nth(1).click()
  await picture(page, info, 'sessions-ending')
  await page.getByRole('button', { name: 'Sign out all other devices' }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await picture(page, info, 'sessions-alone')

  const stale = await context.cookies(portal.url)
  await page.getByRole('main').locator('summary').click()
  await page.getByRole('button', { name: 'Sign out here', exact: true }).click()
  await expect(page).toHaveURL(/\/login/)
  await context.addCookies(stale)
  await page.goto(`${portal.url}/account/sessions`)
  await picture(page, info, 'sign-in-session-ended')
  await portal.stop()
})

test('users', async ({ page }, info) => {
  const portal = await Portal.start()
  const admin = { email: 'admin@example.com', password: 'violet-anchor-73-meadow' }
  await portal.createAdmin(admin)
  const person = await portal.joined()
  await portal.joined()
  await devices(portal, person)
  await home(page, portal, admin)
  await page.goto(`${portal.url}/admin/users`)
  await picture(page, info, 'users')
  await page.goto(`${portal.url}/admin/users?q=nobody`)
  await picture(page, info, 'users-none')
  await page.goto(`${portal.url}/admin/users?q=${encodeURIComponent(person.email)}`)
  await page.getByRole('link', { name: person.email, exact: true }).click()
  await expect(page).toHaveURL(/users\/[0-9a-f-]{36}$/)
  await picture(page, info, 'user')
  await page.getByRole('main').getByRole('link', { name: 'Devices', exact: true }).click()
  await page.getByRole('main').locator('summary').first().click()
  await picture(page, info, 'user-devices')
  await page.getByRole('link', { name: 'Danger zone', exact: true }).click()
  await page.getByLabel('Reason', { exact: true }).fill('Left the company; see ticket 4711')
  await page.getByRole('button', { name: 'Disable account', exact: true }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await picture(page, info, 'user-disabled')
  await page.goto(`${portal.url}/admin/users?q=${encodeURIComponent(admin.email)}`)
  await page.getByRole('link', { name: admin.email, exact: true }).click()
  await expect(page).toHaveURL(/users\/[0-9a-f-]{36}$/)
  await picture(page, info, 'user-own')
  await portal.stop()
})
