import { expect, register, test } from '../support/story.ts'

test('the development mailbox shows what would have been sent', async ({ page, portal, look }) => {
  const person = portal.stranger()
  await register(page, person)
  const { subject } = await portal.letter(person)

  await page.goto('/dev/mailbox')
  await look(page)
  await page.getByRole('main').getByRole('link').filter({ hasText: person.email }).click()

  await expect(page.getByRole('heading', { level: 1, name: subject })).toBeVisible()
  await expect(page.getByText(/verify-email\?token=/).first()).toBeVisible()
  await look(page)
})
