import type { Page } from '@playwright/test'
import { codeIn, linkIn, type Person } from '../support/portal.ts'
import { awake, expect, signedIn, signIn, test } from '../support/story.ts'

const changed = 'violet-anchor-74-harbour'

/** Asks for another address on the account page. */
async function ask(page: Page, email: string): Promise<void> {
  await page.getByLabel('New email', { exact: true }).fill(email)
  await page.getByRole('button', { name: 'Change e-mail', exact: true }).click()
  await expect(page.getByRole('status')).toContainText('We sent a letter')
}

async function enter(page: Page, code: string, javaScriptEnabled: boolean | undefined): Promise<void> {
  if (javaScriptEnabled !== false) await awake(page)
  await page.getByLabel('Code', { exact: true }).fill(code)
  if (javaScriptEnabled === false) await page.getByRole('button', { name: 'Confirm new address' }).click()
}

/** Moves the account to another address, whoever is at the keyboard. */
async function move(page: Page, portal: import('../support/portal.ts').Portal, to: Person, javaScriptEnabled?: boolean) {
  await ask(page, to.email)
  await enter(page, codeIn(await portal.letter(to)), javaScriptEnabled)
  await expect(page.getByRole('status')).toContainText('Your e-mail address is changed.')
}

test('names are changed and shown everywhere', async ({ page, person, look }) => {
  await signedIn(page, person)
  await look(page)
  await page.getByLabel('First name', { exact: true }).fill('Ada')
  await page.getByLabel('Last name', { exact: true }).fill('Lovelace')
  await page.getByLabel('Username', { exact: true }).fill('x')
  await page.getByRole('button', { name: 'Save profile' }).click()
  await expect(page.getByRole('alert')).toContainText('Use at least 3 characters.')
  await expect(page.getByLabel('First name', { exact: true })).toHaveValue('Ada')
  await look(page)

  await page.getByLabel('Username', { exact: true }).fill(`ada-${person.email.split('@')[0]}`.slice(0, 32))
  await page.getByRole('button', { name: 'Save profile' }).click()
  await expect(page.getByRole('status')).toContainText('Your profile is saved.')
  await expect(page.getByLabel('Last name', { exact: true })).toHaveValue('Lovelace')

  await page.getByLabel('Last name', { exact: true }).fill('')
  await page.getByRole('button', { name: 'Save profile' }).click()
  await expect(page.getByLabel('Last name', { exact: true })).toHaveValue('')
})

test('an address is changed by its code', async ({ page, portal, person, look, javaScriptEnabled }) => {
  const next = portal.stranger()
  await signedIn(page, person)
  await page.getByLabel('New email', { exact: true }).fill('nonsense')
  await page.getByRole('button', { name: 'Change e-mail', exact: true }).click()
  await expect(page.getByRole('alert')).toContainText('Enter an address like')

  await ask(page, next.email)
  await look(page)
  await enter(page, codeIn(await portal.letter(next)), javaScriptEnabled)

  await expect(page.getByRole('status')).toContainText('Your e-mail address is changed.')
  await expect(page.getByRole('main')).toContainText(next.email)
  await page.goto('/logout')
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await signIn(page, { ...person, email: next.email })
  await expect(page).toHaveURL(/\/account$/)
})

test('a change is stopped on the page', async ({ page, portal, person }) => {
  await signedIn(page, person)
  await ask(page, portal.stranger().email)
  await page.getByRole('button', { name: 'Stop this change' }).click()
  await expect(page.getByRole('status')).toContainText('Your address stays as it is.')
  await expect(page.getByLabel('New email', { exact: true })).toBeVisible()
})

test('a link opened elsewhere asks to sign in first', async ({ page, portal, person, look, elsewhere }) => {
  const next = portal.stranger()
  await signedIn(page, person)
  await ask(page, next.email)
  const link = linkIn(await portal.letter(next))

  const other = await elsewhere.newPage()
  await other.goto(link)
  expect(other.url()).not.toContain('token')
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Sign in to confirm')
  await look(other)
  await other.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
  await signIn(other, person)
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Confirm your new address')
  await look(other)
  await other.getByRole('button', { name: 'Confirm new address' }).click()
  await expect(other.getByRole('status')).toContainText('Your e-mail address is changed.')

  await page.goto('/account')
  await expect(page).toHaveURL(/\/login/)
  await other.goto(link)
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('This link does not work')
  await look(other)
})

test('the former address takes the account back', async ({ page, portal, person, look, elsewhere, javaScriptEnabled }) => {
  const thief = await elsewhere.newPage()
  await signedIn(thief, person)
  await move(thief, portal, portal.stranger(), javaScriptEnabled)
  const undo = linkIn(await portal.letter(person, 3))

  await page.goto(undo)
  expect(page.url()).not.toContain('token')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Was this not you?')
  await look(page)
  await page.getByRole('button', { name: 'Take my account back' }).click()
  await expect(page.getByRole('status')).toContainText('everything is signed out')
  await look(page)

  await thief.goto('/account')
  await expect(thief).toHaveURL(/\/login/)
  const reset = await portal.letter(person, 4)
  expect(reset.text).toContain('/reset-password?token=')
  await page.goto(undo)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link does not work')
})

test('the timeline tells what happened, and what was not me', async ({ page, portal, person, look, elsewhere }) => {
  const other = await elsewhere.newPage()
  await other.goto('/login')
  await signIn(other, { ...person, password: changed })
  await expect(other.getByRole('alert')).toBeVisible()
  await signedIn(other, person)

  await page.goto('/account/activity')
  await signIn(page, person)
  await expect(page).toHaveURL(/\/account\/activity$/)
  const main = page.getByRole('main')
  await expect(main.getByRole('heading', { name: 'Today' })).toBeVisible()
  await expect(main).toContainText('Somebody tried to sign in with a wrong password.')
  await expect(main).toContainText('You created your account.')
  await look(page)

  await main.getByRole('link', { name: /This wasn’t me: You signed in with your password/ }).last().click()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Was this you?')
  await look(page)
  await page.getByRole('button', { name: 'This wasn’t me' }).click()
  await expect(page).toHaveURL(/\/login/)
  await expect(page.getByRole('status')).toContainText('Choose a new password')
  await other.goto('/account')
  await expect(other).toHaveURL(/\/login/)
  expect((await portal.letter(person, 2)).text).toContain('/reset-password?token=')
})

test('a long timeline has older pages', async ({ page, portal, person, look }) => {
  for (let times = 0; times < 26; times += 1) await portal.post('/api/auth/login', person)
  await signedIn(page, person)
  await page.goto('/account/activity')
  await page.getByRole('link', { name: 'Older' }).click()
  await expect(page.getByRole('main')).toContainText('You created your account.')
  await look(page)
  await page.getByRole('link', { name: 'Newest' }).click()
  await expect(page).toHaveURL(/\/account\/activity$/)
})
