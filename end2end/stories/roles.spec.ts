import type { Page } from '@playwright/test'
import type { Person, Portal } from '../support/portal.ts'
import { expect, signedIn, test } from '../support/story.ts'

/** An admin, just signed in. */
async function asAdmin(page: Page, portal: Portal): Promise<void> {
  const admin = portal.stranger()
  await portal.createAdmin(admin)
  await signedIn(page, admin)
}

async function toRolesOf(page: Page, person: Person): Promise<void> {
  await page.goto(`/admin/users?q=${encodeURIComponent(person.email)}`)
  await page.getByRole('link', { name: person.email, exact: true }).click()
  await page.getByRole('navigation', { name: 'About this account' }).getByRole('link', { name: 'Roles', exact: true }).click()
}

test('an admin makes a role, sees what a change would do, saves it and deletes it', async ({ page, freshPortal, look }) => {
  const admin = freshPortal.stranger()
  await freshPortal.createAdmin(admin)
  await page.goto(`${freshPortal.url}/login`)
  await page.getByLabel('Email', { exact: true }).fill(admin.email)
  await page.getByLabel('Password', { exact: true }).fill(admin.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page).toHaveURL(/\/account$/)
  await page.getByRole('link', { name: 'Roles', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Roles' })).toBeVisible()
  await look(page)

  await page.getByRole('link', { name: 'Make a role…' }).click()
  await look(page)
  await page.getByLabel('Name', { exact: true }).fill('Reader')
  await page.getByRole('button', { name: 'Make this role' }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await page.getByLabel('Name', { exact: true }).fill('reader')
  await page.getByLabel('Description', { exact: true }).fill('Reads, and nothing else')
  await page.getByRole('button', { name: 'Make this role' }).click()
  await expect(page.getByRole('status')).toContainText('The role is made')
  await look(page)

  const always = page.getByRole('group', { name: 'Always' })
  await always.getByRole('checkbox', { name: /^workflow:read/ }).check()
  await always.getByRole('checkbox', { name: /^automation:\*/ }).check()
  await page.getByRole('button', { name: 'See what would change' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Change reader?' })).toBeVisible()
  await expect(page.getByText('automation:delete')).toBeVisible()
  await expect(page.getByText('Nothing has been changed yet.')).toBeVisible()
  await look(page)
  await page.getByRole('button', { name: 'Save this role' }).click()
  await expect(page.getByRole('status')).toContainText('The role is saved')
  await expect(always.getByRole('checkbox', { name: /^automation:\*/ })).toBeChecked()

  await page.getByRole('button', { name: 'Delete this role…' }).click()
  await expect(page.getByText('Nobody has it.')).toBeVisible()
  await look(page)
  await page.getByRole('button', { name: 'Delete this role', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('The role is gone')
  await expect(page.getByRole('link', { name: 'reader', exact: true })).toHaveCount(0)
})

test('a permission is added, and removing it says first who loses it', async ({ page, freshPortal, look }) => {
  const admin = freshPortal.stranger()
  await freshPortal.createAdmin(admin)
  await page.goto(`${freshPortal.url}/login?next=/admin/permissions`)
  await page.getByLabel('Email', { exact: true }).fill(admin.email)
  await page.getByLabel('Password', { exact: true }).fill(admin.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await look(page)
  await page.getByLabel('Name', { exact: true }).fill('invoice:read')
  await page.getByLabel('Description', { exact: true }).fill('See invoices')
  await page.getByRole('button', { name: 'Add this permission' }).click()
  await expect(page.getByRole('status')).toContainText('The permission is added')
  await page.getByRole('link', { name: 'Remove invoice:read' }).click()
  await expect(page.getByText('No role gives it by name.')).toBeVisible()
  await look(page)
  await page.getByRole('button', { name: 'Remove this permission' }).click()
  await expect(page.getByRole('status')).toContainText('The permission is gone')
})

test('a preset says what it adds, and is loaded once', async ({ page, freshPortal, look }) => {
  const admin = freshPortal.stranger()
  await freshPortal.createAdmin(admin)
  await page.goto(`${freshPortal.url}/login?next=/admin/presets`)
  await page.getByLabel('Email', { exact: true }).fill(admin.email)
  await page.getByLabel('Password', { exact: true }).fill(admin.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByText('Makes the role clinic_admin')).toBeVisible()
  await look(page)
  await page.getByRole('button', { name: 'Load clinic' }).click()
  await expect(page.getByRole('status')).toContainText('The preset is loaded')
  await expect(page.getByRole('button', { name: 'Load clinic' })).toHaveCount(0)
})

test('the tab of an account says what somebody can do and why, and changes it after a look', async ({ page, portal, person, look }) => {
  await asAdmin(page, portal)
  await toRolesOf(page, person)
  await expect(page.getByRole('heading', { name: 'What they can do' })).toBeVisible()
  await expect(page.getByText('role user', { exact: true }).first()).toBeVisible()
  await look(page)

  await page.getByLabel('Role', { exact: true }).selectOption('viewer')
  await page.getByRole('button', { name: 'See what would change' }).click()
  await expect(page.getByText('workflow:delete').first()).toBeVisible()
  await look(page)
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('Saved.')
  await expect(page.getByText('role viewer', { exact: true }).first()).toBeVisible()

  await page.getByText('Entrust something to them').click()
  await page.getByLabel('Kind', { exact: true }).fill('patient')
  await page.getByLabel('Id', { exact: true }).fill('42')
  await page.getByRole('button', { name: 'Entrust it to them' }).click()
  await expect(page.getByRole('status')).toContainText('It is entrusted to them')
  await look(page)
  await page.getByRole('button', { name: 'Take back patient 42' }).click()
  await expect(page.getByText('Nothing is entrusted to them.')).toBeVisible()
})

test('who may not change roles sees none', async ({ page, person, look }) => {
  await signedIn(page, person)
  await expect(page.getByRole('link', { name: 'Roles', exact: true })).toHaveCount(0)
  for (const path of ['/admin/roles', '/admin/roles/user', '/admin/permissions', '/admin/presets']) {
    const answer = await page.goto(path)
    expect(answer?.status()).toBe(403)
  }
  await look(page)
})
