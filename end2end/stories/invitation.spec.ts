import type { Page } from '@playwright/test'
import { claimsOf, linkIn, type Person, type Portal } from '../support/portal.ts'
import { accessToken, expect, signedIn, signIn, test } from '../support/story.ts'

/** An admin, made beside the running server. */
async function admin(portal: Portal): Promise<Person> {
  const person = portal.stranger()
  await portal.createAdmin(person)
  return person
}

/** Fills the form on the page of invitations and sends it. */
async function invite(page: Page, emails: string, tenant?: string): Promise<void> {
  await page.goto('/admin/invitations')
  await page.getByLabel('Email addresses', { exact: true }).fill(emails)
  await page.getByLabel('Role', { exact: true }).selectOption('user')
  if (tenant) await page.getByLabel('Organisation', { exact: true }).selectOption({ label: tenant })
  await page.getByRole('button', { name: 'Send invitations', exact: true }).click()
}

/** A tenant of a name nobody took yet. */
async function tenant(page: Page, portal: Portal): Promise<string> {
  const name = `Acme ${portal.stranger().email.split('@')[0]}`
  const headers = { Origin: portal.url }
  const answer = await page.request.post(`${portal.url}/api/admin/tenants`, { headers, data: { name } })
  expect(answer.status()).toBe(201)
  return name
}

test('an invited person comes in by the link, once', async ({ page, portal, elsewhere, look }) => {
  const person = portal.stranger()
  await signedIn(page, await admin(portal))
  await page.getByRole('link', { name: 'Invitations', exact: true }).click()
  await look(page)
  await invite(page, `${person.email} nope, `)
  await expect(page.getByRole('status')).toContainText('One invitation is on its way.')
  await expect(page.getByRole('alert')).toContainText('nope')
  await look(page)

  const link = linkIn(await portal.letter(person))
  const guest = await elsewhere.newPage()
  await guest.goto(link)
  await expect(guest).toHaveURL(/\/accept-invitation$/)
  await look(guest)
  await guest.getByLabel('Username', { exact: true }).fill('no')
  await guest.getByLabel('Password', { exact: true }).fill('passwordpassword')
  await guest.getByRole('button', { name: 'Create account', exact: true }).click()
  await expect(guest.getByRole('alert')).toBeVisible()
  await look(guest)
  await guest.getByLabel('Username', { exact: true }).fill(person.email.split('@')[0]!)
  await guest.getByLabel('First name', { exact: true }).fill('Ada')
  await guest.getByLabel('Password', { exact: true }).fill(person.password)
  await guest.getByRole('button', { name: 'Create account', exact: true }).click()
  await expect(guest).toHaveURL(/\/account$/)
  expect(claimsOf(await accessToken(guest))).toMatchObject({ email: person.email, role: 'user' })

  await page.goto(`/admin/invitations?status=accepted&q=${encodeURIComponent(person.email)}`)
  await expect(page.getByRole('main')).toContainText(person.email)
  await guest.context().clearCookies()
  await guest.goto(link)
  await look(guest)
  await expect(guest.getByRole('heading', { level: 1 })).toHaveText('This invitation does not work')
})

test('an address that has an account signs in, comes back and joins', async ({ page, portal, person, elsewhere, look }) => {
  await signedIn(page, await admin(portal))
  const name = await tenant(page, portal)
  await invite(page, person.email, name)
  await expect(page.getByRole('status')).toBeVisible()

  const link = linkIn(await portal.letter(person, 2))
  const guest = await elsewhere.newPage()
  await guest.goto(link)
  await expect(guest.getByRole('main')).toContainText(`Sign in as ${person.email}`)
  await expect(guest.getByLabel('Password', { exact: true })).toHaveCount(0)
  await look(guest)
  await guest.getByRole('link', { name: 'Sign in', exact: true }).click()
  await signIn(guest, person)
  await expect(guest).toHaveURL(/\/accept-invitation$/)
  await look(guest)
  await guest.getByRole('button', { name: 'Join', exact: true }).click()
  await expect(guest).toHaveURL(/\/account/)
  await expect(guest.getByRole('status')).toContainText('You have joined.')
  expect(claimsOf(await accessToken(guest)).tenantId).toMatch(/^[0-9a-f-]{36}$/)
})

test('whoever is signed in as somebody else is told, signs out and goes on', async ({ page, portal, person, elsewhere, look }) => {
  const invited = portal.stranger()
  await signedIn(page, await admin(portal))
  await invite(page, invited.email)
  const link = linkIn(await portal.letter(invited))

  const guest = await elsewhere.newPage()
  await signedIn(guest, person)
  await guest.goto(link)
  await expect(guest.getByRole('main')).toContainText(`You are signed in as ${person.email}`)
  await look(guest)
  await guest.getByRole('button', { name: 'Sign out', exact: true }).click()
  await expect(guest).toHaveURL(/\/accept-invitation/)
  await expect(guest.getByLabel('Email', { exact: true })).toHaveValue(invited.email)
})

test('an invitation is sent again and taken back from its row', async ({ page, portal, look }) => {
  const person = portal.stranger()
  await signedIn(page, await admin(portal))
  await invite(page, person.email)
  await portal.letter(person)
  await page.goto('/admin/invitations')
  await page.getByRole('searchbox').fill(person.email)
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await expect(page).toHaveURL(/q=/)

  const row = page.getByRole('main').locator('summary')
  await row.click()
  await look(page)
  await page.getByRole('button', { name: 'Send again', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('A new letter is on its way.')
  const link = linkIn(await portal.letter(person, 2))
  await row.click()
  await page.getByRole('button', { name: 'Take back', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('The invitation is taken back')
  await page.goto(link)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This invitation does not work')
  await page.goto('/admin/invitations?status=expired')
  await look(page)
})

test('who may not manage people is shown no way and let in by none', async ({ page, person }) => {
  await signedIn(page, person)
  await expect(page.getByRole('link', { name: 'Invitations', exact: true })).toHaveCount(0)
  const answer = await page.goto('/admin/invitations')
  expect(answer?.status()).toBe(403)
})
