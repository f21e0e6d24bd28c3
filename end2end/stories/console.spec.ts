import type { Page } from '@playwright/test'
import type { Person, Portal } from '../support/portal.ts'
import { expect, signedIn, signIn, test } from '../support/story.ts'

/** An admin, just signed in. */
async function asAdmin(page: Page, portal: Portal): Promise<Person> {
  const admin = portal.stranger()
  await portal.createAdmin(admin)
  await signedIn(page, admin)
  return admin
}

async function atUser(page: Page, person: Person): Promise<void> {
  await page.goto(`/admin/users?q=${encodeURIComponent(person.email)}`)
  await page.getByRole('link', { name: person.email, exact: true }).click()
  await expect(page).toHaveURL(/\/admin\/users\/[0-9a-f-]{36}$/)
}

async function toTab(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'About this account' }).getByRole('link', { name, exact: true }).click()
}

test('an admin sees how the portal does, over the time they choose', async ({ page, portal, look }) => {
  await asAdmin(page, portal)
  await page.getByRole('link', { name: 'Dashboard', exact: true }).click()
  await expect(page).toHaveURL(/\/admin$/)
  await expect(page.getByRole('heading', { name: 'Worth a look' })).toBeVisible()
  await expect(page.getByText('The portal runs in development mode.')).toBeVisible()
  await look(page)

  await page.getByRole('link', { name: '7 days', exact: true }).click()
  await expect(page).toHaveURL(/days=7$/)
  await page.getByText('The numbers as a table').click()
  await expect(page.getByRole('table').getByRole('rowheader')).toHaveCount(7)
  await look(page)

  await page.getByRole('link', { name: /^Look at it: The public address is plain http/ }).click()
  await expect(page).toHaveURL(/\/admin\/settings$/)
})

test('an admin finds a setting, and where it comes from', async ({ page, portal, look }) => {
  await asAdmin(page, portal)
  await page.getByRole('link', { name: 'Settings', exact: true }).click()
  await look(page)
  await page.getByRole('searchbox', { name: 'Search settings' }).fill('public_url')
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await expect(page).toHaveURL(/q=public_url/)
  const row = page.getByRole('row').filter({ hasText: 'server.public_url' })
  await expect(row).toContainText(portal.url)
  await look(page)
  await page.getByRole('searchbox', { name: 'Search settings' }).fill('no such thing')
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'No setting like that' })).toBeVisible()
  await look(page)
})

