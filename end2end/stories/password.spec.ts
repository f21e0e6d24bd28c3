import { linkIn } from '../support/portal.ts'
import { expect, finish, register, test } from '../support/story.ts'

const rule = /at least 12 characters/i

test('the rule for a password is there before the first key is pressed', async ({ page, portal, elsewhere, look }) => {
  await page.goto('/register')
  const password = page.getByLabel('Password', { exact: true })
  await expect(page.getByText(rule)).toBeVisible()
  await expect(password).toHaveAccessibleDescription(rule)
  await expect(password).toHaveAttribute('autocomplete', 'new-password')
  await expect(page.getByRole('meter')).toHaveCount(0)
  await look(page)

  const person = portal.stranger()
  await register(page, person)
  const other = await elsewhere.newPage()
  await other.goto(linkIn(await portal.letter(person)))
  await expect(other.getByLabel('Password', { exact: true })).toHaveAccessibleDescription(rule)
})

test('each refusal says its own reason beside the field', async ({ page, portal, look }) => {
  for (const [password, reason] of [
    ['elevenchars', 'Use at least 12 characters.'],
    ['qwertyuiop12', 'This is one of the first passwords anyone would try. Choose another.'],
    ['dragonmonkey', 'This is easy to guess. A few unrelated words make a good password.'],
  ] as const) {
    await register(page, { ...portal.stranger(), password })
    await expect(page.getByLabel('Password', { exact: true })).toHaveAccessibleDescription(`${reason} At least 12 characters. A few unrelated words work well.`)
    await expect(page.getByRole('alert').getByRole('link', { name: reason })).toBeVisible()
    await look(page)
  }
})

test('a password of words in any alphabet opens an account', async ({ page, portal }) => {
  const person = { ...portal.stranger(), password: 'жёлтые выдры поют 😀 тихо' }
  await register(page, person)
  await page.goto(linkIn(await portal.letter(person)))
  await page.getByRole('button', finish).click()
  await expect(page).toHaveURL(/\/account$/)
})
