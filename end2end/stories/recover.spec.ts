import { codeIn, linkIn, type Person, type Portal } from '../support/portal.ts'
import { enterCode, expect, signedIn, signIn, test, words } from '../support/story.ts'
import type { Page } from '@playwright/test'

const chosen = 'copper-lantern-58-harbour'
const press = { name: 'Save new password', exact: true }

async function forget(page: Page, { email }: Pick<Person, 'email'>): Promise<void> {
  await page.goto('/forgot-password')
  await page.getByLabel('Email', { exact: true }).fill(email)
  await page.getByRole('button', { name: 'Send letter', exact: true }).click()
  await expect(page).toHaveURL(/\/reset-password$/)
}

async function choose(page: Page, password: string, again = password): Promise<void> {
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByLabel('Confirm password', { exact: true }).fill(again)
  await page.getByRole('button', press).click()
}

/** The link of the newest reset letter: the first letter was the one that proved the address. */
async function linkFor(portal: Portal, person: Person, letters = 2): Promise<string> {
  return linkIn(await portal.letter(person, letters))
}

test('a forgotten password is replaced by link, in another browser too', async ({ page, portal, person, elsewhere, look }) => {
  const other = await elsewhere.newPage()
  await signedIn(other, person)
  await page.goto('/login')
  await page.getByRole('link', { name: /forgot your password/i }).click()
  await look(page)
  await forget(page, person)
  await look(page)

  await page.goto(await linkFor(portal, person))
  await expect(page).toHaveURL(/\/reset-password$/)
  await expect(page.getByText(person.email)).toBeVisible()
  await look(page)
  await choose(page, chosen)

  await expect(page).toHaveURL(/\/login/)
  await expect(page.getByRole('status')).toBeVisible()
  await look(page)
  await other.goto('/account')
  await expect(other, 'every device is signed out').toHaveURL(/\/login/)
  await signIn(page, person)
  await expect(page.getByRole('alert')).toBeVisible()
  await signIn(page, { ...person, password: chosen })
  await expect(page).toHaveURL(/\/account$/)
})

test('a code does what the link does, where it was asked for', async ({ page, portal, person, look, javaScriptEnabled }) => {
  await forget(page, person)
  const code = codeIn(await portal.letter(person, 2))

  await enterCode(page, code === '000000' ? '111111' : '000000', javaScriptEnabled)
  await expect(page.getByRole('alert')).toBeVisible()
  await look(page)
  await enterCode(page, code, javaScriptEnabled)
  await choose(page, chosen)

  await expect(page).toHaveURL(/\/login/)
  await signIn(page, { ...person, password: chosen })
  await expect(page).toHaveURL(/\/account$/)
})

test('opening a link uses nothing up; a used one and an older one say so', async ({ page, portal, person, elsewhere, look }) => {
  await forget(page, person)
  const first = await linkFor(portal, person)
  await forget(page, person)
  const second = await linkFor(portal, person, 3)
  const scanner = await elsewhere.newPage()
  await scanner.goto(second)
  await scanner.goto(second)

  await page.goto(first)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link does not work')
  await look(page)
  await page.goto(second)
  await choose(page, chosen)
  await expect(page).toHaveURL(/\/login/)

  await page.goto(second)
  await expect(page.getByRole('button', press)).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Send letter', exact: true })).toBeVisible()
})

test('a refused password says why and uses nothing up', async ({ page, portal, person, look }) => {
  await forget(page, person)
  await page.goto(await linkFor(portal, person))
  for (const [password, again, why] of [
    ['short', 'short', /at least 12 characters/i],
    [chosen, 'something else', /do not match/i],
    [person.password, person.password, /used this password here before/i],
  ] as const) {
    await choose(page, password, again)
    await expect(page.getByRole('alert')).toContainText(why)
    await look(page)
  }

  await choose(page, chosen)
  await expect(page).toHaveURL(/\/login/)
})

test('the page that waits tells nobody who has an account', async ({ page, portal, person, elsewhere }) => {
  const stranger = portal.stranger()
  const other = await elsewhere.newPage()
  await forget(page, person)
  await forget(other, stranger)

  expect(await words(other, stranger)).toBe(await words(page, person))
  await page.getByRole('button', { name: /send another/i }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await portal.letter(person, 3)
  expect(await portal.letters(stranger)).toEqual([])
})

test('the password is changed from inside, and other devices with it', async ({ page, portal, person, elsewhere, look }) => {
  const other = await elsewhere.newPage()
  await signedIn(other, person)
  await signedIn(page, person)
  await page.getByRole('link', { name: 'Security', exact: true }).click()
  await expect(page.getByLabel('Sign out my other devices')).toBeChecked()
  await look(page)
  const change = async (current: string, next: string) => {
    await page.getByLabel('Current password', { exact: true }).fill(current)
    await page.getByLabel('New password', { exact: true }).fill(next)
    await page.getByLabel('Confirm new password', { exact: true }).fill(next)
    await page.getByRole('button', { name: 'Change password', exact: true }).click()
  }

  await change('wrong-battery-91-saddle', chosen)
  await expect(page.getByRole('alert')).toContainText(/not your current password/i)
  await look(page)
  await change(person.password, chosen)

  await expect(page.getByRole('status')).toContainText(/new password/i)
  await look(page)
  await other.goto('/account')
  await expect(other).toHaveURL(/\/login/)
  const letter = await portal.letter(person, 2)
  expect(letter.subject).toBe('You have a new password')
  expect(letter.text).not.toContain('token=')
})

test('other devices stay where the box is not ticked', async ({ page, person, elsewhere }) => {
  const other = await elsewhere.newPage()
  await signedIn(other, person)
  await signedIn(page, person)
  await page.goto('/account/security')
  await page.getByLabel('Sign out my other devices').uncheck()
  await page.getByLabel('Current password', { exact: true }).fill(person.password)
  await page.getByLabel('New password', { exact: true }).fill(chosen)
  await page.getByLabel('Confirm new password', { exact: true }).fill(chosen)
  await page.getByRole('button', { name: 'Change password', exact: true }).click()
  await expect(page.getByRole('status')).toBeVisible()

  await other.goto('/account')
  await expect(other).toHaveURL(/\/account$/)
})

test('an operator starts a reset without seeing anything of it', async ({ page, portal, person }) => {
  const said = await portal.command('admin', 'reset-password', '--email', person.email)
  expect(said).not.toContain('token')

  const letter = await portal.letter(person, 2)
  expect(letter.text).not.toContain('Your code')
  await page.goto(linkIn(letter))
  await choose(page, chosen)
  await expect(page).toHaveURL(/\/login/)
})
