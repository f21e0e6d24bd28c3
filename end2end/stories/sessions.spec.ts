import type { Page } from '@playwright/test'
import { expect, signedIn, signIn, test } from '../support/story.ts'

/** Opens the row's way out and takes it. */
async function end(page: Page, row: RegExp, button: string): Promise<void> {
  const item = page.getByRole('main').getByRole('listitem').filter({ hasText: row })
  await item.locator('summary').click()
  await item.getByRole('button', { name: button, exact: true }).click()
}

test('a person sees their devices, ends one, and the other one is told kindly', async ({ page, person, elsewhere, look }) => {
  const other = await elsewhere.newPage()
  await signedIn(other, person)
  await signedIn(page, person)
  await page.getByRole('link', { name: 'Devices', exact: true }).click()
  await expect(page).toHaveURL(/\/account\/sessions$/)
  await look(page)
  const rows = page.getByRole('main').getByRole('list').getByRole('listitem')
  await expect(rows).toHaveCount(3)
  await expect(rows.first()).toContainText('This device')
  await expect(rows.first()).toContainText('In use now')

  const theirs = page.getByRole('main').getByRole('listitem').filter({ hasText: /Chrome/, hasNotText: 'This device' })
  await theirs.locator('summary').click()
  await expect(theirs).toContainText('signed out at once')
  await look(page)
  await theirs.getByRole('button', { name: 'Sign it out', exact: true }).click()
  await expect(page.getByRole('status')).toHaveText('That device is signed out.')
  await look(page)

  await other.goto('/account/privacy')
  await expect(other).toHaveURL(/\/login/)
  await expect(other.getByRole('status')).toContainText('You are not signed in here any more.')
  await look(other)
  await signIn(other, person)
  await expect(other).toHaveURL(/\/account\/privacy$/)
})

test('all others are signed out, and one is alone', async ({ page, person, elsewhere, look }) => {
  const other = await elsewhere.newPage()
  await signedIn(other, person)
  await signedIn(page, person)
  await page.goto('/account/sessions')

  await page.getByRole('button', { name: 'Sign out all other devices', exact: true }).click()

  await expect(page.getByRole('status')).toContainText('Every other device is signed out.')
  await expect(page.getByRole('heading', { name: 'No other devices' })).toBeVisible()
  await look(page)
  await other.goto('/account')
  await expect(other).toHaveURL(/\/login/)
})

test('ending this very session is signing out', async ({ page, person, look }) => {
  await signedIn(page, person)
  await page.goto('/account/sessions')

  await end(page, /This device/, 'Sign out here')

  await expect(page).toHaveURL(/\/login/)
  await expect(page.getByRole('status')).toHaveText('You are signed out.')
  await look(page)
  await page.goto('/account')
  await expect(page).toHaveURL(/\/login/)
})

test('two tabs that end the same session are both right', async ({ page, person, context }) => {
  await signedIn(page, person)
  await page.goto('/account/sessions')
  const second = await context.newPage()
  await second.goto('/account/sessions')

  await end(page, /An unknown device/, 'Sign it out')
  await expect(page.getByRole('status')).toHaveText('That device is signed out.')
  await end(second, /An unknown device/, 'Sign it out')
  await expect(second.getByRole('status')).toHaveText('That device was signed out already.')
})

test('staying signed in is asked for', async ({ page, portal, person, context }) => {
  const cookie = async () => (await context.cookies(portal.url)).find(({ name }) => name === 'gatehouse')
  await page.goto('/login')
  await expect(page.getByLabel('Stay signed in on this device')).not.toBeChecked()
  await signIn(page, person)
  await expect(page).toHaveURL(/\/account$/)
  expect((await cookie())?.expires).toBe(-1)

  await context.clearCookies()
  await page.goto('/login')
  await page.getByLabel('Stay signed in on this device').check()
  await signIn(page, { ...person, password: 'wrong-battery-91-saddle' })
  await expect(page.getByRole('alert')).toBeVisible()
  await expect(page.getByLabel('Stay signed in on this device')).toBeChecked()
  await signIn(page, person)
  await expect(page).toHaveURL(/\/account$/)
  const month = Date.now() / 1000 + 30 * 24 * 3600
  expect(Math.abs(((await cookie())?.expires ?? 0) - month)).toBeLessThan(120)
})

test('an admin finds somebody, ends a session, disables and enables them', async ({ page, portal, person, elsewhere, look }) => {
  const admin = portal.stranger()
  await portal.createAdmin(admin)
  const theirs = await elsewhere.newPage()
  await signedIn(theirs, person)
  await signedIn(page, admin)

  await page.getByRole('link', { name: 'Users', exact: true }).click()
  await look(page)
  await page.getByRole('searchbox').fill(person.email)
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await look(page)
  await page.getByRole('link', { name: person.email, exact: true }).click()
  await expect(page).toHaveURL(/\/admin\/users\/[0-9a-f-]{36}$/)
  await look(page)
  await page.getByRole('main').getByRole('link', { name: 'Devices', exact: true }).click()
  await expect(page).toHaveURL(/tab=sessions$/)
  await look(page)
  await end(page, /Chrome/, 'End this session')
  await expect(page.getByRole('status')).toHaveText('That device is signed out.')
  await theirs.goto('/account')
  await expect(theirs).toHaveURL(/\/login/)

  await page.getByRole('link', { name: 'Danger zone', exact: true }).click()
  await page.getByLabel('Reason', { exact: true }).fill('left the company')
  await page.getByRole('button', { name: 'Disable account', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('The account is disabled')
  await expect(page.getByRole('main')).toContainText('left the company')
  await look(page)
  await theirs.goto('/login')
  await signIn(theirs, person)
  await expect(theirs.getByRole('alert')).toContainText('E-mail or password is wrong.')

  await page.getByRole('button', { name: 'Enable account', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('they can sign in again')
  await signIn(theirs, person)
  await expect(theirs).toHaveURL(/\/account$/)
})

test('an admin sees that their own account is not theirs to disable', async ({ page, portal, look }) => {
  const admin = portal.stranger()
  await portal.createAdmin(admin)
  await signedIn(page, admin)
  await page.goto(`/admin/users?q=${encodeURIComponent(admin.email)}`)
  await page.getByRole('link', { name: admin.email, exact: true }).click()
  await page.getByRole('link', { name: 'Danger zone', exact: true }).click()

  await expect(page.getByRole('main')).toContainText('only another admin can disable it')
  await expect(page.getByRole('button', { name: 'Disable account' })).toHaveCount(0)
  await look(page)
})

test('who looks after nobody finds no such pages', async ({ page, person }) => {
  await signedIn(page, person)
  await expect(page.getByRole('link', { name: 'Users', exact: true })).toHaveCount(0)
  const answer = await page.goto('/admin/users')
  expect(answer?.status()).toBe(403)
})
