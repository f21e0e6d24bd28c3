import { claimsOf } from '../support/portal.ts'
import { accessToken, expect, test } from '../support/story.ts'

test('the set-up link makes the first admin, once', async ({ page, freshPortal, elsewhere, look }) => {
  const link = await freshPortal.setUpLink()
  const admin = freshPortal.stranger()
  expect(link).toContain(`${freshPortal.url}/setup?token=`)

  await page.goto(link)
  await look(page)
  await page.getByLabel('Email', { exact: true }).fill(admin.email)
  await page.getByLabel('Password', { exact: true }).fill(admin.password)
  await page.getByRole('button', { name: 'Create account', exact: true }).click()
  await page.waitForURL((url) => url.pathname !== '/setup')
  await look(page)
  expect(claimsOf(await accessToken(page))).toMatchObject({ email: admin.email, role: 'admin' })

  const late = await elsewhere.newPage()
  await late.goto(link)
  await look(late)
  await expect(late.getByLabel('Password', { exact: true })).toHaveCount(0)
})

test('a set-up link nobody printed opens nothing', async ({ page, freshPortal, look }) => {
  for (const query of ['', '?token=', `?token=${'A'.repeat(43)}`]) {
    await page.goto(`${freshPortal.url}/setup${query}`)
    await look(page)
    await expect(page.getByLabel('Password', { exact: true })).toHaveCount(0)
  }
})
