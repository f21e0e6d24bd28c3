import type { Page } from '@playwright/test'
import { expect, signedIn, test } from '../support/story.ts'
import type { Portal } from '../support/portal.ts'

/** The admin of one's own portal, looking at its keys. */
async function atKeys(page: Page, portal: Portal): Promise<void> {
  const person = { email: 'admin@example.com', password: 'violet-anchor-73-meadow' }
  await portal.createAdmin(person)
  await page.goto(`${portal.url}/login`)
  await page.getByLabel('Email', { exact: true }).fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page).toHaveURL(/\/account$/)
  await page.getByRole('link', { name: 'Signing keys' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Signing keys' })).toBeVisible()
}

async function kids(portal: Portal): Promise<string[]> {
  const answer = await fetch(`${portal.url}/.well-known/jwks.json`)
  return ((await answer.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
}

test('an admin reads what a rotation does, rotates, and reads when the next one may be', async ({ page, freshPortal, look }) => {
  await atKeys(page, freshPortal)
  const tokens = page.getByRole('region', { name: 'Tokens' })
  const row = (state: RegExp) => tokens.getByRole('row').filter({ hasText: state })
  const next = await row(/^Next/).locator('code').innerText()
  await look(page)

  await page.getByRole('link', { name: 'Rotate…' }).click()
  await expect(page.getByText('stay valid until they end')).toBeVisible()
  await look(page)
  await page.getByRole('button', { name: 'Rotate now' }).click()

  await expect(page.getByRole('status')).toContainText('The next key signs from now on')
  await expect(row(/^Current/)).toContainText(next)
  await expect(row(/^Previous/)).toHaveCount(1)
  await look(page)

  await page.getByRole('link', { name: 'Rotate…' }).click()
  await expect(page.getByText('It is too soon')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Rotate now' })).toHaveCount(0)
  await look(page)
})

test('a key is revoked on a page that says what breaks, and the admin stays signed in', async ({ page, freshPortal, look }) => {
  await atKeys(page, freshPortal)
  const row = page.getByRole('region', { name: 'Tokens' }).getByRole('row').filter({ hasText: /^Current/ })
  const kid = await row.locator('code').innerText()
  expect(await kids(freshPortal)).toContain(kid)

  await row.getByRole('link', { name: /^Revoke the current key/ }).click()
  await expect(page.getByText('stay signed in.')).toBeVisible()
  await look(page)
  await page.getByRole('button', { name: 'Revoke this key' }).click()

  await expect(page.getByRole('status')).toContainText('The key is out of use')
  expect(await kids(freshPortal)).not.toContain(kid)
  await page.getByRole('link', { name: 'Activity' }).click()
  await expect(page.getByText('You took a signing key of the portal out of use.')).toBeVisible()
})

test('who may not run the portal sees no keys', async ({ page, person, look }) => {
  await signedIn(page, person)
  await expect(page.getByRole('link', { name: 'Signing keys' })).toHaveCount(0)
  const answer = await page.goto('/admin/signing-keys')
  expect(answer?.status()).toBe(403)
  await look(page)
})
