import { expect, signedIn, test } from '../support/story.ts'

test('whoever is signed in confirms it is them, and goes on', async ({ page, person, look }) => {
  await signedIn(page, person)
  await page.goto('/step-up?next=/account')
  await expect(page.getByRole('main')).toContainText(person.email)
  await look(page)

  await page.getByLabel('Password', { exact: true }).fill('wrong-battery-91-saddle')
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await expect(page.getByRole('alert')).toBeFocused()
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue('')
  await look(page)

  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await expect(page).toHaveURL(/\/account$/)
})

test('a second tab stays signed in when the first confirms', async ({ page, person, context }) => {
  await signedIn(page, person)
  const second = await context.newPage()
  await second.goto('/account')
  await page.goto('/step-up?next=/account')
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Continue', exact: true }).click()
  await expect(page).toHaveURL(/\/account$/)

  await second.reload()

  await expect(second).toHaveURL(/\/account$/)
  await expect(second.getByRole('button', { name: 'Sign out', exact: true })).toBeVisible()
})

test('a visitor has nothing to confirm', async ({ page }) => {
  await page.goto('/step-up?next=/account')

  await expect(page).toHaveURL(/\/login\?next=/)
})
