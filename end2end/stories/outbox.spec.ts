import type { Page } from '@playwright/test'
import { expect, signedIn, test } from '../support/story.ts'
import type { Person, Portal } from '../support/portal.ts'

/** An admin of one's own portal, signed in. */
async function admin(page: Page, portal: Portal): Promise<Person> {
  const person = { email: 'admin@example.com', password: 'violet-anchor-73-meadow' }
  await portal.createAdmin(person)
  await page.goto(`${portal.url}/login`)
  await page.getByLabel('Email', { exact: true }).fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page).toHaveURL(/\/account$/)
  return person
}

test('an admin sends a letter to themselves and sees what became of it', async ({ page, freshPortal, look }) => {
  const person = await admin(page, freshPortal)
  await page.getByRole('link', { name: 'Outbox' }).click()
  await expect(page.getByRole('heading', { name: 'No letters yet' })).toBeVisible()
  await look(page)

  await page.getByRole('button', { name: 'Send a test letter' }).click()
  await expect(page.getByRole('status')).toContainText('A test letter to you is in the outbox')
  const letter = await freshPortal.letter(person)
  expect(letter.subject).toBe('Letters from your portal arrive')

  await page.goto(`${freshPortal.url}/admin/outbox`)
  const row = page.getByRole('row').filter({ hasText: 'Test letter' })
  await expect(row).toContainText(person.email)
  await expect(row).toContainText('Sent')
  await look(page)
})

test('the filter is in the address, and an empty list leads back', async ({ page, freshPortal, look }) => {
  await admin(page, freshPortal)
  await page.goto(`${freshPortal.url}/admin/outbox`)
  const filter = page.getByRole('navigation', { name: 'Filter' })
  await filter.getByRole('link', { name: 'Given up' }).click()
  await expect(page).toHaveURL(/\/admin\/outbox\?status=dead$/)
  await expect(filter.getByRole('link', { name: 'Given up' })).toHaveAttribute('aria-current', 'true')
  await expect(page.getByRole('heading', { name: 'No letter was given up' })).toBeVisible()
  await look(page)

  await page.getByRole('link', { name: 'All letters' }).click()
  await expect(page).toHaveURL(/\/admin\/outbox$/)
})

test('who may not run the portal does not see its letters', async ({ page, person, look }) => {
  await signedIn(page, person)
  await expect(page.getByRole('link', { name: 'Outbox' })).toHaveCount(0)
  const answer = await page.goto('/admin/outbox')
  expect(answer?.status()).toBe(403)
  await look(page)
})
