import { codeIn } from '../support/portal.ts'
import { enterCode, expect, test } from '../support/story.ts'

test('a finger is enough', async ({ page, portal, hasTouch, javaScriptEnabled }) => {
  const press = (name: string) => {
    const button = page.getByRole('button', { name, exact: true })
    return hasTouch ? button.tap() : button.click()
  }
  const person = portal.stranger()

  await page.goto('/register')
  await page.getByLabel('Email', { exact: true }).fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await press('Create account')
  await expect(page).toHaveURL(/\/verify-email/)
  await enterCode(page, codeIn(await portal.letter(person)), javaScriptEnabled)
  await expect(page).toHaveURL(/\/account$/)

  await page.goto('/logout')
  await press('Sign out')
  await expect(page).toHaveURL(/\/login/)
  await page.goto('/login')
  await page.getByLabel('Email', { exact: true }).fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await press('Sign in')
  await expect(page).toHaveURL(/\/account$/)
})

test('the keyboard that comes up fits the field', async ({ page, portal }) => {
  await page.goto('/login')
  const email = page.getByLabel('Email', { exact: true })
  await expect(email).toHaveAttribute('type', 'email')
  await expect(email).toHaveAttribute('autocomplete', /\busername\b/)
  await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('autocomplete', 'current-password')

  await page.goto('/register')
  await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('autocomplete', 'new-password')
  await page.getByLabel('Email', { exact: true }).fill(portal.stranger().email)
  await page.getByLabel('Password', { exact: true }).fill(portal.stranger().password)
  await page.getByRole('button', { name: 'Create account', exact: true }).click()
  const code = page.getByLabel('Code', { exact: true })
  await expect(code).toHaveAttribute('inputmode', 'numeric')
  await expect(code).toHaveAttribute('autocomplete', 'one-time-code')
})