test('an admin narrows and orders the list, and the address keeps it', async ({ page, portal, person, look }) => {
  const admin = await asAdmin(page, portal)
  await page.goto('/admin/users')
  await page.getByRole('combobox', { name: 'Role' }).selectOption('admin')
  await page.getByRole('combobox', { name: 'Order' }).selectOption('By address')
  await page.getByRole('searchbox').fill(admin.email)
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await expect(page).toHaveURL(/role=admin/)
  await expect(page).toHaveURL(/sort=email/)
  await expect(page.getByRole('link', { name: admin.email, exact: true })).toBeVisible()
  await expect(page.getByRole('link', { name: person.email, exact: true })).toHaveCount(0)
  await look(page)

  await page.reload()
  await expect(page.getByRole('combobox', { name: 'Order' })).toHaveValue('email')
  await page.getByRole('navigation', { name: 'Filter' }).getByRole('link', { name: 'Suspended', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Nobody like that' })).toBeVisible()
  await look(page)
  await page.goto(`/admin/users?q=${'x'.repeat(3000)}`)
  await expect(page.getByRole('alert')).toContainText('That cannot be searched for')
  await look(page)
})

test('an admin suspends somebody for a day, and they come back when it is lifted', async ({ page, portal, person, elsewhere, look }) => {
  await asAdmin(page, portal)
  await atUser(page, person)
  await toTab(page, 'Danger zone')
  await look(page)
  await page.getByRole('combobox', { name: 'For how long' }).selectOption('1 day')
  await page.getByLabel('Reason', { exact: true }).fill('lost laptop')
  await page.getByRole('button', { name: 'Disable account', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('The suspension ends by itself.')
  await expect(page.getByRole('main')).toContainText('Suspended until')
  await look(page)

  const theirs = await elsewhere.newPage()
  await theirs.goto('/login')
  await signIn(theirs, person)
  await expect(theirs.getByRole('alert')).toContainText('E-mail or password is wrong.')
  await toTab(page, 'Overview')
  await expect(page.getByRole('main')).toContainText('lost laptop')
  await look(page)
  await toTab(page, 'Danger zone')
  await page.getByRole('button', { name: 'Enable account', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('they can sign in again')
  await signIn(theirs, person)
  await expect(theirs).toHaveURL(/\/account$/)
})

test('an admin corrects a name and mails a way to a new password', async ({ page, portal, person, look }) => {
  await asAdmin(page, portal)
  await atUser(page, person)
  await page.getByLabel('First name', { exact: true }).fill('=1+1')
  await page.getByLabel('Username', { exact: true }).fill('x')
  await page.getByRole('button', { name: 'Save names', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('Use at least 3 characters.')
  await expect(page.getByLabel('First name', { exact: true })).toHaveValue('=1+1')
  await look(page)
  await page.getByLabel('Username', { exact: true }).fill('')
  await page.getByRole('button', { name: 'Save names', exact: true }).click()
  await expect(page.getByRole('status')).toHaveText('The names are saved.')
  await page.getByRole('button', { name: 'Send password reset', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('on its way to them')
  await look(page)
  await toTab(page, 'Audit')
  await expect(page.getByRole('main')).toContainText(`changed the profile of ${person.email}`)
  await look(page)
})

test('an account is deleted in a fortnight, kept, and deleted now', async ({ page, portal, person, look }) => {
  await asAdmin(page, portal)
  await atUser(page, person)
  await toTab(page, 'Danger zone')
  await page.getByLabel('Type the account’s e-mail address').fill('somebody@else.example')
  await page.getByRole('button', { name: 'Delete account', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('That is not the address of this account.')
  await look(page)
  await page.getByLabel('Type the account’s e-mail address').fill(person.email)
  await page.getByRole('button', { name: 'Delete account', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('until then you can keep it here')
  await look(page)

  await page.getByRole('button', { name: 'Keep account', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('The account stays.')
  await page.getByRole('combobox', { name: 'When' }).selectOption('Now: nothing brings it back')
  await page.getByLabel('Type the account’s e-mail address').fill(person.email)
  await page.getByRole('button', { name: 'Delete account', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('The account is deleted')
  await expect(page).toHaveURL(/\/admin\/users\?flash=/)
})

test('an act on many is looked over first, and says who was left out', async ({ page, portal, person, look }) => {
  const admin = await asAdmin(page, portal)
  await page.goto('/admin/users')
  await page.getByRole('checkbox', { name: `Select ${person.email}` }).check()
  await page.getByRole('checkbox', { name: `Select ${admin.email}` }).check()
  await look(page)
  await page.getByLabel('With those selected:').selectOption('Suspend')
  await page.getByRole('button', { name: 'Look it over', exact: true }).click()

  await expect(page.getByRole('heading', { level: 1, name: 'Suspend 1 account' })).toBeVisible()
  await expect(page.getByRole('main')).toContainText('This is your own account.')
  await expect(page.getByRole('heading', { name: 'What will happen' })).toBeVisible()
  await look(page)
  await page.getByRole('combobox', { name: 'For how long' }).selectOption('7 days')
  await page.getByRole('button', { name: 'Suspend 1 account', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('Suspend: done to 1 account.')
  const own = page.getByRole('row').filter({ has: page.getByRole('link', { name: admin.email, exact: true }) })
  await expect(own).toContainText('Active')
  await look(page)

  await page.goto('/admin/users/act?act=enable')
  await expect(page.getByRole('heading', { name: 'Nobody is selected' })).toBeVisible()
  await look(page)
})
