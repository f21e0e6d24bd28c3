import type { Page } from '@playwright/test'
import { codeIn, linkIn, newDevice, Portal } from '../support/portal.ts'
import { awake, expect, register, signIn, test, words } from '../support/story.ts'

const instead = { name: 'Email me a code instead', exact: true }

/** Asks on the sign-in page that is open. */
async function ask(page: Page, email: string): Promise<void> {
  await page.getByLabel('Email', { exact: true }).fill(email)
  await page.getByRole('button', instead).click()
  await expect(page).toHaveURL(/\/login\/code/)
}

/** The island sends a complete code by itself; without JavaScript the button does. */
async function enter(page: Page, code: string, javaScriptEnabled: boolean | undefined): Promise<void> {
  if (javaScriptEnabled !== false) await awake(page)
  await page.getByLabel('Code', { exact: true }).fill(code)
  if (javaScriptEnabled === false) await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

test('a mailed code signs in, and leads where they were going', async ({ page, portal, person, look, javaScriptEnabled }) => {
  await page.goto('/account?tab=profile')
  await expect(page).toHaveURL(/\/login\?next=/)
  await look(page)
  await ask(page, person.email)
  await look(page)
  const code = codeIn(await portal.letter(person, 2))

  await enter(page, code === '000000' ? '111111' : '000000', javaScriptEnabled)
  await expect(page.getByRole('alert')).toBeVisible()
  await look(page)
  await enter(page, code, javaScriptEnabled)

  await expect(page).toHaveURL(/\/account\?tab=profile$/)
})

test('in the browser that asked, the link takes one press', async ({ page, portal, person, look }) => {
  await page.goto('/login')
  await ask(page, person.email)
  const link = linkIn(await portal.letter(person, 2))

  await page.goto(link)
  await expect(page).toHaveURL(/\/login\/code$/)
  await look(page)
  await page.getByRole('button', { name: `Sign in as ${person.email}`, exact: true }).click()

  await expect(page).toHaveURL(/\/account$/)
})

test('elsewhere, the link asks for the code as well', async ({ page, portal, person, elsewhere, look, javaScriptEnabled }) => {
  await page.goto('/login')
  await ask(page, person.email)
  const letter = await portal.letter(person, 2)

  const other = await elsewhere.newPage()
  await other.goto(linkIn(letter))
  await expect(other.getByText(/asked for in another browser/)).toBeVisible()
  await look(other)
  await other.goto('/account')
  await expect(other).toHaveURL(/\/login/)
  await other.goto(linkIn(letter))
  await enter(other, codeIn(letter), javaScriptEnabled)
  await expect(other).toHaveURL(/\/account$/)

  await page.goto(linkIn(letter))
  await expect(page.getByRole('button', { name: /^sign in as/i })).toHaveCount(0)
})

test('an unknown address sees the same page, and gets no letter', async ({ page, portal, person, elsewhere }) => {
  const stranger = portal.stranger()
  const other = await elsewhere.newPage()
  await page.goto('/login')
  await other.goto('/login')

  await ask(page, person.email)
  await ask(other, stranger.email)

  expect(new URL(other.url()).pathname).toBe(new URL(page.url()).pathname)
  expect(await words(other, stranger)).toBe(await words(page, person))
  await portal.letter(person, 2)
  expect(await portal.letters(stranger)).toEqual([])
})

test('another code can be sent, and the first one still works', async ({ page, portal, person, javaScriptEnabled }) => {
  await page.goto('/login')
  await ask(page, person.email)
  const first = await portal.letter(person, 2)

  await page.getByRole('button', { name: 'send another', exact: true }).click()
  await expect(page.getByRole('status')).toBeVisible()
  await portal.letter(person, 3)
  await enter(page, codeIn(first), javaScriptEnabled)

  await expect(page).toHaveURL(/\/account$/)
})

test('the password is a step away, and so is another address', async ({ page, person }) => {
  await page.goto('/login?next=%2Faccount%3Ftab%3Dprofile')
  await ask(page, person.email)

  await page.getByRole('link', { name: 'Use your password instead', exact: true }).click()
  await signIn(page, person)
  await expect(page).toHaveURL(/\/account\?tab=profile$/)
})

test('the sign-in page has each label once', async ({ page }) => {
  await page.goto('/login')
  for (const label of ['Email', 'Password']) await expect(page.getByLabel(label, { exact: true })).toHaveCount(1)
  for (const name of ['Sign in', instead.name]) {
    await expect(page.getByRole('button', { name, exact: true })).toHaveCount(1)
  }
  for (const name of ['Forgot your password?', 'Create an account']) {
    await expect(page.getByRole('link', { name, exact: true })).toHaveCount(1)
  }
})

test('a letter asked for again is of the registration that asks', async ({ page, portal, elsewhere, javaScriptEnabled }) => {
  const person = portal.stranger()
  await register(page, person)
  await portal.letter(person)
  const later = await elsewhere.newPage()
  await register(later, { ...person, password: 'grey-lantern-58-harbour' })
  await portal.letter(person, 2)

  await page.goto('/verify-email')
  await page.getByRole('button', { name: /send another/i }).click()
  const letter = await portal.letter(person, 3)
  if (javaScriptEnabled !== false) await awake(page)
  await page.getByLabel('Code', { exact: true }).fill(codeIn(letter))
  if (javaScriptEnabled === false) await page.getByRole('button', { name: 'Confirm', exact: true }).click()

  await expect(page).toHaveURL(/\/account$/)
})

test('a sign-in from somewhere new is told to the owner', async ({ page, portal, person }) => {
  await page.goto('/login')
  await signIn(page, person)
  await expect(page).toHaveURL(/\/account$/)

  const subjects = () => portal.allLetters(person).then((letters) => letters.map(({ subject }) => subject))
  await expect.poll(subjects).toContain(newDevice)
})

test('switched off, the page has no such way', async ({ page }) => {
  const portal = await Portal.start({ GATEHOUSE_SIGN_IN__EMAIL_CODE: 'false' })
  await page.goto(`${portal.url}/login`)
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
  await expect(page.getByRole('button', instead)).toHaveCount(0)
  await portal.stop()
})
